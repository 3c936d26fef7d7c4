//! Follows the jobs of an execution to their end.

use std::time::Duration;

use salesforce_actions::Effect;
use salesforce_actions::bulk::{IngestResult, JobState, Request};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use super::super::ExecutionState;
use super::super::ended::Completion;
use super::Bulk;
use super::begin::Begun;
use super::job::{BulkJob, BulkKind};
use super::step::Stopped;
use crate::clock;

/// Pauses between two looks: short jobs end within seconds, long ones run for hours.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// Looks in a row that may fail, where the same request may go better later.
const MOST_FAILURES: u32 = 30;
/// How long jobs are followed, in milliseconds. Salesforce ends most of them long before.
const LONGEST: i64 = 24 * 60 * 60 * 1000;

/// An execution whose jobs are followed.
pub(super) struct Follower {
    pub(super) begun: Begun,
    pub(super) bulk: Bulk,
    /// Why Salesforce has not all of the data; none: it has.
    pub(super) incomplete: Option<String>,
}

impl Follower {
    /// Follows the jobs, and records how the execution ended. If the server shuts down, it stays recorded as running.
    pub(super) fn spawn(mut self) {
        tokio::spawn(async move {
            let Some(mut ended) = self.follow().await else { return };
            let elapsed = clock::now().saturating_sub(self.begun.record.started_at);
            ended.duration = Duration::from_millis(u64::try_from(elapsed).unwrap_or_default());
            ended.records = self.bulk.succeeded();
            let Begun { executions, tenant, record, .. } = &self.begun;
            executions.metrics.executed(&record.action, ended.state, ended.duration);
            tracing::info!(
                execution = record.id,
                tenant = tenant.id,
                state = %ended.state,
                records = ended.records,
                "jobs ended"
            );
            self.begun.end(ended).await;
        });
    }

    /// How the execution ended; none: the server shuts down.
    async fn follow(&mut self) -> Option<Completion> {
        let (mut pause, mut failures, mut reason) = (FIRST_PAUSE, 0, None);
        loop {
            match self.look(&mut reason).await {
                Ok(()) => failures = 0,
                Err(Stopped::Cancelled) => return Some(self.abort().await),
                Err(Stopped::Closing) => return None,
                Err(stopped) if (stopped.is_retryable() || stopped.is_lost()) && failures < MOST_FAILURES => {
                    failures += 1
                }
                Err(Stopped::Failed(error)) if self.bulk.kind == BulkKind::Query => {
                    return Some(Completion::of_call(error, self.effect(), self.begun.tenant.limits, Duration::ZERO));
                }
                Err(stopped) => {
                    let words = format!("the jobs go on at Salesforce, and were not followed to their end: {stopped}");
                    return Some(self.failed(Outcome::Unknown, &words));
                }
            }
            if self.bulk.jobs.iter().all(|job| job.state.is_end()) {
                let is_untouched = self.is_untouched().await;
                return Some(self.ended(reason, is_untouched));
            }
            if clock::now().saturating_sub(self.begun.record.started_at) > LONGEST {
                return Some(
                    self.failed(Outcome::Unknown, "the jobs did not end within a day, and go on at Salesforce"),
                );
            }
            tokio::select! {
                () = self.begun.entry.cancelled.cancelled() => return Some(self.abort().await),
                () = self.begun.executions.closing.cancelled() => return None,
                () = tokio::time::sleep(pause) => pause = (pause * 3 / 2).min(LONGEST_PAUSE),
            }
        }
    }

    /// Asks how each job stands that has not ended, and records it. One of a load that is still open was left by a process that died,
    /// or the answer to its end was lost: if its data are there, it is closed; if not, nothing of it is processed, and it is aborted and
    /// forgotten.
    async fn look(&mut self, reason: &mut Option<String>) -> Result<(), Stopped> {
        let kind = self.bulk.kind;
        let mut index = 0;
        while let Some(job) = self.bulk.jobs.get_mut(index) {
            if job.state.is_end() {
                index += 1;
                continue;
            }
            let mut told = self.begun.steps().call(&Request::look(kind.of_job(), &job.id)).await?;
            if told.state == JobState::Open && kind == BulkKind::Load {
                if job.state == JobState::Open {
                    let job = self.bulk.jobs.remove(index);
                    self.forget(&job).await;
                    continue;
                }
                told = match self.begun.steps().call(&Request::close(&job.id)).await {
                    Ok(told) => told,
                    // The next look says what became of it.
                    Err(stopped) if stopped.is_lost() || stopped.is_of(ErrorKind::WrongState) => {
                        index += 1;
                        continue;
                    }
                    Err(stopped) => return Err(stopped),
                };
            }
            if told.state != JobState::JobComplete {
                *reason = told.error_message.clone().or(reason.take());
            }
            if job.learn(&told)
                && let Err(error) = self.begun.executions.record_job(&self.begun.record.id, job.clone()).await
            {
                tracing::warn!(execution = self.begun.record.id, %error, "how a job stands was not recorded");
            }
            index += 1;
        }
        Ok(())
    }

    async fn forget(&self, job: &BulkJob) {
        self.abort_jobs(std::slice::from_ref(job)).await;
        if let Err(error) = self.begun.executions.forget_job(&self.begun.record.id, job.number).await {
            tracing::warn!(execution = self.begun.record.id, %error, "a job was not forgotten");
        }
    }

    /// Aborts what has not ended.
    async fn abort(&self) -> Completion {
        self.abort_jobs(&self.bulk.jobs).await;
        Completion::cancelled(self.effect(), Duration::ZERO)
    }

    async fn abort_jobs(&self, jobs: &[BulkJob]) {
        for job in jobs.iter().filter(|job| !job.state.is_end()) {
            if self.begun.last_steps().call(&Request::abort(self.bulk.kind.of_job(), &job.id)).await.is_err() {
                // It may have ended meanwhile.
                tracing::warn!(execution = self.begun.record.id, job = job.id, "a job was not aborted");
            }
        }
    }

    /// Whether all rows of a load whose jobs failed are told to be unprocessed.
    async fn is_untouched(&self) -> bool {
        let jobs = &self.bulk.jobs;
        let has_failed = jobs.iter().all(|job| job.state != JobState::JobComplete && job.processed == 0);
        if self.bulk.kind == BulkKind::Query || jobs.is_empty() || !has_failed {
            return false;
        }
        for job in jobs {
            let rest = self.begun.steps().call(&Request::loaded(&job.id, IngestResult::Unprocessed)).await;
            if !rest.is_ok_and(|page| page.count == job.sent) {
                return false;
            }
        }
        true
    }

    fn ended(&self, reason: Option<String>, is_untouched: bool) -> Completion {
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
                BulkKind::Load if is_untouched => (Outcome::Rejected, ". None of its rows was saved"),
                BulkKind::Load => (
                    Outcome::Unknown,
                    ". Part of its rows may be saved: the rows that were, that failed and that were not tried can be downloaded",
                ),
            };
            return self.failed(outcome, &format!("job {} {became}: {reason}{advice}", failed.id));
        }
        let is_contradictory = |job: &&BulkJob| job.processed != job.sent || job.failed > job.processed;
        if let Some(job) = self.bulk.jobs.iter().find(is_contradictory).filter(|_| self.bulk.kind == BulkKind::Load) {
            let BulkJob { id, sent, processed, failed, .. } = job;
            let words = format!(
                "job {id} has {sent} rows, and Salesforce says that {processed} were processed and {failed} failed: look at the rows \
                 that were saved and that failed before you load any again"
            );
            return self.failed(Outcome::Unknown, &words);
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
