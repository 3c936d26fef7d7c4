//! A bulk load that is under way: job by job, what became of the rows of each stored before the next.

use std::collections::HashSet;

use salesforce_actions::bulk::{IngestResult, Job, JobKind, JobState, Request, new_ingest_job};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde::{Deserialize, Serialize};

use super::super::jobs::{Jobs, is_lost, is_of};
use super::super::patience::{Patience, Wait};
use super::super::{TRIES, why, wrong_with_job};
use super::join::{Join, Strange};
use super::operation::Operation;
use super::pieces::{Piece, Pieces};
use super::refusal;
use super::sent::Sent;
use crate::cli::failure::{Effect, Failure, GOES_ON};
use crate::cli::interrupt::{Step, Write};
use crate::cli::rows::{Course, unknown};

/// A job of the rows behind those that are done. Stored before each of its steps whose answer may be lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobUnderWay {
    id: String,
    /// How many rows it has.
    rows: u64,
    /// Its data are there, and it is closed or about to be. Before that it processes nothing, and a job of its own may take its
    /// place.
    is_closed: bool,
}

/// A load that is under way.
pub(super) struct Loading<'a> {
    pub(super) jobs: Jobs<'a>,
    pub(super) operation: &'a Operation,
    pub(super) sent: &'a Sent,
    pub(super) course: Course<Operation, Option<JobUnderWay>>,
    pub(super) wait: Option<Wait>,
    pub(super) silent: bool,
    /// Ids of the jobs that were made: no two have the same.
    pub(super) made: HashSet<String>,
}

