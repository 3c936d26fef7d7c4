//! Follows the jobs of an execution to their end.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::super::cancel::Entry;
use super::super::ended::Completion;
use super::super::unrecorded::End;
use super::super::{ExecutionRecord, ExecutionState, Executions};
use super::Bulk;
use super::job::{BulkJob, BulkKind, JobState, Told};
use super::step::{Steps, Stopped};
use crate::at_once::One;
use crate::clock;
use crate::tenants::Tenant;
use salesforce_actions::Effect;
use salesforce_runtime::bindings::types::Outcome;

/// Pauses between two looks: short jobs end within seconds, long ones run for hours.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// Looks in a row that may fail, where the same request may go better later.
const MOST_FAILURES: u32 = 30;
/// How long jobs are followed, in milliseconds. Salesforce ends most of them long before.
const LONGEST: i64 = 24 * 60 * 60 * 1000;

/// An execution whose jobs are followed.
pub(super) struct Follower {
    pub(super) executions: Executions,
    pub(super) tenant: Tenant,
    pub(super) begun: ExecutionRecord,
    /// The request as it came.
    pub(super) input: Arc<str>,
    pub(super) entry: Entry,
    pub(super) bulk: Bulk,
    /// Why Salesforce has not all of the data; none: it has.
    pub(super) incomplete: Option<String>,
    /// Counts it among what its tenant has at once; none where it was taken over.
    pub(super) open: Option<One>,
}

impl Follower {
    /// Follows the jobs, and records how the execution ended. If the server shuts down, it stays recorded as running.
    pub(super) fn spawn(mut self) {
        tokio::spawn(async move {
            let Some(mut ended) = self.follow().await else { return };
            let elapsed = clock::now().saturating_sub(self.begun.started_at);
            ended.duration = Duration::from_millis(u64::try_from(elapsed).unwrap_or_default());
            ended.records = self.bulk.succeeded();
            let Follower { executions, tenant, begun, input, .. } = &self;
            executions.metrics.executed(&begun.action, ended.state, ended.duration);
            let (id, records) = (&begun.id, ended.records);
            tracing::info!(execution = id, tenant = tenant.id, state = %ended.state, records, "jobs ended");
            let (tenant, begun, input) = (tenant.id.clone(), begun.clone(), Arc::clone(input));
            executions.settle(End { tenant, begun, input, ended }).await;
            drop(self.open);
        });
    }

