//! Begins a load: the data arrives, is cut into pieces, and each piece becomes a job.
//!
//! A job is created, given its data and closed, one after the other, so that the sender is no faster than Salesforce. An open
//! job has processed nothing: where the answer to its data is lost, it is aborted and made anew. A lost answer to closing is
//! asked for.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::super::ended::Completion;
use super::super::store::Recorded;
use super::super::unrecorded::End;
use super::super::{Execution, Executions, Refused, Request};
use super::Bulk;
use super::begin::Beginning;
use super::follow::{Follower, named};
use super::job::{BulkJob, BulkKind, JobState, Told};
use super::pieces::{Piece, Pieces};
use super::step::{Steps, Stopped};
use crate::database::StoreError;
use crate::ids;
use crate::tenants::Tenant;
use salesforce_actions::Effect;
use salesforce_runtime::bindings::types::Outcome;

/// The action that begins a job of a load.
pub(crate) const CREATE_INGEST_JOB: &str = "create-ingest-job";

/// Bytes of the data of a job: it is in the memory of an instance, and in a request that must arrive whole.
const PIECE_BYTES: usize = 4 << 20;
/// How often a job is made for the same data, the first time included.
const ATTEMPTS: u32 = 3;
/// How long nothing of the data may arrive.
const SENDER_PATIENCE: Duration = Duration::from_secs(60);

/// A load whose data arrives.
struct Loading<'a> {
    steps: Steps<'a>,
    execution: &'a str,
    /// The input of [`CREATE_INGEST_JOB`].
    job: Arc<str>,
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
        let open = match self.begin_bulk(tenant, &request).await? {
            Beginning::May(open) => open,
            Beginning::Before(execution) => return Ok(*execution),
        };
        let (this, tenant) = (self.clone(), tenant.clone());
        let loading = tokio::spawn(async move {
            let id = ids::new();
            let entry = this.running.enter(&tenant.id, &id, &CancellationToken::new());
            let begun = match this.record_begin(&id, &tenant.id, &request).await? {
                Recorded::New(begun) => *begun,
                Recorded::Before(record, digest) => {
                    return this.bulk_before(&tenant, &request, &record.id, &digest).await;
                }
            };
            this.record_bulk(&id, BulkKind::Load).await?;
            let input = Arc::clone(request.call.input());
            let (executions, cancelled) = (&this, entry.cancelled.clone());
            let steps = Steps { executions, tenant: &tenant, connection: &begun.connection, cancelled };
            let bulk = Bulk { kind: BulkKind::Load, jobs: Vec::new() };
            let mut loading = Loading { steps, execution: &id, job: Arc::clone(&input), bulk };
            let broken = loading.run(data).await.err();
            let bulk = loading.bulk;
            let incomplete = match broken {
                None => {
                    if let Err(error) = this.record_all_sent(&id).await {
                        tracing::warn!(execution = id, %error, "that all data is at Salesforce was not recorded");
                    }
                    None
                }
                Some(broken) if bulk.jobs.is_empty() => {
                    let ended = broken.completion(&tenant);
                    return Ok(this.settle(End { tenant: tenant.id.clone(), begun, input, ended }).await);
                }
                Some(broken) => Some(broken.to_string()),
            };
            let running = Execution::running(&begun);
            let (executions, open) = (this.clone(), Some(open));
            Follower { executions, tenant, begun, input, entry, bulk, incomplete, open }.spawn();
            Ok(running)
        });
        loading.await.map_err(|_| StoreError::Closed)?
    }
}

impl Loading<'_> {
    async fn run(&mut self, mut data: Body) -> Result<(), Broken> {
        let results = self.steps.tenant.limits.result_bytes();
        let mut pieces = Pieces::new(PIECE_BYTES, results);
        while let Some(arrived) = self.arrive(&mut data).await? {
            let full = pieces.push(&arrived).map_err(|wrong| Broken::Data(wrong.to_string()))?;
            self.load_all(full).await?;
        }
        let last = pieces.end().map_err(|wrong| Broken::Data(wrong.to_string()))?;
        self.load_all(last).await
    }

    async fn arrive(&self, data: &mut Body) -> Result<Option<Bytes>, Broken> {
        let broke_off = |words: &str| Broken::Data(format!("the data did not arrive whole: {words}"));
        loop {
            let frame = tokio::select! {
                biased;
                () = self.steps.cancelled.cancelled() => return Err(Broken::Stopped(Stopped::Cancelled)),
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

    async fn load_all(&mut self, pieces: Vec<Piece>) -> Result<(), Broken> {
        for piece in pieces {
            self.load(&piece).await.map_err(Broken::Stopped)?;
        }
        Ok(())
    }

    /// Makes a job of a piece.
    async fn load(&mut self, piece: &Piece) -> Result<(), Stopped> {
        let mut attempt = 1;
        loop {
            let created: Told = self.steps.call(CREATE_INGEST_JOB, &self.job).await?;
            let number = u32::try_from(self.bulk.jobs.len()).unwrap_or(u32::MAX);
            self.bulk.jobs.push(BulkJob::new(number, &created, piece.rows));
            self.record_last().await;
            let input = json!({ "job_id": created.id, "csv": piece.csv });
            match self.steps.call::<Value>("upload-job-data", &input).await {
                Ok(_) => return self.close(&created.id).await,
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

    async fn close(&mut self, id: &str) -> Result<(), Stopped> {
        let mut attempt = 1;
        let told = loop {
            match self.steps.call::<Told>("close-ingest-job", &named(id)).await {
                Ok(told) => break told,
                Err(stopped) if stopped.is_lost() => {
                    // Whoever follows asks again.
                    if let Some(job) = self.bulk.jobs.last_mut() {
                        job.state = JobState::UploadComplete;
                    }
                    let told: Told = self.steps.call(BulkKind::Load.look(), &named(id)).await?;
                    if told.state != JobState::Open {
                        break told;
                    }
                    if attempt == ATTEMPTS {
                        return Err(stopped);
                    }
                }
                Err(stopped) if stopped.is_retryable() && attempt < ATTEMPTS => {}
                Err(stopped) => {
                    self.drop_last().await;
                    return Err(stopped);
                }
            }
            attempt += 1;
        };
        if let Some(job) = self.bulk.jobs.last_mut() {
            job.learn(&told);
        }
        self.record_last().await;
        Ok(())
    }

    async fn record_last(&self) {
        if let Some(job) = self.bulk.jobs.last()
            && let Err(error) = self.steps.executions.record_job(self.execution, job.clone()).await
        {
            tracing::warn!(execution = self.execution, %error, "a job was not recorded");
        }
    }

    /// The last job has no data, or was not closed: nothing of it is processed. It is aborted and forgotten.
    async fn drop_last(&mut self) {
        let Some(job) = self.bulk.jobs.pop() else { return };
        let input = json!({ "kind": BulkKind::Load.of_job(), "job_id": job.id });
        let Steps { executions, tenant, connection, .. } = self.steps;
        let steps = Steps { executions, tenant, connection, cancelled: CancellationToken::new() };
        if steps.call::<Value>("abort-job", &input).await.is_err() {
            tracing::warn!(
                execution = self.execution,
                job = job.id,
                "an open job was not aborted: Salesforce forgets it in a week"
            );
        }
        if let Err(error) = executions.forget_job(self.execution, job.number).await {
            tracing::warn!(execution = self.execution, %error, "a job was not forgotten");
        }
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
