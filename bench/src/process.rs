//! What the kernel says about this process and its children.

use std::fs;
use std::ops::{AddAssign, Sub};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::param::clock_ticks_per_second;

use crate::measurement::{Measurement, Unit};

/// Processor time, outside of the kernel and inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProcessorTime {
    pub(crate) user: Duration,
    pub(crate) system: Duration,
}

impl ProcessorTime {
    /// Of a process so far, with its children that have ended. The kernel counts it in ticks, most often of 10 ms.
    pub(crate) fn of(process: u32) -> Result<Self> {
        let stat =
            fs::read_to_string(format!("/proc/{process}/stat")).context("processor time is told by Linux only")?;
        Self::parse(&stat).context("expected proc(5)'s stat, with times in ticks")
    }

    fn parse(stat: &str) -> Option<Self> {
        // The second field is the program's name, which may have blanks and parentheses in it; the third comes behind it.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut times = fields.split_whitespace().skip(11).map(|ticks| ticks.parse::<u64>().ok());
        let mut next = || times.next()?;
        let (user, system) = (next()?, next()?);
        let (user, system) = (user + next()?, system + next()?);
        let second = clock_ticks_per_second();
        let time = |ticks: u64| Duration::from_nanos(ticks * 1_000_000_000 / second);
        Some(Self { user: time(user), system: time(system) })
    }

    /// Of one of so many operations.
    pub(crate) fn measurements(self, work: &str, peer: &str, operations: usize) -> Vec<Measurement> {
        let of = |quantity, time: Duration| {
            let one = time.as_nanos() as f64 / operations as f64;
            Measurement::of(work, peer, quantity, Unit::Nanoseconds, vec![one]).filter(|_| operations > 0)
        };
        [of("user", self.user), of("system", self.system)].into_iter().flatten().collect()
    }
}

impl AddAssign for ProcessorTime {
    fn add_assign(&mut self, other: Self) {
        self.user += other.user;
        self.system += other.system;
    }
}

impl Sub for ProcessorTime {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        let Self { user, system } = self;
        Self { user: user.saturating_sub(other.user), system: system.saturating_sub(other.system) }
    }
}

/// Processor time of all threads so far, in nanoseconds, in the kernel and outside.
pub(crate) fn processor_time() -> Result<u64> {
    let mut sum = 0;
    for thread in fs::read_dir("/proc/self/task").context("processor time is told by Linux only")? {
        // A thread may end meanwhile.
        let Ok(line) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        sum += line.split(' ').next().and_then(|time| time.parse::<u64>().ok()).context("schedstat has no number")?;
    }
    Ok(sum)
}

/// The most memory that this process has had in place so far, in bytes.
pub(crate) fn peak_rss() -> Result<u64> {
    status("self", "VmHWM:")
}

/// As [`peak_rss`], of another process, as long as it runs.
pub(crate) fn peak_rss_of(process: u32) -> Result<u64> {
    status(&process.to_string(), "VmHWM:")
}

/// Memory that this process has in place, in bytes.
pub(crate) fn rss() -> Result<u64> {
    status("self", "VmRSS:")
}

fn status(process: &str, field: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("memory is told by Linux only")?;
    let value = status.lines().find_map(|line| line.strip_prefix(field)?.trim().strip_suffix(" kB"));
    let kilobytes: u64 = value.with_context(|| format!("/proc/{process}/status has no {field} in kB"))?.parse()?;
    Ok(kilobytes << 10)
}

/// Begins the peak anew, with what is in place now.
pub(crate) fn forget_peak() -> Result<()> {
    // proc(5): 5 resets the peak resident set size.
    fs::write("/proc/self/clear_refs", "5").context("cannot begin the peak of memory anew")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_grows_with_work() {
        let before = processor_time().unwrap();
        assert!((0..1_000_000).any(|_| processor_time().unwrap() > before));
    }

    #[test]
    fn processor_time_of_a_process_has_that_of_its_children_that_ended() {
        let fields = "7 (odd) name)) S 1 7 7 0 -1 4194304 100 200 0 0 11 22 300 4000 20 0 1 0 99";
        let second = clock_ticks_per_second() as f64;
        let ProcessorTime { user, system } = ProcessorTime::parse(fields).unwrap();
        assert!((user.as_secs_f64() - 311.0 / second).abs() < 1e-6, "{user:?}");
        assert!((system.as_secs_f64() - 4022.0 / second).abs() < 1e-6, "{system:?}");
        assert_eq!(ProcessorTime::parse("7 (name) S 1 7"), None);
        assert!(ProcessorTime::of(std::process::id()).is_ok());
        assert!(ProcessorTime::of(u32::MAX).is_err());
    }

    #[test]
    fn processor_time_is_told_of_one_operation() {
        let time = ProcessorTime { user: Duration::from_micros(600), system: Duration::from_micros(90) };
        let told = time.measurements("create", "ours", 3);
        let told: Vec<_> = told.iter().map(|found| (found.quantity.as_str(), found.median)).collect();
        assert_eq!(told, [("user", 200e3), ("system", 30e3)]);
        assert!(time.measurements("create", "ours", 0).is_empty());
    }

    #[test]
    fn the_peak_of_memory_grows_with_what_is_used_and_can_be_forgotten() {
        let before = peak_rss().unwrap();
        let more = std::hint::black_box(vec![1u8; usize::try_from(before).unwrap() + (64 << 20)]);
        let grown = peak_rss().unwrap();
        assert!(grown > before);
        drop(more);
        forget_peak().unwrap();
        assert!(peak_rss().unwrap() < grown);
    }
}