impl Loading<'_> {
    /// Loads all that is left.
    ///
    /// # Errors
    /// A request, a job that Salesforce gave up, or rows that failed.
    pub(super) async fn run(mut self, pieces: &mut Pieces<'_>) -> Result<(), Failure> {
        if let Some(job) = self.course.under_way().clone() {
            let piece = pieces.again(job.rows)?;
            if job.is_closed {
                self.finish(&piece, &job.id, false).await?;
            } else {
                let step = Step::begin().await;
                self.jobs.abort(&job.id).await?;
                self.under_way(None)?;
                drop(step);
                self.load(&piece).await?;
            }
        }
        loop {
            let piece = pieces.next()?;
            if piece.rows.is_empty() {
                return self.course.end(self.operation.done());
            }
            self.load(&piece).await?;
        }
    }

    async fn load(&mut self, piece: &Piece) -> Result<(), Failure> {
        let id = self.filled(piece).await?;
        self.finish(piece, &id, true).await
    }

    /// The id of a job that has the data. One of which that is not known is aborted, and another made: an open job processes
    /// nothing.
    async fn filled(&mut self, piece: &Piece) -> Result<String, Failure> {
        let create = Request::create_ingest(&new_ingest_job(&self.operation.object, &self.operation.what));
        let mut tries = 1;
        loop {
            let _step = Step::begin().await;
            let failure = match self.jobs.ask(&create).await {
                Err(failure) => failure,
                Ok(Job { id, .. }) if !self.made.insert(id.clone()) => {
                    let told = format!("Salesforce gave the id {id} to two jobs; nothing was given to the second");
                    return Err(wrong_with_job(ErrorKind::InvalidResponse, Outcome::NotSent, Effect::Write, told));
                }
                Ok(Job { id, .. }) => {
                    let rows = piece.rows.len() as u64;
                    self.under_way(Some(JobUnderWay { id: id.clone(), rows, is_closed: false }))?;
                    match self.jobs.ask(&Request::upload(&id, &piece.csv)).await {
                        Ok(_) => {
                            self.under_way(Some(JobUnderWay { id: id.clone(), rows, is_closed: true }))?;
                            return Ok(id);
                        }
                        Err(failure) => {
                            self.jobs.abort(&id).await?;
                            self.under_way(None)?;
                            failure
                        }
                    }
                }
            };
            if !is_lost(&failure) || tries == TRIES {
                self.course.forget_if_nothing_is_done()?;
                return Err(failure);
            }
            tries += 1;
        }
    }

    /// Closes a job, waits for it, and tells what became of its rows. `is_open`: nobody has tried to close it.
    async fn finish(&mut self, piece: &Piece, id: &str, is_open: bool) -> Result<(), Failure> {
        // From the first request on that may have closed it, its rows may be written.
        let mut write = (!is_open).then(|| self.write());
        let job = match self.over(id, is_open, &mut write).await {
            Err(failure) if is_of(&failure, &[ErrorKind::NotFound]) => {
                let message = format!("Salesforce no longer has the job {id}, which this row was sent in");
                *self.course.under_way_mut() = None;
                return self.course.tell(piece.rows.iter(), &vec![unknown("not-found", &message); piece.rows.len()]);
            }
            over => over?,
        };
        let _step = Step::begin().await;
        let given_up = match job.state {
            JobState::JobComplete => None,
            JobState::Aborted => Some(format!("the job {id} was aborted{}", why(job.error_message.as_deref()))),
            _ => Some(format!("the job {id} failed{}", why(job.error_message.as_deref()))),
        };
        let entries =
            self.entries(piece, &job, given_up.as_deref()).await.map_err(|failure| self.in_doubt(failure, id))?;
        let failure = given_up.map(|told| {
            let none =
                entries.as_ref().is_none_or(|entries| entries.iter().all(|entry| refusal::is_not_written(entry)));
            let failure = wrong_with_job(ErrorKind::Rejected, Outcome::Rejected, Effect::Write, told);
            if none { failure } else { rows_written(failure) }
        });
        *self.course.under_way_mut() = None;
        match entries {
            Some(entries) => self.course.tell(piece.rows.iter(), &entries)?,
            // None of the rows was processed: the next run takes them up again.
            None => {
                self.course.store()?;
                self.course.forget_if_nothing_is_done()?;
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// The job, once it is over.
    async fn over(&mut self, id: &str, is_open: bool, write: &mut Option<Write>) -> Result<Job, Failure> {
        let mut patience = Patience::new(self.wait);
        let (mut is_open, mut tries) = (is_open, 0);
        loop {
            let step = Step::begin().await;
            let answer = if is_open {
                tries += 1;
                let closed = self.jobs.ask(&Request::close(id)).await;
                is_open = false;
                match closed {
                    // Whether it was closed, the job says.
                    Err(failure)
                        if tries < TRIES && (is_lost(&failure) || is_of(&failure, &[ErrorKind::WrongState])) =>
                    {
                        write.get_or_insert_with(|| self.write());
                        continue;
                    }
                    Err(failure) if is_lost(&failure) => return Err(self.in_doubt(failure, id)),
                    closed => closed?,
                }
            } else {
                match self.jobs.ask(&Request::look(JobKind::Ingest, id)).await {
                    Err(failure) if is_of(&failure, &[ErrorKind::NotFound]) => return Err(failure),
                    Err(failure) => {
                        drop(step);
                        let waited = patience.after(failure, self.silent).await;
                        waited.map_err(|failure| self.in_doubt(failure, id))?;
                        continue;
                    }
                    Ok(job) => job,
                }
            };
            if answer.state == JobState::Open {
                *write = None;
            } else {
                write.get_or_insert_with(|| self.write());
            }
            drop(step);
            match answer.state {
                JobState::JobComplete | JobState::Failed | JobState::Aborted => return Ok(answer),
                JobState::Open => is_open = true,
                JobState::UploadComplete | JobState::InProgress => {
                    self.course.reaches(answer.records_processed.unwrap_or_default());
                }
            }
            if !is_open && !patience.goes_on().await {
                let told = format!("Salesforce still works on the job {id}");
                let failure = wrong_with_job(ErrorKind::Timeout, Outcome::Unknown, Effect::Write, told);
                return Err(self.in_doubt(failure, id));
            }
        }
    }

    /// What became of each row. None: nothing was done with any of them, for the job was given up.
    async fn entries(&self, piece: &Piece, job: &Job, given_up: Option<&str>) -> Result<Option<Vec<String>>, Failure> {
        let mut join = Join::new(self.sent, &piece.rows);
        let id = &job.id;
        let strange = |Strange(expected)| {
            let told = format!("the results of the job {id}: expected {expected}");
            wrong_with_job(ErrorKind::InvalidResponse, Outcome::Unknown, Effect::Write, told)
        };
        let successful = self.jobs.ask(&Request::loaded(id, IngestResult::Successful)).await?;
        let mut ids = HashSet::new();
        let written = |told: [&str; 2], key: Option<&str>| refusal::written(told, key, &self.operation.what, &mut ids);
        join.take(&successful.csv, ["sf__Id", "sf__Created"], written).map_err(strange)?;
        let mut failed = 0;
        if join.left() > 0 || job.records_failed.is_none_or(|failed| failed > 0) {
            let page = self.jobs.ask(&Request::loaded(id, IngestResult::Failed)).await?;
            failed = page.count;
            join.take(&page.csv, ["sf__Error"], |told, _| Some(refusal::refused(told))).map_err(strange)?;
        }
        if join.left() > 0 {
            let page = self.jobs.ask(&Request::loaded(id, IngestResult::Unprocessed)).await?;
            let rows = piece.rows.len();
            let is_untouched = job.records_processed.unwrap_or_default() == 0 && page.count == rows as u64;
            if given_up.is_some() && join.left() == rows && is_untouched {
                return Ok(None);
            }
            let csv = page.csv;
            let why = given_up.unwrap_or("Salesforce did not come to this row");
            join.take(&csv, [], |[]: [&str; 0], _| Some(refusal::not_run(why))).map_err(strange)?;
        }
        if let Some(told) = contradiction(job, piece.rows.len() as u64, successful.count, failed) {
            return Ok(Some(vec![unknown("invalid-response", &told); piece.rows.len()]));
        }
        let message = format!("the job {id} is over, and no result of it that can be is of this row");
        let untold = || unknown("invalid-response", &message);
        Ok(Some(join.entries.into_iter().map(|entry| entry.unwrap_or_else(untold)).collect()))
    }

    /// Rows of a job that was closed may be written, whatever has failed since.
    fn in_doubt(&self, of: Failure, id: &str) -> Failure {
        let advice = if self.course.is_kept() {
            GOES_ON
        } else {
            "Look at the job in Salesforce's Setup (Bulk Data Load Jobs) before you load its rows again."
        };
        let what = format!("the job {id} was closed before, so its rows may be written");
        Failure::InDoubt { of: Box::new(of), what, advice: advice.to_owned() }
    }

    /// Rows are being written from now on.
    fn write(&self) -> Write {
        if self.course.is_kept() { Write::begin_kept() } else { Write::begin() }
    }

    /// Stores which job is under way.
    fn under_way(&mut self, job: Option<JobUnderWay>) -> Result<(), Failure> {
        *self.course.under_way_mut() = job;
        self.course.store()
    }
}

/// A job that was given up, some rows of which are written.
fn rows_written(of: Failure) -> Failure {
    Failure::InDoubt {
        of: Box::new(of),
        what: "some of its rows are written, or may be".to_owned(),
        advice: "The results tell of each row: those of --failed can be loaded again.".to_owned(),
    }
}

/// What a job tells of its rows that its results do not.
fn contradiction(job: &Job, rows: u64, successful: u64, failed: u64) -> Option<String> {
    let id = &job.id;
    let told = successful + failed;
    if told > rows {
        return Some(format!("the job {id} has {rows} rows, and results of {told}"));
    }
    // What one that was given up tells may not be the last word.
    let is_complete = job.state == JobState::JobComplete;
    let differs = |said: Option<u64>, came: u64| said.filter(|said| is_complete && *said != came);
    if let Some(said) = differs(job.records_processed, told) {
        return Some(format!("the job {id} says that {said} rows were processed, and has results of {told}"));
    }
    let said = differs(job.records_failed, failed)?;
    Some(format!("the job {id} says that {said} rows failed, and has results of {failed} that did"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_and_its_results_tell_the_same() {
        let job = |processed, failed| Job {
            id: "750".to_owned(),
            state: JobState::JobComplete,
            records_processed: processed,
            records_failed: failed,
            error_message: None,
            results: None,
        };
        for (processed, failed) in [(Some(6), Some(2)), (None, Some(2)), (Some(6), None), (None, None)] {
            assert_eq!(contradiction(&job(processed, failed), 6, 4, 2), None);
        }
        for (processed, failed, successful, refused, words) in [
            (None, None, 5, 2, "6 rows, and results of 7"),
            (Some(3), None, 6, 0, "3 rows were processed, and has results of 6"),
            (Some(30), None, 6, 0, "30 rows were processed"),
            (Some(6), Some(2), 6, 0, "2 rows failed, and has results of 0"),
            (Some(6), Some(0), 4, 2, "0 rows failed, and has results of 2"),
        ] {
            let told = contradiction(&job(processed, failed), 6, successful, refused).unwrap();
            assert!(told.contains(words), "{told}");
        }
    }
}
