//! Whether the rows of a job come whole.

use super::job::{IngestResult, Job};
use super::page::Page;

/// Pages without a row, one after the other: Salesforce may find nothing in a part of a large object, and somebody may make them up.
const MOST_EMPTY: u32 = 1_000;

/// The rows of a query, held against the number of records that its job tells.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    records: u64,
    rows: u64,
    empty: u32,
}

/// Rows that are not those of their job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Nobody could say whether all rows came.
    #[error("it does not say how many records it has")]
    Untold,
    /// More rows came, or fewer.
    #[error("it has {records} records, but {rows} came")]
    Count {
        /// What the job tells.
        records: u64,
        /// What came.
        rows: u64,
    },
    /// There is no end of pages that have nothing.
    #[error("page after page came without a row")]
    Endless,
}

impl Expected {
    /// Of a job that is complete, and of which so many rows came before.
    ///
    /// # Errors
    /// [`Mismatch`]: it does not tell the number, or more came already.
    pub fn of(job: &Job, rows: u64) -> Result<Expected, Mismatch> {
        let records = job.records_processed.ok_or(Mismatch::Untold)?;
        let expected = Expected { records, rows, empty: 0 };
        if rows > records { Err(expected.mismatch()) } else { Ok(expected) }
    }

    /// Takes the next page.
    ///
    /// # Errors
    /// [`Mismatch`]: with it more rows came than there are, or it is the last and rows are missing.
    pub fn take(&mut self, page: &Page) -> Result<(), Mismatch> {
        self.rows = self.rows.saturating_add(page.count);
        self.empty = if page.count == 0 { self.empty + 1 } else { 0 };
        match page.next {
            None if self.rows != self.records => Err(self.mismatch()),
            Some(_) if self.rows > self.records => Err(self.mismatch()),
            Some(_) if self.empty == MOST_EMPTY => Err(Mismatch::Endless),
            _ => Ok(()),
        }
    }

    fn mismatch(self) -> Mismatch {
        Mismatch::Count { records: self.records, rows: self.rows }
    }
}

/// How many rows of a load became this, by what its job tells: of so many that were sent, so many were processed, and so many of these
/// failed.
#[must_use]
pub fn loaded(which: IngestResult, sent: u64, processed: u64, failed: u64) -> u64 {
    match which {
        IngestResult::Successful => processed.saturating_sub(failed),
        IngestResult::Failed => failed,
        IngestResult::Unprocessed => sent.saturating_sub(processed),
    }
}

#[cfg(test)]
mod tests {
    use super::super::job::JobState;
    use super::*;

    fn job(records: Option<u64>) -> Job {
        Job {
            id: "750".to_owned(),
            state: JobState::JobComplete,
            records_processed: records,
            records_failed: None,
            error_message: None,
            results: None,
        }
    }

    fn page(count: u64, is_last: bool) -> Page {
        Page { csv: String::new(), count, next: (!is_last).then(|| "next".to_owned()) }
    }

    #[test]
    fn as_many_rows_as_the_job_has_are_whole() {
        let mut expected = Expected::of(&job(Some(6)), 1).unwrap();
        for (count, is_last) in [(2, false), (0, false), (3, false), (0, true)] {
            assert_eq!(expected.take(&page(count, is_last)), Ok(()));
        }
        assert_eq!(Expected::of(&job(Some(0)), 0).unwrap().take(&page(0, true)), Ok(()));
    }

    #[test]
    fn fewer_more_or_endless_ones_are_not() {
        assert_eq!(Expected::of(&job(None), 0).unwrap_err(), Mismatch::Untold);
        assert_eq!(Expected::of(&job(Some(1)), 2).unwrap_err(), Mismatch::Count { records: 1, rows: 2 });
        for (count, is_last) in [(5, true), (7, true), (7, false), (u64::MAX, false)] {
            let mut expected = Expected::of(&job(Some(6)), 0).unwrap();
            assert_eq!(expected.take(&page(count, is_last)), Err(Mismatch::Count { records: 6, rows: count }));
        }
        let mut expected = Expected::of(&job(Some(6)), 0).unwrap();
        let mut empty = (0..2_000).map(|_| expected.take(&page(0, false)));
        assert_eq!(empty.find_map(Result::err), Some(Mismatch::Endless));
    }

    #[test]
    fn what_became_of_rows_adds_up() {
        use IngestResult::{Failed, Successful, Unprocessed};
        assert_eq!([Successful, Failed, Unprocessed].map(|which| loaded(which, 6, 5, 2)), [3, 2, 1]);
        assert_eq!([Successful, Failed, Unprocessed].map(|which| loaded(which, 6, 30, 400)), [0, 400, 0]);
    }
}
