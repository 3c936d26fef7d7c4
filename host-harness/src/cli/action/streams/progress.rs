//! How many bytes have passed, for people.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of so many bytes, if that is known. It draws on standard error, and only on a terminal.
pub(super) fn bytes(total: Option<u64>) -> ProgressBar {
    let (progress, template) = match total {
        Some(total) => (ProgressBar::new(total), "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left"),
        None => (ProgressBar::no_length(), "{spinner} {bytes} so far, {bytes_per_sec}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => progress.with_style(style).with_finish(indicatif::ProgressFinish::AndClear),
        Err(_) => progress,
    }
}
