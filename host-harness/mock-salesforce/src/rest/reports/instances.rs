//! Runs that were started, to be read later. What a run gives is made when it is started, and told a second of the org's clock
//! later.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::ApiError;
use crate::org::RecordId;
use crate::org::value::Value as Field;

/// How long a run takes.
const TAKES: SignedDuration = SignedDuration::from_secs(1);
/// How long its result is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// The most runs that are kept: the oldest makes room.
const MOST: usize = 200;

#[derive(Debug, Clone, Default)]
pub(super) struct Instances {
    /// Oldest first.
    all: VecDeque<Instance>,
    last: u64,
}

/// A run.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    id: String,
    /// Id of the report.
    report: String,
    owner: String,
    details: bool,
    started: Timestamp,
    /// What the report gives, without `attributes`.
    result: Arc<Map<String, Value>>,
    bytes: usize,
}

impl Instances {
    /// Starts a run that will give this.
    pub(super) fn start(
        &mut self,
        report: String,
        owner: &str,
        details: bool,
        now: Timestamp,
        result: Map<String, Value>,
    ) -> Instance {
        self.last += 1;
        let id = RecordId::numbered("0LG", self.last).map(|id| id.to_string()).unwrap_or_default();
        let bytes = Value::Object(result.clone()).to_string().len();
        let owner = owner.to_owned();
        let started = Instance { id, report, owner, details, started: now, result: Arc::new(result), bytes };
        self.all.retain(|instance| instance.is_kept(now));
        if self.all.len() == MOST {
            self.all.pop_front();
        }
        self.all.push_back(started.clone());
        started
    }

    /// The runs of a report, newest first.
    pub(super) fn of(&self, report: &str, now: Timestamp) -> impl Iterator<Item = &Instance> {
        self.all.iter().rev().filter(move |instance| instance.report == report && instance.is_kept(now))
    }

    /// # Errors
    /// 404 `NOT_FOUND`: the report has no such run, or no longer.
    pub(super) fn named(&self, report: &str, id: &str, now: Timestamp) -> Result<&Instance, ApiError> {
        let id = RecordId::parse(id).ok_or_else(ApiError::not_found)?;
        self.of(report, now).find(|instance| instance.id == id.as_str()).ok_or_else(ApiError::not_found)
    }

    pub(super) fn delete(&mut self, id: &str) {
        self.all.retain(|instance| instance.id != id);
    }

    /// Forgets the runs of a report.
    pub(super) fn forget(&mut self, report: &str) {
        self.all.retain(|instance| instance.report != report);
    }

    pub(super) fn bytes(&self) -> usize {
        self.all.iter().map(|instance| instance.bytes).sum()
    }
}

impl Instance {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    fn is_kept(&self, now: Timestamp) -> bool {
        now.duration_since(self.started) < KEPT
    }

    fn is_done(&self, now: Timestamp) -> bool {
        now.duration_since(self.started) >= TAKES
    }

    /// What is told of it in lists, and when it is started.
    pub(super) fn summary(&self, url: &str, now: Timestamp) -> Value {
        let done = self.is_done(now);
        json!({
            "id": self.id,
            "status": if done { "Success" } else { "New" },
            "requestDate": Field::DateTime(self.started).to_json(),
            "completionDate": if done { Field::DateTime(self.started + TAKES).to_json() } else { Value::Null },
            "hasDetailRows": self.details,
            "ownerId": self.owner,
            "queryable": false,
            "url": url,
        })
    }

    /// What it gives, once it is done; before, how far it is.
    pub(super) fn told(&self, name: &str, now: Timestamp) -> Value {
        let done = self.is_done(now);
        let mut told = Map::new();
        let attributes = json!({
            "id": self.id,
            "type": "ReportInstance",
            "status": if done { "Success" } else { "Running" },
            "requestDate": Field::DateTime(self.started).to_json(),
            "completionDate": if done { Field::DateTime(self.started + TAKES).to_json() } else { Value::Null },
            "ownerId": self.owner,
            "queryable": false,
            "reportId": self.report,
            "reportName": name,
        });
        told.insert("attributes".to_owned(), attributes);
        if done {
            told.extend(self.result.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        Value::Object(told)
    }
}
