//! Contestants in turns.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::Effort;
use crate::measurement::{Measurement, Unit};
use crate::org::Org;
use crate::peers::{Answer, Peer, Request};
use crate::process::ProcessorTime;

/// Operations that are asked for at once, at most: a turn's answer is one line.
const MOST_AT_ONCE: usize = 2_000;

/// One contestant's part in a work.
#[derive(Debug)]
pub(super) struct Part {
    /// Which of the contestants.
    pub(super) peer: usize,
    /// What it is asked for; the count is set here.
    pub(super) request: Request,
    /// As in the results.
    pub(super) parameter: Option<f64>,
}

/// What came of a [`Part`].
#[derive(Debug, Default)]
pub(super) struct Samples {
    pub(super) nanoseconds: Vec<f64>,
    pub(super) guest_memory: Vec<f64>,
    pub(super) size: Option<u64>,
    /// Operations in one turn.
    at_once: usize,
    elapsed: Duration,
    /// Processor time of the organisation meanwhile.
    org: Duration,
    /// That of the contestant.
    own: ProcessorTime,
}

/// Warms every part up, then does all of them in turns until each has had its rounds or used up its time.
pub(super) fn take(org: &mut Org, peers: &mut [Peer], parts: &[Part], effort: Effort) -> Result<Vec<Samples>> {
    let mut all = Vec::new();
    for part in parts {
        all.push(Samples::warmed_up(org, peers, part, effort)?);
    }
    for round in 0..effort.rounds {
        for turn in 0..parts.len() {
            let index = (round + turn) % parts.len();
            let (Some(part), Some(samples)) = (parts.get(index), all.get_mut(index)) else { continue };
            if samples.elapsed <= effort.budget {
                samples.take(org, peers, part)?;
            }
        }
    }
    Ok(all)
}

/// How many operations of so many seconds fit in a turn; no turn is without one.
fn fitting(turn: Duration, one: f64) -> usize {
    ((turn.as_secs_f64() / one) as usize).clamp(1, MOST_AT_ONCE)
}

impl Samples {
    /// Runs a part for a while, and learns how many operations fit in one of its turns. What takes longer than all of its
    /// time is not warmed up: then the first operation is the only sample.
    fn warmed_up(org: &mut Org, peers: &mut [Peer], part: &Part, effort: Effort) -> Result<Self> {
        let turn = effort.budget / u32::try_from(effort.rounds)?;
        let end = Instant::now() + effort.budget / 10;
        let mut samples = Self { at_once: 1, ..Self::default() };
        loop {
            samples.take(org, peers, part)?;
            if samples.elapsed > effort.budget {
                return Ok(samples);
            }
            let at_once = fitting(turn, samples.elapsed.as_secs_f64() / samples.at_once as f64);
            samples = Self { at_once, ..Self::default() };
            if Instant::now() >= end {
                return Ok(samples);
            }
        }
    }

    fn take(&mut self, org: &mut Org, peers: &mut [Peer], part: &Part) -> Result<()> {
        let peer = peers.get_mut(part.peer).with_context(|| format!("there is no contestant {}", part.peer))?;
        let (begin, before, own) = (Instant::now(), org.usage()?, peer.usage()?);
        let answer = peer.run(&Request { count: self.at_once, ..part.request.clone() })?;
        self.own += peer.usage()? - own;
        self.org += org.usage()?.saturating_sub(before);
        self.elapsed += begin.elapsed();
        self.add(answer);
        Ok(())
    }

    fn add(&mut self, answer: Answer) {
        self.nanoseconds.extend(answer.nanoseconds.into_iter().map(|time| time as f64));
        self.guest_memory.extend(answer.guest_memory.into_iter().map(|bytes| bytes as f64));
        self.size = answer.size.or(self.size);
    }

    /// The part of the time that the organisation was on a processor.
    pub(super) fn org_share(&self) -> f64 {
        self.org.as_secs_f64() / self.elapsed.as_secs_f64()
    }

    /// Processor time of an operation.
    pub(super) fn processor(&self, work: &str, peer: &str) -> Vec<Measurement> {
        self.own.measurements(work, peer, self.nanoseconds.len())
    }

    /// The time of an operation.
    pub(super) fn time(&self, work: &str, peer: &str, part: &Part) -> Option<Measurement> {
        let time = Measurement::of(work, peer, "time", Unit::Nanoseconds, self.nanoseconds.clone())?;
        let org_share = part.request.work.is_remote().then(|| self.org_share());
        Some(Measurement { parameter: part.parameter, org_share, ..time })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::Work;

    #[test]
    fn a_turn_has_as_many_operations_as_fit_and_at_least_one() {
        assert_eq!(fitting(Duration::from_millis(100), 1e-3), 100);
        assert_eq!(fitting(Duration::from_millis(100), 7.0), 1);
        assert_eq!(fitting(Duration::from_secs(1), 1e-9), MOST_AT_ONCE);
    }

    #[test]
    fn samples_of_all_turns_are_pooled() {
        let mut samples = Samples::default();
        samples.add(Answer { nanoseconds: vec![3, 1], guest_memory: vec![7], size: Some(9), ..Answer::default() });
        samples.add(Answer { nanoseconds: vec![2], ..Answer::default() });
        let part = Part { peer: 0, request: Request::of(Work::Load, 0), parameter: Some(2.0) };
        let time = samples.time("load", "ours", &part).unwrap();
        assert_eq!((time.samples, time.low, time.median, time.high), (3, 1.0, 2.0, 3.0));
        assert_eq!((time.parameter, time.org_share, samples.size), (Some(2.0), None, Some(9)));
    }
}
