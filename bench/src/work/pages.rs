//! 100,000 records over 50 pages: the time, and whether memory stays flat.
//!
//! Each round is a process of its own, so that the peak of its memory is that of this work.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::Effort;
use crate::measurement::{Measurement, Unit};
use crate::org::{self, Org};
use crate::peers::{Answer, Peer, Request, Setting, Work, describe};
use crate::process::ProcessorTime;
use crate::results::Outcome;

const ROUNDS: usize = 5;
const PAGES: u32 = org::PAGES as u32;
/// Pages before each round: enough for a compiler at run time to have done its work.
const WARM_UP: usize = 5;
/// Who needs longer for one round is left out: 50 pages tell nothing then that one does not.
const LONGEST: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Samples {
    peer: String,
    answers: Vec<Answer>,
    /// Seconds of all rounds, and of them those that the organisation was on a processor.
    elapsed: f64,
    org: f64,
    own: ProcessorTime,
    is_out: bool,
}

pub(super) fn run(effort: Effort) -> Result<Outcome> {
    let mut org = Org::start(org::Options::default())?;
    let mut contestants = Vec::new();
    let mut all: Vec<Samples> = Vec::new();
    let work = Work::Pages.name();
    for round in 0..ROUNDS.min(effort.rounds) {
        let mut peers = Setting::Pages.start(org.address())?;
        eprintln!("{work}: round {}", round + 1);
        if round == 0 {
            contestants = peers.iter_mut().map(describe).collect::<Result<_>>()?;
            let name = |peer: &Peer| peer.name().to_owned();
            all = peers.iter().map(name).map(|peer| Samples { peer, ..Samples::default() }).collect();
        }
        let turns = peers.len().max(1);
        for turn in 0..turns {
            let index = (round + turn) % turns;
            let (Some(peer), Some(samples)) = (peers.get_mut(index), all.get_mut(index)) else { continue };
            if samples.is_out || samples.elapsed > effort.budget.as_secs_f64() {
                continue;
            }
            let first = peer.run(&Request::of(Work::Page, 1))?;
            let whole = first.nanoseconds.iter().map(|time| Duration::from_nanos(*time)).sum::<Duration>() * PAGES;
            if whole > LONGEST {
                eprintln!("{} is left out: it would take {} s", samples.peer, whole.as_secs());
                samples.is_out = true;
                continue;
            }
            peer.run(&Request::of(Work::Page, WARM_UP))?;
            let (begin, before, own) = (Instant::now(), org.usage()?, peer.usage()?);
            samples.answers.push(peer.run(&Request::of(Work::Pages, 1))?);
            samples.own += peer.usage()? - own;
            samples.elapsed += begin.elapsed().as_secs_f64();
            samples.org += org.usage()?.saturating_sub(before).as_secs_f64();
        }
    }
    Ok(Outcome { contestants, measurements: all.iter().flat_map(Samples::measurements).collect() })
}

impl Samples {
    fn measurements(&self) -> Vec<Measurement> {
        let of = |quantity, unit, samples| Measurement::of(Work::Pages.name(), &self.peer, quantity, unit, samples);
        let times = self.answers.iter().flat_map(|answer| &answer.nanoseconds).map(|time| *time as f64);
        let time = of("time", Unit::Nanoseconds, times.collect());
        let time = time.map(|time| Measurement { org_share: Some(self.org / self.elapsed), ..time });
        let rss = self.answers.iter().filter_map(|answer| answer.peak_rss).map(|bytes| bytes as f64);
        let rss = of("host-rss", Unit::Bytes, rss.collect());
        let pages = (0..org::PAGES).filter_map(|page| {
            let memory = self.answers.iter().filter_map(|answer| answer.guest_memory.get(page));
            let memory = of("guest-memory", Unit::Bytes, memory.map(|bytes| *bytes as f64).collect())?;
            Some(Measurement { parameter: Some((page + 1) as f64), ..memory })
        });
        let own = self.own.measurements(Work::Pages.name(), &self.peer, self.answers.len());
        time.into_iter().chain(own).chain(rss).chain(pages).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_page_by_page() {
        let answer =
            |memory| Answer { nanoseconds: vec![9], peak_rss: Some(7), guest_memory: memory, ..Answer::default() };
        let answers = vec![answer(vec![1, 10]), answer(vec![3, 30]), answer(vec![2, 20])];
        let own = ProcessorTime { user: Duration::from_nanos(15), system: Duration::from_nanos(6) };
        let samples = Samples { peer: "ours".to_owned(), answers, elapsed: 2.0, org: 1.0, own, is_out: false };
        let found: Vec<_> = samples
            .measurements()
            .into_iter()
            .map(|found| (found.quantity, found.parameter, found.median, found.org_share))
            .collect();
        let expected = [
            ("time", None, 9.0, Some(0.5)),
            ("user", None, 5.0, None),
            ("system", None, 2.0, None),
            ("host-rss", None, 7.0, None),
            ("guest-memory", Some(1.0), 2.0, None),
            ("guest-memory", Some(2.0), 20.0, None),
        ];
        assert_eq!(found, expected.map(|(quantity, page, median, org)| (quantity.to_owned(), page, median, org)));
    }
}
