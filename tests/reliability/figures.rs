//! Medians, percentiles and how they are printed.

use std::time::Duration;

/// The smallest value that at least this share of all values does not exceed.
pub(crate) fn percentile(values: &[Duration], share: f64) -> Duration {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

pub(crate) fn median(values: &[Duration]) -> Duration {
    percentile(values, 0.5)
}

pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// One line of a report.
pub(crate) fn print(name: &str, value: impl std::fmt::Display) {
    println!("  {name:<62} {value:>14}");
}