    fn steps(&self, cancelled: CancellationToken) -> Steps<'_> {
        Steps { executions: &self.executions, tenant: &self.tenant, connection: &self.begun.connection, cancelled }
    }

    /// How the execution ended; none: the server shuts down.
    async fn follow(&mut self) -> Option<Completion> {
        let (mut pause, mut failures, mut reason) = (FIRST_PAUSE, 0, None);
        loop {
            match self.look(&mut reason).await {
                Ok(()) => failures = 0,
                Err(Stopped::Cancelled) => return Some(self.abort().await),
                Err(Stopped::Closing) => return None,
                Err(stopped) if stopped.is_retryable() && failures < MOST_FAILURES => failures += 1,
                Err(Stopped::Failed(error)) if self.bulk.kind == BulkKind::Query => {
                    return Some(Completion::of_call(error, self.effect(), self.tenant.limits, Duration::ZERO));
                }
                Err(stopped) => {
                    let words = format!("the jobs go on at Salesforce, and were not followed to their end: {stopped}");
                    return Some(self.failed(Outcome::Unknown, &words));
                }
            }
            if self.bulk.jobs.iter().all(|job| job.state.is_end()) {
                return Some(self.ended(reason));
            }
            if clock::now().saturating_sub(self.begun.started_at) > LONGEST {
                return Some(
                    self.failed(Outcome::Unknown, "the jobs did not end within a day, and go on at Salesforce"),
                );
            }
            tokio::select! {
                () = self.entry.cancelled.cancelled() => return Some(self.abort().await),
                () = self.executions.closing.cancelled() => return None,
                () = tokio::time::sleep(pause) => pause = (pause * 3 / 2).min(LONGEST_PAUSE),
            }
        }
    }

    /// Asks how each job stands that has not ended, and records it. A job of a load that is still open was left by a process that
    /// died while its data was on the way: nothing of it is processed, and it is aborted and forgotten.
    async fn look(&mut self, reason: &mut Option<String>) -> Result<(), Stopped> {
        let mut index = 0;
        while let Some(job) = self.bulk.jobs.get(index) {
            if job.state.is_end() {
                index += 1;
                continue;
            }
            let told: Told =
                self.steps(self.entry.cancelled.clone()).call(self.bulk.kind.look(), &named(&job.id)).await?;
            if told.state == JobState::Open && self.bulk.kind == BulkKind::Load {
                let job = self.bulk.jobs.remove(index);
                self.abort_jobs(std::slice::from_ref(&job)).await;
                if let Err(error) = self.executions.forget_job(&self.begun.id, job.number).await {
                    tracing::warn!(execution = self.begun.id, %error, "a job was not forgotten");
                }
                continue;
            }
            if told.state != JobState::JobComplete {
                *reason = told.error_message.clone().or(reason.take());
            }
            let Some(job) = self.bulk.jobs.get_mut(index) else { break };
            if job.learn(&told)
                && let Err(error) = self.executions.record_job(&self.begun.id, job.clone()).await
            {
                tracing::warn!(execution = self.begun.id, %error, "how a job stands was not recorded");
            }
            index += 1;
        }
        Ok(())
    }

    /// Aborts what has not ended.
    async fn abort(&self) -> Completion {
        self.abort_jobs(&self.bulk.jobs).await;
        Completion::cancelled(self.effect(), Duration::ZERO)
    }

    async fn abort_jobs(&self, jobs: &[BulkJob]) {
        for job in jobs.iter().filter(|job| !job.state.is_end()) {
            let input = json!({ "kind": self.bulk.kind.of_job(), "job_id": job.id });
            if self.steps(CancellationToken::new()).call::<Value>("abort-job", &input).await.is_err() {
                // It may have ended meanwhile.
                tracing::warn!(execution = self.begun.id, job = job.id, "a job was not aborted");
            }
        }
    }

    fn ended(&self, reason: Option<String>) -> Completion {
        if self.bulk.jobs.is_empty() {
            let words = match self.bulk.kind {
                BulkKind::Query => "the server ended before it knew its job: begin the query again",
                BulkKind::Load => "the server ended before any data was at Salesforce: load it again",
            };
            return self.failed(Outcome::Rejected, words);
        }
        if let Some(failed) = self.bulk.jobs.iter().find(|job| job.state != JobState::JobComplete) {
            let reason = reason.unwrap_or_else(|| "Salesforce does not say why".to_owned());
            let became = if failed.state == JobState::Aborted { "was aborted at Salesforce" } else { "failed" };
            let (outcome, advice) = match self.bulk.kind {
                BulkKind::Query => (Outcome::Rejected, ""),
                BulkKind::Load => (
                    Outcome::Unknown,
                    ". Part of its rows may be saved: the rows that were, that failed and that were not tried can be downloaded",
                ),
            };
            return self.failed(outcome, &format!("job {} {became}: {reason}{advice}", failed.id));
        }
        match &self.incomplete {
            Some(words) => {
                let sent: u64 = self.bulk.jobs.iter().map(|job| job.sent).sum();
                let words = format!("Salesforce was given the first {sent} rows, and no more: {words}");
                self.failed(Outcome::Unknown, &words)
            }
            None => Completion::bare(ExecutionState::Succeeded, Duration::ZERO),
        }
    }

    fn failed(&self, outcome: Outcome, words: &str) -> Completion {
        Completion::of_host("rejected", outcome, false, words, self.effect(), Duration::ZERO)
    }

    fn effect(&self) -> Effect {
        match self.bulk.kind {
            BulkKind::Query => Effect::Reads,
            BulkKind::Load => Effect::Writes,
        }
    }
}

/// The input of an action that takes a job's id alone.
pub(super) fn named(job: &str) -> Value {
    json!({ "job_id": job })
}
