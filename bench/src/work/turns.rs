//! Contestants in turns.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::Effort;
use crate::measurement::{Measurement, Unit};
use crate::org::Org;
use crate::peers::{Answer, Peer, Request};

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
    elapsed: Duration,
    /// Processor time of the organisation meanwhile.
    org: Duration,
}

/// Warms every part up, then does all of them in turns until each has had its rounds or used up its time.
pub(super) fn take(org: &mut Org, peers: &mut [Peer], parts: &[Part], effort: Effort) -> Result<Vec<Samples>> {
    let mut counts = Vec::new();
    for part in parts {
        counts.push(warm_up(peers, part, effort)?);
    }
    let mut all: Vec<_> = parts.iter().map(|_| Samples::default()).collect();
    for round in 0..effort.rounds {
        for turn in 0..parts.len() {
            let index = (round + turn) % parts.len();
            let (Some(part), Some(count), Some(samples)) = (parts.get(index), counts.get(index), all.get_mut(index))
            else {
                continue;
            };
            if samples.elapsed > effort.budget {
                continue;
            }
            samples.take(org, peers, part, *count)?;
        }
    }
    Ok(all)
}

/// Runs a part for a while, and tells how many operations fit in one of its turns.
fn warm_up(peers: &mut [Peer], part: &Part, effort: Effort) -> Result<usize> {
    let turn = effort.budget / u32::try_from(effort.rounds)?;
    let end = Instant::now() + effort.budget / 10;
    let mut count = 1;
    loop {
        let begin = Instant::now();
        ask(peers, part, count)?;
        count = fitting(turn, begin.elapsed().as_secs_f64() / count as f64);
        if Instant::now() >= end {
            return Ok(count);
        }
    }
}

/// How many operations of so many seconds fit in a turn; no turn is without one.
fn fitting(turn: Duration, one: f64) -> usize {
    ((turn.as_secs_f64() / one) as usize).clamp(1, MOST_AT_ONCE)
}

fn ask(peers: &mut [Peer], part: &Part, count: usize) -> Result<Answer> {
    let peer = peers.get_mut(part.peer).ok_or_else(|| anyhow::anyhow!("there is no contestant {}", part.peer))?;
    peer.run(&Request { count, ..part.request.clone() })
}

impl Samples {
    fn take(&mut self, org: &mut Org, peers: &mut [Peer], part: &Part, count: usize) -> Result<()> {
        let (begin, before) = (Instant::now(), org.usage()?);
        let answer = ask(peers, part, count)?;
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
