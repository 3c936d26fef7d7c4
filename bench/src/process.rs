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
    let value =
        status.lines().find_map(|line| line.strip_prefix(field)?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(value.with_context(|| format!("/proc/self/status has no {field}"))? << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_grows_with_work() {
        let before = processor_time().unwrap();
        let mut number = 0u64;
        while processor_time().unwrap() == before {
            number = std::hint::black_box(number.wrapping_mul(31).wrapping_add(7));
        }
    }

    #[test]
    fn the_peak_of_memory_is_never_below_what_is_in_place() {
        let used = rss().unwrap();
        assert!(used > 0 && peak_rss().unwrap() >= used);
    }
}
