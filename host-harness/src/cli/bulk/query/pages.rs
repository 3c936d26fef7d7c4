//! The pages of a query that is under way: waited for, then written one by one, how far they are stored after each.

use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use super::super::super::appended::Appended;
use super::super::super::failure::{Effect, Failure};
use super::super::super::interrupt::Step;
use super::super::super::kept::Kept;
use super::super::super::rows::Progress;
use super::super::jobs::{JobState, Jobs, Page, QueryJob, is_of, is_too_large};
use super::super::patience::{Patience, Wait};
use super::super::{why, wrong_with_job};
use super::state::State;

/// Bytes of a page that are aimed at: neither the component nor this program has more than a few pages in memory.
const PAGE: u64 = 4 << 20;
/// Records of the first page, of which nobody knows how large they are.
const FIRST: u32 = 2_000;
/// Records of a page, however small they are.
const MOST: u32 = 250_000;

/// A query that is under way.
pub(super) struct Pages<'a> {
    jobs: &'a Jobs<'a>,
    kept: &'a Kept,
    state: State,
    file: Appended,
    progress: Progress,
    silent: bool,
}

impl<'a> Pages<'a> {
    pub(super) fn new(jobs: &'a Jobs<'a>, kept: &'a Kept, state: State, file: Appended, silent: bool) -> Pages<'a> {
        let progress = Progress::new(state.rows, state.rows, silent, "run the same command to go on");
        Pages { jobs, kept, state, file, progress, silent }
    }

    /// Writes all that are left.
    ///
    /// # Errors
    /// The job, a page, or the file.
    pub(super) async fn write(&mut self, wait: Option<Wait>, most: Option<u32>) -> Result<(), Failure> {
        if self.state.is_whole {
            return Ok(());
        }
        let mut patience = Patience::new(wait);
        let job = self.complete(&mut patience).await?;
        let records = job.records_processed;
        self.progress.expect(records.unwrap_or(self.state.rows));
        let lacks = || wrong(ErrorKind::InvalidResponse, format!("the job {} is complete and has no results", job.id));
        let mut cursor = self.state.next.clone().or(job.results.clone()).ok_or_else(lacks)?;
        let mut size = most.unwrap_or(FIRST);
        loop {
            let step = Step::begin().await;
            let page = match self.jobs.page(&cursor, size).await {
                Ok(page) => page,
                Err(failure) if is_too_large(&failure) && size > 1 => {
                    size /= 2;
                    continue;
                }
                Err(failure) => {
                    drop(step);
                    patience.after(failure, self.silent).await?;
                    continue;
                }
            };
            self.put(&page, records)?;
            size = next_size(size, &page, most);
            match page.next {
                Some(next) => cursor = next,
                None => return Ok(()),
            }
        }
    }

    /// What it has come to, all of it written.
    pub(super) fn whole(mut self) -> State {
        self.progress.end();
        self.state
    }

    /// The job, when it is complete.
    async fn complete(&mut self, patience: &mut Patience) -> Result<QueryJob, Failure> {
        loop {
            let step = Step::begin().await;
            let asked = self.jobs.query(&self.state.job).await;
            drop(step);
            let job = match asked {
                Ok(job) => job,
                Err(failure) if is_of(&failure, &[ErrorKind::NotFound]) => {
                    let told = format!("Salesforce no longer has the job {}", self.state.job);
                    return Err(self.kept.wrong(&told));
                }
                Err(failure) => {
                    patience.after(failure, self.silent).await?;
                    continue;
                }
            };
            self.progress.expect(job.records_processed.unwrap_or_default().max(self.state.rows));
            let end = match job.state {
                JobState::JobComplete => return Ok(job),
                JobState::Failed => "failed",
                JobState::Aborted => "was aborted",
                _ if patience.goes_on().await => continue,
                _ => {
                    let told = format!("the job {} is not complete yet; run the same command to go on", job.id);
                    return Err(wrong(ErrorKind::Timeout, told));
                }
            };
            // Nothing comes of it: the next run makes another.
            self.kept.forget()?;
            self.progress.end();
            let told = format!("the job {} {end}{}", job.id, why(job.error_message.as_deref()));
            return Err(wrong(ErrorKind::Rejected, told));
        }
    }

    /// Writes a page, then stores that it is written.
    fn put(&mut self, page: &Page, records: Option<u64>) -> Result<(), Failure> {
        let rows = self.state.rows + page.count;
        let is_whole = page.next.is_none();
        if let Some(records) = records.filter(|records| *records != rows && (is_whole || *records < rows)) {
            let [state, _] = self.kept.files();
            let (job, state) = (&self.state.job, state.display());
            let told = format!(
                "the job {job} has {records} records, but {rows} came; without {state} and the .part file, it starts anew"
            );
            return Err(wrong(ErrorKind::InvalidResponse, told));
        }
        self.file.write(page.csv.as_bytes())?;
        (self.state.rows, self.state.bytes) = (rows, self.file.bytes());
        (self.state.next, self.state.is_whole) = (page.next.clone(), is_whole);
        self.state.store(self.kept)?;
        self.progress.set(rows);
        Ok(())
    }
}

/// How many records to ask for behind this page.
fn next_size(size: u32, page: &Page, most: Option<u32>) -> u32 {
    if page.count == 0 {
        return size;
    }
    let bytes = u64::try_from(page.csv.len()).unwrap_or(u64::MAX).max(1);
    let fit = u32::try_from(page.count.saturating_mul(PAGE) / bytes).unwrap_or(MOST);
    // A page of a few short records says little about the next.
    fit.clamp(1, size.saturating_mul(8)).min(most.unwrap_or(MOST))
}

fn wrong(kind: ErrorKind, message: String) -> Failure {
    wrong_with_job(kind, Outcome::Unknown, Effect::Read, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_grow_and_shrink_with_their_records() {
        let page = |bytes: usize, count| Page { csv: "x".repeat(bytes), count, next: None };
        assert_eq!(next_size(2_000, &page(200_000, 2_000), None), 16_000);
        assert_eq!(next_size(16_000, &page(8 << 20, 16_000), None), 8_000);
        assert_eq!(next_size(100_000, &page(100, 100_000), None), MOST);
        assert_eq!(next_size(500, &page(1_000, 500), Some(500)), 500);
        assert_eq!(next_size(1, &page(8 << 20, 1), None), 1);
        assert_eq!(next_size(700, &page(0, 0), None), 700);
    }
}
