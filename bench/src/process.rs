//! What the kernel says about this process.

use std::fs;

use anyhow::{Context, Result};

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
    status("VmHWM:")
}

/// Memory that this process has in place, in bytes.
pub(crate) fn rss() -> Result<u64> {
    status("VmRSS:")
}

fn status(field: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("memory is told by Linux only")?;
    let value = status.lines().find_map(|line| line.strip_prefix(field)?.trim().strip_suffix(" kB"));
    let kilobytes: u64 = value.with_context(|| format!("/proc/self/status has no {field} in kB"))?.parse()?;
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
