//! Rows in bulk: out of the mock into a file, and out of a file into the mock, by the Bulk API 2.0.
//!
//! A contestant is a process that does this and nothing else, so its time has its start in it, and the pauses between its
//! questions whether the job is over, as it ships. The mock is a process too, a new one for each run.
//!
//! ```text
//! run ── clients: whose processes ──┬── watched: a process from its start to its end
//!  │                                └── mock
//!  └──── rows: the files
//! ```

mod clients;
mod mock;
mod rows;
mod watched;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::Effort;
use crate::measurement::{Measurement, Unit};
use crate::process::ProcessorTime;
use crate::results::Outcome;
use clients::{CLIENTS, Client};
use mock::Mock;
use watched::Watched;

/// Runs of each contestant in each direction.
const ROUNDS: usize = 3;

/// The object of all rows.
const OBJECT: &str = "Lead";

/// Which way the rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Out of the org into a file.
    Query,
    /// Out of a file into the org.
    Load,
}

pub(super) fn run(effort: Effort) -> Result<Outcome> {
    let rounds = if effort.rows < Effort::FULL.rows { 1 } else { ROUNDS };
    let mut measurements = Vec::new();
    for direction in [Direction::Query, Direction::Load] {
        let mut all = Vec::new();
        for client in CLIENTS {
            match client.is_there() {
                true => all.push((client, Samples::default())),
                false => eprintln!("{} is left out of {}: it is not there", client.name(), direction.name()),
            }
        }
        for round in 0..rounds {
            eprintln!("{}: round {}", direction.name(), round + 1);
            for turn in 0..all.len() {
                let index = (round + turn) % all.len();
                let Some((client, samples)) = all.get_mut(index) else { continue };
                let run = once(*client, direction, effort.rows);
                samples.add(run.with_context(|| format!("{} failed at {}", client.name(), direction.name()))?);
            }
        }
        measurements
            .extend(all.iter().flat_map(|(client, samples)| samples.measurements(direction, *client, effort.rows)));
    }
    Ok(Outcome { contestants: Vec::new(), measurements })
}

/// One contestant, one direction, one mock.
fn once(client: Client, direction: Direction, rows: u32) -> Result<(Watched, ProcessorTime)> {
    let folder = TempDir::new().context("cannot make a folder for files")?;
    let mock = Mock::start(folder.path(), (direction == Direction::Query).then_some(rows))?;
    let file = folder.path().join("rows.csv");
    if direction == Direction::Load {
        rows::write(&file, rows)?;
    }
    let before = mock.usage()?;
    let watched = watched::run(client.command(direction, &mock, &file)?)?;
    let org = mock.usage()? - before;
    let there = match direction {
        Direction::Query => rows::count(folder.path())?,
        Direction::Load => mock.count()?,
    };
    ensure!(there == u64::from(rows), "expected {rows} rows, there are {there}");
    Ok((watched, org))
}

impl Direction {
    /// As in the results.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Query => "bulk-query",
            Self::Load => "bulk-load",
        }
    }
}

/// All runs of a contestant in one direction.
#[derive(Default)]
struct Samples {
    runs: Vec<Watched>,
    org: ProcessorTime,
}

impl Samples {
    fn add(&mut self, (run, org): (Watched, ProcessorTime)) {
        self.runs.push(run);
        self.org += org;
    }

    fn measurements(&self, direction: Direction, client: Client, rows: u32) -> Vec<Measurement> {
        let (work, peer) = (direction.name(), client.name());
        let of = |quantity, unit, value: fn(&Watched) -> f64| {
            Measurement::of(work, peer, quantity, unit, self.runs.iter().map(value).collect())
        };
        let time = of("time", Unit::Nanoseconds, |run| run.elapsed.as_nanos() as f64).map(|time| {
            let elapsed: f64 = self.runs.iter().map(|run| run.elapsed.as_secs_f64()).sum();
            let org = (self.org.user + self.org.system).as_secs_f64();
            Measurement { org_share: Some(org / elapsed), ..time }
        });
        let rss = of("host-rss", Unit::Bytes, |run| run.peak_rss as f64);
        let own = self.runs.iter().fold(ProcessorTime::default(), |mut sum, run| {
            sum += run.processor;
            sum
        });
        let own = own.measurements(work, peer, self.runs.len());
        let all = time.into_iter().chain(own).chain(rss);
        all.map(|one| Measurement { parameter: Some(f64::from(rows)), ..one }).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn all_runs_of_a_contestant_are_told_with_their_rows() {
        let milliseconds =
            |user, system| ProcessorTime { user: Duration::from_millis(user), system: Duration::from_millis(system) };
        let mut samples = Samples::default();
        for (elapsed, peak_rss) in [(30, 7), (10, 9), (20, 8)] {
            let run = Watched { elapsed: Duration::from_millis(elapsed), processor: milliseconds(4, 2), peak_rss };
            samples.add((run, milliseconds(5, 15)));
        }
        let found = samples.measurements(Direction::Load, Client::Jsforce, 50);
        let told: Vec<_> = found.iter().map(|one| (one.quantity.as_str(), one.median, one.org_share)).collect();
        let expected = [("time", 20e6, Some(1.0)), ("user", 4e6, None), ("system", 2e6, None), ("host-rss", 8.0, None)];
        assert_eq!(told, expected);
        assert!(
            found.iter().all(|one| one.work == "bulk-load" && one.peer == "jsforce" && one.parameter == Some(50.0))
        );
    }
}
