//! The same calls over HTTPS, on connections that are kept and on a new one for each: there, only TLS sessions are resumed.

use anyhow::Result;

use super::{Effort, calls};
use crate::org::{self, Org};
use crate::peers::{Setting, Work, describe};
use crate::results::Outcome;

pub(super) fn run(effort: Effort) -> Result<Outcome> {
    let mut org = Org::start(org::Options { tls: true, ..org::Options::default() })?;
    let mut peers = Setting::Tls.start(org.address())?;
    let contestants = peers.iter_mut().map(describe).collect::<Result<_>>()?;
    let mut measurements = Vec::new();
    for (work, name) in [(Work::Create, "create-tls"), (Work::Page, "page-tls")] {
        measurements.extend(calls::compare(&mut org, &mut peers, work, name, effort)?);
    }
    // The guest's memory is that of the page without TLS.
    measurements.retain(|measurement| measurement.work != Work::Page.name());
    Ok(Outcome { contestants, measurements })
}
