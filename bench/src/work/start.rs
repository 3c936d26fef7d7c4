//! What a component costs before its first call: compiling, loading compiled code, instantiating.

use std::thread::available_parallelism;

use anyhow::Result;

use super::Effort;
use super::turns::{self, Part};
use crate::measurement::{Measurement, Unit};
use crate::org::{self, Org};
use crate::peers::{Request, Setting, Work, describe};
use crate::results::Outcome;

pub(super) fn run(effort: Effort) -> Result<Outcome> {
    // Nothing is sent there; a contestant has to be told of one.
    let mut org = Org::start(org::Options::default())?;
    let mut peers = Setting::Components.start(org.address())?;
    let contestants = peers.iter_mut().map(describe).collect::<Result<_>>()?;
    let all_threads = available_parallelism()?.get() as f64;
    let mut measurements = Vec::new();
    for (work, threads, parameter) in [
        (Work::Compile, None, Some(all_threads)),
        (Work::Compile, Some(1), Some(1.0)),
        (Work::Load, None, None),
        (Work::Instantiate, None, None),
    ] {
        eprintln!("{}", work.name());
        let part = |peer| Part { peer, request: Request { threads, ..Request::of(work, 0) }, parameter };
        let parts: Vec<_> = (0..peers.len()).map(part).collect();
        let all = turns::take(&mut org, &mut peers, &parts, effort)?;
        for ((peer, part), samples) in peers.iter().zip(&parts).zip(&all) {
            measurements.extend(samples.time(work.name(), peer.name(), part));
            if let Some(size) = samples.size.filter(|_| threads.is_none()) {
                let size = Measurement::of(work.name(), peer.name(), "size", Unit::Bytes, vec![size as f64]);
                measurements.extend(size);
            }
        }
    }
    Ok(Outcome { contestants, measurements })
}
