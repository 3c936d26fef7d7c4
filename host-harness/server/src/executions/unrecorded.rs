//! Ends that the database has not taken: kept in memory, and recorded as soon as it takes writes again.
//!
//! While one waits, nothing new begins in this process, so there are never more of them than executions run at once. Of
//! a write whose end waits nothing is told but that its outcome is unknown: if the process dies now, that is what the next
//! one says. A read changed nothing, so its end is told as it is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::sync::Notify;

use super::ended::Completion;
use super::{Execution, ExecutionRecord, Executions, Refused};
use salesforce_actions::Effect;
use salesforce_runtime::bindings::types::Outcome;

/// Pauses between two attempts to record what waits.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How an execution ended, and what was recorded when it began.
#[derive(Debug)]
pub(super) struct End {
    pub(super) tenant: String,
    pub(super) begun: ExecutionRecord,
    /// The action's input as it came.
    pub(super) input: Arc<str>,
    pub(super) ended: Completion,
}

/// The ends of this process that wait to be recorded.
#[derive(Debug, Default)]
pub(super) struct Unrecorded {
    ends: Mutex<HashMap<String, Arc<End>>>,
    /// One was kept.
    kept: Notify,
    /// All have been recorded.
    none_left: Notify,
}

impl Executions {
    /// Records how an execution ended, or keeps it until that is possible; answers what its caller is told.
    pub(super) async fn settle(&self, end: End) -> Execution {
        let (recorded, ()) = tokio::join!(self.record_end(&end), self.note_usage(&end));
        match recorded {
            Ok(()) => return end.known(),
            Err(error) => tracing::error!(execution = end.begun.id, %error, "an end could not be recorded: it is kept"),
        }
        let told = end.told();
        self.unrecorded.keep(end);
        told
    }

    /// Records what waits, whenever something does. Never ends.
    pub(crate) async fn record_what_waits(&self) {
        loop {
            let kept = self.unrecorded.kept.notified();
            let mut pause = FIRST_PAUSE;
            while self.unrecorded.count() > 0 {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                for end in self.unrecorded.all() {
                    if let Err(error) = self.record_end(&end).await {
                        tracing::warn!(waiting = self.unrecorded.count(), %error, "ends of executions wait to be recorded");
                        break;
                    }
                    tracing::info!(execution = end.begun.id, state = %end.ended.state, "an end was recorded late");
                    self.unrecorded.remove(&end.begun.id);
                    pause = FIRST_PAUSE;
                }
            }
            kept.await;
        }
    }

    /// Ends of executions that wait to be recorded.
    pub(crate) fn unrecorded(&self) -> usize {
        self.unrecorded.count()
    }

    /// # Errors
    /// [`Refused::NotRecording`]: the end of one more might not be kept.
    pub(super) fn may_begin(&self) -> Result<(), Refused> {
        if self.unrecorded.count() == 0 { Ok(()) } else { Err(Refused::NotRecording) }
    }
}

impl Unrecorded {
    /// What a tenant is told of an execution whose end waits.
    pub(super) fn told(&self, tenant: &str, id: &str) -> Option<Execution> {
        self.lock().get(id).filter(|end| end.tenant == tenant).map(|end| end.told())
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.lock().contains_key(id)
    }

    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Waits until all are recorded.
    pub(super) async fn none(&self) {
        loop {
            let none_left = self.none_left.notified();
            if self.count() == 0 {
                return;
            }
            none_left.await;
        }
    }

    fn keep(&self, end: End) {
        self.lock().insert(end.begun.id.clone(), Arc::new(end));
        self.kept.notify_one();
    }

    fn all(&self) -> Vec<Arc<End>> {
        self.lock().values().cloned().collect()
    }

    fn remove(&self, id: &str) {
        let mut ends = self.lock();
        ends.remove(id);
        if ends.is_empty() {
            self.none_left.notify_waiters();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<End>>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl End {
    /// Once it is recorded.
    fn known(self) -> Execution {
        let record = self.record(&self.ended);
        Execution { record, request: self.request(), given: self.ended.given, replayed: false }
    }

    /// As long as it is not.
    fn told(&self) -> Execution {
        if self.begun.effect() == Effect::Reads {
            let (record, given) = (self.record(&self.ended), self.ended.given.clone());
            return Execution { record, given, request: self.request(), replayed: false };
        }
        let words = "it has ended, and the server could not record how, for its disk takes no writes: ask for this \
                     execution again, by its id or with the same idempotency key, and do not send the request anew";
        let (effect, duration) = (self.begun.effect(), self.ended.duration);
        let ended = Completion::of_host("host-not-recorded", Outcome::Unknown, false, words, effect, duration);
        Execution { record: self.record(&ended), given: ended.given, request: self.request(), replayed: false }
    }

    /// It was parsed when it came.
    fn request(&self) -> Option<Box<RawValue>> {
        RawValue::from_string(self.input.as_ref().to_owned()).ok()
    }

    fn record(&self, ended: &Completion) -> ExecutionRecord {
        ExecutionRecord {
            state: ended.state,
            outcome: ended.outcome.map(str::to_owned),
            error_kind: ended.error_kind.map(str::to_owned),
            duration_us: Some(ended.duration_us()),
            records: ended.records_in_log(),
            api_usage: ended.usage.map(|usage| (usage.used, usage.allowed)),
            ..self.begun.clone()
        }
    }
}
