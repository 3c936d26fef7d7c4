//! What is measured. Everything that is compared is done in turns: a little of each contestant, many times over, so that
//! whatever else the machine does meets them all.

pub(crate) mod bulk;
pub(crate) mod calls;
pub(crate) mod https;
pub(crate) mod in_flight;
pub(crate) mod pages;
pub(crate) mod start;
mod turns;

use std::time::Duration;

use anyhow::Result;

use crate::results::Outcome;

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Time for one contestant at one work.
    pub(crate) budget: Duration,
    /// Turns of each contestant at one work.
    pub(crate) rounds: usize,
    /// Rows of a file in bulk.
    pub(crate) rows: u32,
}

/// The kinds of work, in the order of a whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Compiling, loading, instantiating.
    Start,
    /// Creating and reading a record, and a page of 2,000.
    Calls,
    /// 100,000 records over 50 pages.
    Pages,
    /// Up to 5,000 executions at once.
    InFlight,
    /// HTTPS, with connections kept and not kept.
    Https,
    /// A million rows out of the mock and into it, with the Bulk API.
    Bulk,
}

impl Effort {
    /// Proves that everything works.
    pub(crate) const QUICK: Self = Self { budget: Duration::from_millis(500), rounds: 5, rows: 2_000 };
    /// Gives figures that can be relied on.
    pub(crate) const FULL: Self = Self { budget: Duration::from_secs(8), rounds: 40, rows: 1_000_000 };
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [Self::Start, Self::Calls, Self::Pages, Self::InFlight, Self::Https, Self::Bulk];

    /// Does the work.
    pub(crate) fn run(self, effort: Effort) -> Result<Outcome> {
        match self {
            Self::Start => start::run(effort),
            Self::Calls => calls::run(effort),
            Self::Pages => pages::run(effort),
            Self::InFlight => in_flight::compare(effort),
            Self::Https => https::run(effort),
            Self::Bulk => bulk::run(effort),
        }
    }
}
