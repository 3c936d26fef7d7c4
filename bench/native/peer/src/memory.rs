//! What the kernel says about this process's memory.

use std::path::Path;

use anyhow::{Context, Result};

/// Lets the peak begin anew. Only Linux has such a file.
pub(crate) fn forget_peak() -> Result<()> {
    let file = Path::new("/proc/self/clear_refs");
    if file.exists() {
        std::fs::write(file, "5").context("cannot let the peak of memory begin anew")?;
    }
    Ok(())
}

/// The most memory that this process has had in place since, in bytes; none where Linux does not tell it.
pub(crate) fn peak_rss() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}
