//! Bulk executions: a query or a load of many records, as jobs that Salesforce runs by itself.
//!
//! ```text
//! begin ──► create the job ──► recorded ──► ask how it stands, again and again ──► recorded end
//!                                 │                       │
//!                                 │                       └─ cancelled: the job is aborted
//!                                 └─ the process ends: another one takes over, by the job's id
//! ```
//!
//! Nothing large is kept here. Rows stay at Salesforce for a week, and go to whoever asks a page at a time ([`rows`]). Each
//! request to Salesforce is a call of the connector in a fresh instance, and counts for the tenant's rate and places.

mod begin;
mod follow;
mod job;
mod load;
mod query;
mod rows;
mod step;
mod store;

pub(crate) use job::{BulkJob, BulkKind};
pub(crate) use rows::Rows;

/// How often a job is made for the same query or data, the first time included.
const ATTEMPTS: u32 = 3;

/// What is known of a bulk execution's jobs.
#[derive(Clone, Debug)]
pub(crate) struct Bulk {
    pub(crate) kind: BulkKind,
    /// In the order in which they were made.
    pub(crate) jobs: Vec<BulkJob>,
}

impl Bulk {
    /// Rows that were read or saved.
    pub(crate) fn succeeded(&self) -> u64 {
        self.jobs.iter().map(|job| job.processed.saturating_sub(job.failed)).sum()
    }
}
