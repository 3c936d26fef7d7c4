//! A bulk load that is under way: job by job, what became of the rows of each stored before the next.

use indicatif::HumanCount;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use super::super::super::failure::{Effect, Failure};
use super::super::super::interrupt::Step;
use super::super::super::kept::Kept;
use super::super::super::rows::{Outcomes, Progress, unknown};
use super::super::jobs::{IngestJob, JobState, Jobs, Which, is_lost, is_of};
use super::super::patience::{Patience, Wait};
use super::super::{TRIES, why, wrong_with_job};
use super::join::{Join, Strange};
use super::operation::Operation;
use super::pieces::{Piece, Pieces};
use super::refusal;
use super::sent::Sent;
use super::state::{Job, State};

/// A load that is under way.
pub(super) struct Loading<'a> {
    pub(super) jobs: Jobs<'a>,
    pub(super) operation: &'a Operation,
    pub(super) sent: &'a Sent,
    /// None: what it has come to is not stored.
    pub(super) kept: Option<Kept>,
    pub(super) state: State,
    pub(super) outcomes: Outcomes,
    pub(super) progress: Progress,
    pub(super) wait: Option<Wait>,
    pub(super) silent: bool,
}

impl Loading<'_> {
    /// Loads all that is left.
    ///
    /// # Errors
    /// A request, a job that Salesforce gave up, or rows that failed.
    pub(super) async fn run(mut self, pieces: &mut Pieces<'_>) -> Result<(), Failure> {
        if let Some(job) = self.state.job.clone() {
            let piece = pieces.again(job.rows)?;
            if job.is_closed {
                self.finish(&piece, &job.id, false).await?;
            } else {
                let step = Step::begin().await;
                self.jobs.abort(&job.id).await?;
                self.state.job = None;
                self.store()?;
                drop(step);
                self.load(&piece).await?;
            }
        }
        loop {
            let piece = pieces.next()?;
            if piece.rows.is_empty() {
                return self.end();
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
        let mut tries = 1;
        loop {
            let _step = Step::begin().await;
            let failure = match self.jobs.create_ingest(&self.operation.object, &self.operation.to_json()).await {
                Err(failure) => failure,
                Ok(IngestJob { id, .. }) => {
                    let rows = piece.rows.len() as u64;
                    self.state.job = Some(Job { id: id.clone(), rows, is_closed: false });
                    self.store()?;
                    match self.jobs.upload(&id, &piece.csv).await {
                        Ok(()) => {
                            self.state.job = Some(Job { id: id.clone(), rows, is_closed: true });
                            self.store()?;
                            return Ok(id);
                        }
                        Err(failure) => {
                            self.jobs.abort(&id).await?;
                            self.state.job = None;
                            self.store()?;
                            failure
                        }
                    }
                }
            };
            if !is_lost(&failure) || tries == TRIES {
                self.forget_if_nothing_is_done()?;
                return Err(failure);
            }
            tries += 1;
        }
    }

    /// Closes a job, waits for it, and tells what became of its rows. `is_open`: nobody has tried to close it.
    async fn finish(&mut self, piece: &Piece, id: &str, is_open: bool) -> Result<(), Failure> {
        let job = match self.over(id, is_open).await {
            Err(failure) if is_of(&failure, &[ErrorKind::NotFound]) => {
                let message = format!("Salesforce no longer has the job {id}, which this row was sent in");
                self.state.job = None;
                return self.tell(piece, &vec![unknown("not-found", &message); piece.rows.len()]);
            }
            over => over?,
        };
        let _step = Step::begin().await;
        let given_up = match job.state {
            JobState::JobComplete => None,
            JobState::Aborted => Some(format!("the job {id} was aborted{}", why(job.error_message.as_deref()))),
            _ => Some(format!("the job {id} failed{}", why(job.error_message.as_deref()))),
        };
        let entries = self.entries(piece, &job, given_up.as_deref()).await?;
        let failure = given_up.map(|told| wrong_with_job(ErrorKind::Rejected, Outcome::Rejected, Effect::Write, told));
        self.state.job = None;
        match entries {
            Some(entries) => self.tell(piece, &entries)?,
            // None of the rows was processed: the next run takes them up again.
            None => {
                self.store()?;
                self.forget_if_nothing_is_done()?;
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// The job, once it is over.
    async fn over(&mut self, id: &str, is_open: bool) -> Result<IngestJob, Failure> {
        let mut patience = Patience::new(self.wait);
        let (mut is_open, mut tries) = (is_open, 0);
        loop {
            let step = Step::begin().await;
            let answer = if is_open {
                tries += 1;
                let closed = self.jobs.close(id).await;
                is_open = false;
                match closed {
                    // Whether it was closed, the job says.
                    Err(failure)
                        if tries < TRIES && (is_lost(&failure) || is_of(&failure, &[ErrorKind::WrongState])) =>
                    {
                        continue;
                    }
                    closed => closed?,
                }
            } else {
                match self.jobs.ingest(id).await {
                    Err(failure) => {
                        drop(step);
                        patience.after(failure, self.silent).await?;
                        continue;
                    }
                    Ok(job) => job,
                }
            };
            drop(step);
            match answer.state {
                JobState::JobComplete | JobState::Failed | JobState::Aborted => return Ok(answer),
                JobState::Open => is_open = true,
                JobState::UploadComplete | JobState::InProgress => {
                    self.progress.set(self.state.done + answer.records_processed.unwrap_or_default());
                }
            }
            if !is_open && !patience.goes_on().await {
                let told = format!("Salesforce still works on the job {id}; run the same command to go on");
                return Err(wrong_with_job(ErrorKind::Timeout, Outcome::Unknown, Effect::Write, told));
            }
        }
    }

    /// What became of each row. None: nothing was done with any of them, for the job was given up.
    async fn entries(
        &self,
        piece: &Piece,
        job: &IngestJob,
        given_up: Option<&str>,
    ) -> Result<Option<Vec<String>>, Failure> {
        let mut join = Join::new(self.sent, &piece.rows);
        let id = &job.id;
        let strange = |Strange(expected)| {
            let told = format!("the results of the job {id}: expected {expected}");
            wrong_with_job(ErrorKind::InvalidResponse, Outcome::Unknown, Effect::Write, told)
        };
        let csv = self.jobs.results(id, Which::Successful).await?;
        join.take(&csv, ["sf__Id", "sf__Created"], refusal::written).map_err(strange)?;
        if join.left() > 0 {
            let csv = self.jobs.results(id, Which::Failed).await?;
            join.take(&csv, ["sf__Error"], refusal::refused).map_err(strange)?;
        }
        if given_up.is_some() && join.left() == piece.rows.len() && job.records_processed.unwrap_or_default() == 0 {
            return Ok(None);
        }
        if join.left() > 0 {
            let csv = self.jobs.results(id, Which::Unprocessed).await?;
            let why = given_up.unwrap_or("Salesforce did not come to this row");
            join.take(&csv, [], |[]: [&str; 0]| refusal::not_run(why)).map_err(strange)?;
        }
        let message = format!("the job {id} is over, and no result of it is of this row");
        let untold = || unknown("invalid-response", &message);
        Ok(Some(join.entries.into_iter().map(|entry| entry.unwrap_or_else(untold)).collect()))
    }

    /// Tells what became of the rows of a piece, and stores that it is told.
    fn tell(&mut self, piece: &Piece, entries: &[String]) -> Result<(), Failure> {
        let Loading { outcomes, state, progress, .. } = self;
        let told = piece.rows.iter().zip(entries.iter().map(String::as_str));
        progress.beside(|| outcomes.tell(told, &mut state.tally))?;
        state.done += piece.rows.len() as u64;
        state.written = outcomes.written();
        self.store()?;
        self.progress.set(self.state.done);
        Ok(())
    }

    fn store(&self) -> Result<(), Failure> {
        self.state.store(self.kept.as_ref())
    }

    /// There is nothing to go on with then.
    fn forget_if_nothing_is_done(&self) -> Result<(), Failure> {
        let kept = self.kept.as_ref().filter(|_| self.state.done == 0);
        kept.map_or(Ok(()), Kept::forget)
    }

    fn end(mut self) -> Result<(), Failure> {
        self.progress.end();
        self.kept.take().map_or(Ok(()), Kept::remove)?;
        if self.state.tally.failed > 0 {
            return Err(Failure::Results(self.state.tally));
        }
        if !self.silent {
            anstream::eprintln!("{} rows were {}", HumanCount(self.state.done), self.operation.done());
        }
        Ok(())
    }
}
