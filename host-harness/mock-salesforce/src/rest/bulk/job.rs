//! What every job has, and its state by the clock.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Number, Value, json};

use super::dialect::Dialect;
use super::extract::Extract;
use super::load::{Load, Operation};
use crate::org::value::Value as Field;
use crate::rest::version::Version;

/// The state of a job, as answers name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::UploadComplete => "UploadComplete",
            Self::InProgress => "InProgress",
            Self::JobComplete => "JobComplete",
            Self::Failed => "Failed",
            Self::Aborted => "Aborted",
        }
    }
}

/// A job.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) object: String,
    pub(super) created_by: String,
    pub(super) created: Timestamp,
    pub(super) version: Version,
    pub(super) dialect: Dialect,
    pub(super) stage: Stage,
    pub(super) work: Work,
}

/// How far a client has brought it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    /// Data may be uploaded.
    Open,
    /// The data are complete: since when.
    Started(Timestamp),
    /// When it was aborted.
    Aborted(Timestamp),
}

/// What it is for.
#[derive(Debug)]
pub(super) enum Work {
    Query {
        all: bool,
        extract: Arc<Extract>,
    },
    /// With the Id of the assignment rule that was asked for.
    Ingest {
        operation: Operation,
        assignment_rule: Option<String>,
        rows: Rows,
    },
}

/// The data of an ingest job.
#[derive(Debug)]
pub(super) enum Rows {
    /// Nothing was done with them; none before they are uploaded.
    Untouched(Option<Vec<u8>>),
    /// They are being written; how many bytes they are. Whoever writes them holds the same.
    UnderWay(Arc<usize>),
    /// What became of them.
    Written(Load),
}

impl Job {
    /// The state at this moment, if a job takes so long.
    pub(super) fn state(&self, now: Timestamp, takes: SignedDuration) -> State {
        match self.stage {
            Stage::Open => State::Open,
            Stage::Aborted(_) => State::Aborted,
            Stage::Started(at) if now.duration_since(at) >= takes => match &self.work {
                Work::Ingest { rows: Rows::Written(load), .. } if load.error.is_some() => State::Failed,
                Work::Ingest { rows: Rows::Written(_), .. } | Work::Query { .. } => State::JobComplete,
                Work::Ingest { .. } => State::InProgress,
            },
            Stage::Started(at) if now > at => State::InProgress,
            Stage::Started(_) => State::UploadComplete,
        }
    }

    /// When it came to its end; none as long as it has not.
    pub(super) fn ended(&self, now: Timestamp, takes: SignedDuration) -> Option<Timestamp> {
        match (self.state(now, takes), self.stage) {
            (State::JobComplete | State::Failed, Stage::Started(at)) => Some(at.saturating_add(takes).unwrap_or(now)),
            (State::Aborted, Stage::Aborted(at)) => Some(at),
            _ => None,
        }
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        match &self.work {
            Work::Query { extract, .. } => extract.bytes(),
            Work::Ingest { rows: Rows::Untouched(content), .. } => content.as_ref().map_or(0, Vec::len),
            Work::Ingest { rows: Rows::UnderWay(bytes), .. } => **bytes,
            Work::Ingest { rows: Rows::Written(load), .. } => load.bytes(),
        }
    }

    /// What an answer to a change tells.
    pub(super) fn short(&self, state: State) -> Map<String, Value> {
        let mut told = Map::new();
        let mut tell = |name: &str, value: Value| told.insert(name.to_owned(), value);
        let operation = match &self.work {
            Work::Query { all: false, .. } => "query",
            Work::Query { all: true, .. } => "queryAll",
            Work::Ingest { operation, .. } => operation.name(),
        };
        tell("id", json!(self.id));
        tell("operation", json!(operation));
        tell("object", json!(self.object));
        tell("createdById", json!(self.created_by));
        tell("createdDate", Field::DateTime(self.created).to_json());
        tell("systemModstamp", Field::DateTime(self.created).to_json());
        tell("state", json!(state.name()));
        if let Work::Ingest { operation: Operation::Upsert(field), .. } = &self.work {
            tell("externalIdFieldName", json!(field));
        }
        if let Work::Ingest { assignment_rule: Some(rule), .. } = &self.work {
            tell("assignmentRuleId", json!(rule));
        }
        tell("concurrencyMode", json!("Parallel"));
        tell("contentType", json!("CSV"));
        tell("apiVersion", self.version.number().parse().map_or(Value::Null, |number: Number| Value::Number(number)));
        told
    }

    /// What an answer to its creation tells.
    pub(super) fn created(&self, state: State) -> Map<String, Value> {
        let mut told = self.short(state);
        if let Work::Ingest { .. } = &self.work {
            let url = format!("services/data/{}/jobs/ingest/{}/batches", self.version, self.id);
            told.insert("contentUrl".to_owned(), json!(url));
        }
        told.insert("lineEnding".to_owned(), json!(self.dialect.line_ending()));
        told.insert("columnDelimiter".to_owned(), json!(self.dialect.delimiter()));
        told
    }

    /// Everything. Of what was done nothing is told before the job is over.
    pub(super) fn info(&self, now: Timestamp, takes: SignedDuration) -> Map<String, Value> {
        let state = self.state(now, takes);
        let mut told = self.created(state);
        let mut tell = |name: &str, value: Value| told.insert(name.to_owned(), value);
        let over = matches!(state, State::JobComplete | State::Failed);
        let time = if over { takes.as_millis() } else { 0 };
        tell("retries", json!(0));
        tell("totalProcessingTime", json!(i64::try_from(time).unwrap_or(i64::MAX)));
        match &self.work {
            Work::Query { extract, .. } => {
                tell("jobType", json!("V2Query"));
                tell("numberRecordsProcessed", json!(if over { extract.len() } else { 0 }));
                tell("isPkChunkingSupported", json!(true));
            }
            Work::Ingest { rows, .. } => {
                let load = if let Rows::Written(load) = rows { Some(load).filter(|_| over) } else { None };
                tell("jobType", json!("V2Ingest"));
                tell("numberRecordsProcessed", json!(load.map_or(0, |load| load.processed)));
                tell("numberRecordsFailed", json!(load.map_or(0, |load| load.failed)));
                tell("apiActiveProcessingTime", json!(0));
                tell("apexProcessingTime", json!(0));
                if let Some(error) = load.and_then(|load| load.error.as_ref()) {
                    tell("errorMessage", json!(error));
                }
            }
        }
        told
    }
}
