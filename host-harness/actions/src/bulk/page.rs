//! Pages of results, and how many rows to ask for at once: what counts is bytes, and Salesforce counts rows.

use salesforce_runtime::bindings::types::ErrorKind;
use salesforce_runtime::{ExecutionError, HostFailureKind};
use serde::Deserialize;

/// Bytes of a page that are aimed at: neither the component nor its host has more than a few pages in memory.
pub const PAGE_BYTES: usize = 4 << 20;
/// Rows of the first page, of which nobody knows how large they are.
const FIRST: u32 = 2_000;
/// Rows of a page, however small they are.
const MOST: u32 = 250_000;

/// Rows of a job that is over.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Page {
    /// CSV.
    pub csv: String,
    /// Rows, without the header.
    pub count: u64,
    /// The next page; none: this was the last, or the job loads.
    #[serde(default)]
    pub next: Option<String>,
}

/// How many rows of a query to ask for.
#[derive(Clone, Debug)]
pub struct PageSize {
    rows: u32,
    most: u32,
    bytes: usize,
}

impl PageSize {
    /// As many as make some 4 MiB, or so many bytes if that is less; at most so many rows.
    #[must_use]
    pub fn new(bytes: usize, most: Option<u32>) -> PageSize {
        PageSize { rows: most.unwrap_or(FIRST), most: most.unwrap_or(MOST), bytes: bytes.min(PAGE_BYTES) }
    }

    /// The next page's rows.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// Learns from a page how large rows are.
    pub fn learn(&mut self, page: &Page) {
        if page.count == 0 {
            return;
        }
        let (bytes, aim) = (page.csv.len().max(1) as u64, self.bytes as u64);
        let fit = u32::try_from(page.count.saturating_mul(aim) / bytes).unwrap_or(MOST);
        // A page of a few short rows says little about the next.
        self.rows = fit.clamp(1, self.rows.saturating_mul(8)).min(self.most);
    }

    /// A page was too large: half as many. False: it was a single row.
    pub fn halve(&mut self) -> bool {
        let may_be_less = self.rows > 1;
        self.rows = (self.rows / 2).max(1);
        may_be_less
    }
}

/// Whether there was more in an answer than the component or its host takes.
#[must_use]
pub fn is_too_large(error: &ExecutionError) -> bool {
    match error {
        ExecutionError::Connector(error) => error.kind == ErrorKind::ResponseTooLarge,
        ExecutionError::Host(failure) => failure.kind == HostFailureKind::ResourceExhausted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_grow_and_shrink_with_their_rows() {
        let after = |rows, most, bytes, (length, count)| {
            let mut size = PageSize { rows, ..PageSize::new(bytes, most) };
            size.learn(&Page { csv: "x".repeat(length), count, next: None });
            size.rows()
        };
        assert_eq!(after(2_000, None, PAGE_BYTES, (200_000, 2_000)), 16_000);
        assert_eq!(after(16_000, None, PAGE_BYTES, (8 << 20, 16_000)), 8_000);
        assert_eq!(after(100_000, None, PAGE_BYTES, (100, 100_000)), MOST);
        assert_eq!(after(500, Some(500), PAGE_BYTES, (1_000, 500)), 500);
        assert_eq!(after(1, None, PAGE_BYTES, (8 << 20, 1)), 1);
        assert_eq!(after(700, None, PAGE_BYTES, (0, 0)), 700);
        assert_eq!(after(2_000, None, 1 << 20, (4 << 20, 2_000)), 500);
    }

    #[test]
    fn a_single_row_cannot_be_less() {
        let mut size = PageSize::new(PAGE_BYTES, Some(3));
        assert!(size.halve() && size.rows() == 1);
        assert!(!size.halve() && size.rows() == 1);
    }
}
