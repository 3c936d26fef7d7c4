//! How many records a page should hold.

use crate::core::error::{Error, Result};

/// 200 to 2,000 records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSize(u16);

impl BatchSize {
    /// Parses `batch-size` of `query` in `wit/soql.wit`.
    pub fn parse(records: u16) -> Result<Self> {
        Self::of(records).ok_or_else(|| Error::invalid_argument("batch-size", "200 to 2,000 records a page"))
    }

    pub(super) fn of(records: u16) -> Option<Self> {
        (200..=2_000).contains(&records).then_some(Self(records))
    }

    pub(super) fn records(self) -> u16 {
        self.0
    }

    /// `Sforce-Query-Options`; none is Salesforce's default.
    pub(super) fn headers(wish: Option<Self>) -> Vec<(&'static str, String)> {
        wish.map(|Self(records)| ("sforce-query-options", format!("batchSize={records}"))).into_iter().collect()
    }
}
