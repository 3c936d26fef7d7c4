//! The pages of a query that is under way: waited for, then written one by one, how far they are stored after each.

use salesforce_actions::bulk::{Expected, Job, JobKind, JobState, Mismatch, Page, PageSize, Request};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use super::super::jobs::{Jobs, is_of, is_too_large};
use super::super::patience::{Patience, Wait};
use super::super::{why, wrong_with_job};
use super::state::State;
use super::target::Target;
use crate::cli::failure::{Effect, Failure};
use crate::cli::interrupt::Step;
use crate::cli::rows::Progress;

/// A query that is under way.
pub(super) struct Pages<'a> {
    jobs: &'a Jobs<'a>,
    target: Target,
    state: State,
    progress: Progress,
    silent: bool,
}

impl<'a> Pages<'a> {
    pub(super) fn new(jobs: &'a Jobs<'a>, target: Target, state: State, silent: bool) -> Pages<'a> {
        let progress = Progress::new(state.rows, state.rows, silent, target.rest());
        Pages { jobs, target, state, progress, silent }
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
        let mut expected = Expected::of(&job, self.state.rows).map_err(|mismatch| self.not_whole(mismatch))?;
        self.progress.expect(job.records_processed.unwrap_or_default());
        let lacks = || wrong(ErrorKind::InvalidResponse, format!("the job {} is complete and has no results", job.id));
        let mut cursor = self.state.next.clone().or(job.results.clone()).ok_or_else(lacks)?;
        let mut size = PageSize::new(usize::MAX, most);
        loop {
            let step = Step::begin().await;
            let page = match self.jobs.ask(&Request::found(&cursor, size.rows())).await {
                Ok(page) => page,
                Err(failure) if is_too_large(&failure) && size.halve() => continue,
                Err(failure) => {
                    drop(step);
                    patience.after(failure, self.silent).await?;
                    continue;
                }
            };
            expected.take(&page).map_err(|mismatch| self.not_whole(mismatch))?;
            self.put(&page)?;
            size.learn(&page);
            match page.next {
                Some(next) => cursor = next,
                None => return Ok(()),
            }
        }
    }

    /// Where all of it is written, and what it has come to.
    pub(super) fn whole(mut self) -> (Target, State) {
        self.progress.end();
        (self.target, self.state)
    }

    /// The job, when it is complete.
    async fn complete(&mut self, patience: &mut Patience) -> Result<Job, Failure> {
        loop {
            let step = Step::begin().await;
            let asked = self.jobs.ask(&Request::look(JobKind::Query, &self.state.job)).await;
            drop(step);
            let job = match asked {
                Ok(job) => job,
                Err(failure) if is_of(&failure, &[ErrorKind::NotFound]) => {
                    let told = format!("Salesforce no longer has the job {}", self.state.job);
                    return Err(self.target.wrong(&told));
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
                    let told = format!("the job {} is not complete yet; {}", job.id, self.target.rest());
                    return Err(wrong(ErrorKind::Timeout, told));
                }
            };
            // Nothing comes of it: the next run makes another.
            self.target.forget()?;
            self.progress.end();
            let told = format!("the job {} {end}{}", job.id, why(job.error_message.as_deref()));
            return Err(wrong(ErrorKind::Rejected, told));
        }
    }

    /// Writes a page, then stores that it is written.
    fn put(&mut self, page: &Page) -> Result<(), Failure> {
        let Pages { target, state, progress, .. } = self;
        progress.beside(|| target.write(&page.csv, state))?;
        state.rows += page.count;
        (state.next, state.is_whole) = (page.next.clone(), page.next.is_none());
        target.store(state)?;
        self.progress.set(self.state.rows);
        Ok(())
    }

    fn not_whole(&self, mismatch: Mismatch) -> Failure {
        let told = format!("the job {}: {mismatch}; {}", self.state.job, self.target.anew());
        wrong(ErrorKind::InvalidResponse, told)
    }
}

fn wrong(kind: ErrorKind, message: String) -> Failure {
    wrong_with_job(kind, Outcome::Unknown, Effect::Read, message)
}
