//! Begins a load: the data arrives, is cut into pieces, and each piece becomes a job.
//!
//! A job is created, given its data and closed, one after the other, so that the sender is no faster than Salesforce. An open
//! job has processed nothing: where the answer to its data is lost, it is aborted and made anew.
//!
//! ```text
//! create ──► recorded: open ──► data ──► recorded: it has its data, and whether they are the last ──► close
//! ```
//!
//! So whoever follows, in this process or another one, knows of each job that is open at Salesforce whether to close or to abort
//! it, and of the load whether data is missing.

use std::fmt;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::BodyExt;
use salesforce_actions::Effect;
use salesforce_actions::bulk::{Job, JobState, PIECE_BYTES, Piece, Pieces, Request as BulkRequest, Room};
use salesforce_runtime::bindings::types::Outcome;

use super::super::ended::Completion;
use super::super::{Execution, Executions, Refused, Request};
use super::begin::Begun;
use super::job::{BulkJob, BulkKind};
use super::step::Stopped;
use super::{ATTEMPTS, Bulk};
use crate::database::StoreError;
use crate::tenants::Tenant;

/// How long nothing of the data may arrive.
const SENDER_PATIENCE: Duration = Duration::from_secs(60);

/// A load whose data arrives.
struct Loading<'a> {
    begun: &'a Begun,
    /// Makes a job.
    create: BulkRequest<Job>,
    bulk: Bulk,
}

/// Why no more of the data was given to Salesforce.
enum Broken {
    /// The data is not what was expected, or does not arrive.
    Data(String),
    Stopped(Stopped),
}

impl Executions {
    /// Loads what arrives. The answer is the execution, which runs once all data is at Salesforce, or how it ended if none is.
    pub(crate) async fn bulk_load(&self, tenant: &Tenant, request: Request, data: Body) -> Result<Execution, Refused> {
        self.begin_bulk(tenant, request, BulkKind::Load, move |begun| load(begun, data)).await
    }
}

async fn load(begun: Begun, data: Body) -> Execution {
    let bulk = Bulk { kind: BulkKind::Load, jobs: Vec::new() };
    let mut loading = Loading { begun: &begun, create: BulkRequest::create_ingest(&begun.input), bulk };
    let broken = loading.run(data).await.err();
    let bulk = loading.bulk;
    match broken {
        Some(broken) if bulk.jobs.is_empty() => {
            let ended = broken.completion(&begun.tenant);
            begun.end(ended).await
        }
        broken => begun.follow(bulk, broken.map(|broken| broken.to_string())),
    }
}

