//! All jobs, and how long they are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::job::{Job, Rows, Stage, State, Work};
use super::load::Load;
use super::{invalid_job, wrong_state};
use crate::ApiError;
use crate::org::RecordId;

/// How long a job is kept after its end, and an open one after its creation.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most jobs: one page of a list.
const JOBS: usize = 1_000;
/// The most bytes of all jobs. The oldest that have ended go first.
const BYTES: usize = 1024 * 1024 * 1024;

/// The jobs of the org.
#[derive(Debug)]
pub(crate) struct Jobs {
    /// By number.
    jobs: BTreeMap<u64, Job>,
    next: u64,
    /// How long a job takes.
    pub(crate) takes: SignedDuration,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { jobs: BTreeMap::new(), next: 1, takes: SignedDuration::from_secs(1) }
    }
}

impl Jobs {
    /// Forgets all jobs. New ones take as long as these did.
    pub(crate) fn clear(&mut self) {
        self.jobs.clear();
    }

    /// Adds a job under the next Id.
    pub(super) fn add(&mut self, now: Timestamp, make: impl FnOnce(String) -> Job) -> Result<&mut Job, ApiError> {
        let id = RecordId::numbered("750", self.next).ok_or_else(|| invalid_job("there are no more job Ids"))?;
        let number = self.next;
        self.next += 1;
        self.jobs.insert(number, make(id.to_string()));
        self.forget(now);
        self.jobs.get_mut(&number).ok_or_else(|| invalid_job("too many jobs are under way: abort some"))
    }

    /// The job with this Id, for who made it, and the state that it is in. Nobody here has the permission to manage the jobs of
    /// others ("Manage Data Integrations").
    pub(super) fn find(
        &mut self,
        id: &str,
        query: bool,
        user: &str,
        now: Timestamp,
    ) -> Result<(&mut Job, State), ApiError> {
        let (job, state) = self.find_any(id, query, now)?;
        if job.created_by == user { Ok((job, state)) } else { Err(ApiError::not_found()) }
    }

    fn find_any(&mut self, id: &str, query: bool, now: Timestamp) -> Result<(&mut Job, State), ApiError> {
        self.forget(now);
        let takes = self.takes;
        let id = RecordId::parse(id).ok_or_else(ApiError::not_found)?;
        let is_it = |job: &&mut Job| job.id == id.as_str() && matches!(job.work, Work::Query { .. }) == query;
        let job = self.jobs.values_mut().find(is_it).ok_or_else(ApiError::not_found)?;
        let state = job.state(now, takes);
        Ok((job, state))
    }

    /// What everybody is told of a job.
    pub(super) fn info(&mut self, id: &str, query: bool, now: Timestamp) -> Result<Map<String, Value>, ApiError> {
        let takes = self.takes;
        self.find_any(id, query, now).map(|(job, _)| job.info(now, takes))
    }

    /// What is told of some of those that query (true) and of those that write, oldest first.
    pub(super) fn list(&mut self, is_told: impl Fn(bool) -> bool, now: Timestamp) -> Value {
        self.forget(now);
        let of_kind = self.jobs.values().filter(|job| is_told(matches!(job.work, Work::Query { .. })));
        let records: Vec<_> = of_kind.map(|job| job.info(now, self.takes)).collect();
        json!({"done": true, "records": records, "nextRecordsUrl": null})
    }

    /// Aborts a job that is not over. What it has written stays.
    pub(super) fn abort(&mut self, id: &str, query: bool, user: &str, now: Timestamp) -> Result<&Job, ApiError> {
        let (job, state) = self.find(id, query, user, now)?;
        if matches!(state, State::JobComplete | State::Failed | State::Aborted) {
            return Err(wrong_state(format!("Aborting already completed Job not allowed: {id}")));
        }
        job.stage = Stage::Aborted(now);
        Ok(job)
    }

    /// Whether these rows are still to be written.
    pub(super) fn wants(&mut self, rows: &Arc<usize>) -> bool {
        self.under_way(rows).is_some_and(|job| matches!(job.stage, Stage::Started(_)))
    }

    /// Notes what became of these rows, unless their job is gone.
    pub(super) fn written(&mut self, rows: &Arc<usize>, load: Load) {
        if let Some(Job { work: Work::Ingest { rows, .. }, .. }) = self.under_way(rows) {
            *rows = Rows::Written(load);
        }
    }

    fn under_way(&mut self, rows: &Arc<usize>) -> Option<&mut Job> {
        self.jobs.values_mut().find(|job| match &job.work {
            Work::Ingest { rows: Rows::UnderWay(held), .. } => Arc::ptr_eq(held, rows),
            _ => false,
        })
    }

    /// Deletes a job that is over.
    pub(super) fn delete(&mut self, id: &str, query: bool, user: &str, now: Timestamp) -> Result<(), ApiError> {
        let (job, state) = self.find(id, query, user, now)?;
        if matches!(state, State::UploadComplete | State::InProgress) {
            let message = "Error encountered when deleting the job because the job is not terminated";
            return Err(ApiError::bad_request("API_ERROR", message));
        }
        let id = job.id.clone();
        self.jobs.retain(|_, job| job.id != id);
        Ok(())
    }

    /// Refuses what does not fit beside the data and the results of other jobs. Those that are over make room.
    pub(super) fn check_room(&mut self, bytes: usize, now: Timestamp) -> Result<(), ApiError> {
        self.forget(now);
        let takes = self.takes;
        let under_way = self.jobs.values().filter(|job| job.ended(now, takes).is_none());
        if bytes.saturating_add(under_way.map(Job::bytes).sum()) <= BYTES {
            return Ok(());
        }
        let message = format!("the jobs under way hold {BYTES} bytes together: close, abort or delete some first");
        Err(ApiError::bad_request("EXCEEDED_MAX_SIZE_REQUEST", message))
    }

    fn forget(&mut self, now: Timestamp) {
        let takes = self.takes;
        let is_old = |job: &Job| {
            let since = match job.stage {
                Stage::Open => Some(job.created),
                _ => job.ended(now, takes),
            };
            since.is_some_and(|since| now.duration_since(since) >= KEPT)
        };
        self.jobs.retain(|_, job| !is_old(job));
        let mut bytes: usize = self.jobs.values().map(Job::bytes).sum();
        while self.jobs.len() > JOBS || (bytes > BYTES && self.jobs.len() > 1) {
            let ended = self.jobs.iter().find(|(_, job)| job.ended(now, takes).is_some()).map(|(number, _)| *number);
            // With none over, the youngest goes: its maker is told.
            let goes = ended.or_else(|| self.jobs.keys().next_back().copied());
            let Some(job) = goes.and_then(|number| self.jobs.remove(&number)) else { break };
            bytes -= job.bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_before_it_is_taken() {
        let mut jobs = Jobs::default();
        assert_eq!(jobs.check_room(BYTES, Timestamp::UNIX_EPOCH), Ok(()));
        let refused = jobs.check_room(BYTES + 1, Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!((refused.status, refused.code), (400, "EXCEEDED_MAX_SIZE_REQUEST"));
    }
}