impl Loading<'_> {
    async fn run(&mut self, mut data: Body) -> Result<(), Broken> {
        let wrong = |wrong: salesforce_actions::bulk::Wrong| Broken::Data(wrong.to_string());
        let results = self.begun.tenant.limits.result_bytes();
        let mut pieces = Pieces::new(Room { data: PIECE_BYTES, results });
        let (most, mut arrived) = (self.begun.executions.load_bytes, 0);
        while let Some(more) = self.arrive(&mut data).await? {
            arrived += more.len() as u64;
            if arrived > most {
                return Err(Broken::Data(format!("expected at most {most} bytes of data")));
            }
            for piece in pieces.push(&more).map_err(wrong)? {
                self.load(&piece, false).await?;
            }
        }
        let mut rest = pieces.end().map_err(wrong)?.into_iter().peekable();
        while let Some(piece) = rest.next() {
            self.load(&piece, rest.peek().is_none()).await?;
        }
        Ok(())
    }

    async fn arrive(&self, data: &mut Body) -> Result<Option<Bytes>, Broken> {
        let broke_off = |words: &str| Broken::Data(format!("the data did not arrive whole: {words}"));
        loop {
            let frame = tokio::select! {
                biased;
                () = self.begun.entry.cancelled.cancelled() => return Err(Broken::Stopped(Stopped::Cancelled)),
                frame = tokio::time::timeout(SENDER_PATIENCE, data.frame()) => frame,
            };
            match frame {
                Err(_) => return Err(broke_off("nothing came for a minute")),
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => return Err(broke_off("it broke off")),
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => return Ok(Some(data)),
                    Err(_) if data.is_end_stream() => return Ok(None),
                    Err(_) => {}
                },
            }
        }
    }

    /// Makes a job of a piece, of the last one or another.
    async fn load(&mut self, piece: &Piece, is_last: bool) -> Result<(), Stopped> {
        let mut attempt = 1;
        loop {
            let created = match self.begun.steps().call(&self.create).await {
                // One whose answer was lost is left over, open, and processes nothing.
                Err(stopped) if attempt < ATTEMPTS && (stopped.is_retryable() || stopped.is_lost()) => {
                    attempt += 1;
                    continue;
                }
                created => created?,
            };
            let number = u32::try_from(self.bulk.jobs.len()).unwrap_or(u32::MAX);
            self.bulk.jobs.push(BulkJob::new(number, &created, piece.rows));
            self.record_last().await;
            let filled = match self.begun.steps().call(&BulkRequest::upload(&created.id, &piece.csv)).await {
                Ok(_) => self.record_filled(is_last).await.map_err(Stopped::from),
                Err(stopped) => Err(stopped),
            };
            match filled {
                Ok(()) => return self.close(&created.id).await,
                Err(stopped) => {
                    self.drop_last().await;
                    if attempt == ATTEMPTS || !(stopped.is_retryable() || stopped.is_lost()) {
                        return Err(stopped);
                    }
                    attempt += 1;
                }
            }
        }
    }

    /// Closes the last job. If nobody knows whether it is closed, whoever follows asks, and closes it.
    async fn close(&mut self, id: &str) -> Result<(), Stopped> {
        let mut attempt = 1;
        loop {
            match self.begun.steps().call(&BulkRequest::close(id)).await {
                Ok(told) => {
                    if let Some(job) = self.bulk.jobs.last_mut() {
                        job.learn(&told);
                    }
                    self.record_last().await;
                    return Ok(());
                }
                Err(stopped) if stopped.is_lost() || matches!(stopped, Stopped::Closing) => return Ok(()),
                Err(stopped) if stopped.is_retryable() && attempt < ATTEMPTS => attempt += 1,
                Err(stopped) => {
                    self.drop_last().await;
                    return Err(stopped);
                }
            }
        }
    }

    async fn record_last(&self) {
        if let Some(job) = self.bulk.jobs.last()
            && let Err(error) = self.begun.executions.record_job(&self.begun.record.id, job.clone()).await
        {
            tracing::warn!(execution = self.begun.record.id, %error, "a job was not recorded");
        }
    }

    /// Records that the last job has its data. It is not closed before.
    async fn record_filled(&mut self, is_last: bool) -> Result<(), StoreError> {
        let Some(job) = self.bulk.jobs.last_mut() else { return Ok(()) };
        job.state = JobState::UploadComplete;
        self.begun.executions.record_filled(&self.begun.record.id, job.clone(), is_last).await
    }

    /// The last job has no data, or was not closed: nothing of it is processed. It is aborted and forgotten.
    async fn drop_last(&mut self) {
        let Some(job) = self.bulk.jobs.pop() else { return };
        let id = &self.begun.record.id;
        let abort = BulkRequest::abort(BulkKind::Load.of_job(), &job.id);
        if self.begun.last_steps().call(&abort).await.is_err() {
            tracing::warn!(
                execution = id,
                job = job.id,
                "an open job was not aborted: Salesforce forgets it in a week"
            );
        }
        if let Err(error) = self.begun.executions.forget_job(id, job.number).await {
            tracing::warn!(execution = id, %error, "a job was not forgotten");
        }
    }
}

impl From<Stopped> for Broken {
    fn from(stopped: Stopped) -> Broken {
        Broken::Stopped(stopped)
    }
}

impl Broken {
    /// How a load ends that has begun no job.
    fn completion(self, tenant: &Tenant) -> Completion {
        match self {
            Broken::Data(words) => {
                Completion::of_host("invalid-argument", Outcome::NotSent, false, &words, Effect::Writes, Duration::ZERO)
            }
            Broken::Stopped(stopped) => stopped.completion(Effect::Writes, tenant.limits),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Data(words) => f.write_str(words),
            Broken::Stopped(stopped) => stopped.fmt(f),
        }
    }
}
