//! What is asked about a job: the actions of `bulk`, each with its input and the type of what it gives.

use std::marker::PhantomData;

use salesforce_runtime::bindings::soql::Parameter;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::json;

use super::job::{IngestResult, Job, JobKind};
use super::operation::Operation;
use super::page::Page;
use crate::{Actions, Call, InputError, parameters};

/// A call of an action that gives a `T`; [`IgnoredAny`] where nothing in it is of interest.
#[derive(Clone, Debug)]
pub struct Request<T> {
    action: &'static str,
    input: String,
    gives: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Request<T> {
    fn new(action: &'static str, input: &impl Serialize) -> Request<T> {
        // What is made of texts and numbers can be written.
        Request::with(action, serde_json::to_string(input).unwrap_or_default())
    }

    fn with(action: &'static str, input: String) -> Request<T> {
        Request { action, input, gives: PhantomData }
    }

    /// The name of the action.
    #[must_use]
    pub fn action(&self) -> &'static str {
        self.action
    }

    /// The call to make.
    ///
    /// # Errors
    /// [`InputError`]: an argument is longer than the action takes.
    pub fn call(&self) -> Result<Call, InputError> {
        Call::parse(Actions::of_connector(), self.action, &self.input)
    }

    /// Whether it may change records: before a job is closed nothing of it is processed.
    #[must_use]
    pub fn changes_records(&self) -> bool {
        self.action == CLOSE
    }
}

/// The action that begins a query.
pub const CREATE_QUERY: &str = "create-query-job";
/// The action that makes a job for data.
pub const CREATE_INGEST: &str = "create-ingest-job";
const CLOSE: &str = "close-ingest-job";

impl Request<Job> {
    /// Begins a query: the input of [`CREATE_QUERY`], as [`new_query_job`] makes one.
    #[must_use]
    pub fn create_query(input: &str) -> Request<Job> {
        Request::with(CREATE_QUERY, input.to_owned())
    }

    /// Makes a job for data: the input of [`CREATE_INGEST`], as [`new_ingest_job`] makes one.
    #[must_use]
    pub fn create_ingest(input: &str) -> Request<Job> {
        Request::with(CREATE_INGEST, input.to_owned())
    }

    /// How a job stands.
    #[must_use]
    pub fn look(kind: JobKind, id: &str) -> Request<Job> {
        let action = match kind {
            JobKind::Query => "get-query-job",
            JobKind::Ingest => "get-ingest-job",
        };
        Request::new(action, &json!({ "job_id": id }))
    }

    /// Says that a job has its data: Salesforce begins to write.
    #[must_use]
    pub fn close(id: &str) -> Request<Job> {
        Request::new(CLOSE, &json!({ "job_id": id }))
    }
}

impl Request<Page> {
    /// A page of what a query found, of at most so many rows.
    #[must_use]
    pub fn found(cursor: &str, rows: u32) -> Request<Page> {
        Request::new("get-query-results", &json!({ "cursor": cursor, "max_records": rows }))
    }

    /// All rows of a job that loads of which the same became.
    #[must_use]
    pub fn loaded(id: &str, which: IngestResult) -> Request<Page> {
        Request::new("get-ingest-results", &json!({ "job_id": id, "which": which }))
    }
}

impl Request<IgnoredAny> {
    /// Gives a job its data.
    #[must_use]
    pub fn upload(id: &str, csv: &str) -> Request<IgnoredAny> {
        #[derive(Serialize)]
        struct Upload<'a> {
            job_id: &'a str,
            csv: &'a str,
        }
        Request::new("upload-job-data", &Upload { job_id: id, csv })
    }

    /// Ends a job before its time.
    #[must_use]
    pub fn abort(kind: JobKind, id: &str) -> Request<IgnoredAny> {
        Request::new("abort-job", &json!({ "kind": kind, "job_id": id }))
    }

    /// Deletes a job that is over.
    #[must_use]
    pub fn delete(kind: JobKind, id: &str) -> Request<IgnoredAny> {
        Request::new("delete-job", &json!({ "kind": kind, "job_id": id }))
    }
}

/// The input of [`CREATE_QUERY`].
#[must_use]
pub fn new_query_job(soql: &str, parameters: &[Parameter], include_deleted: bool) -> String {
    let parameters = parameters::to_json(parameters);
    let (soql, parameters) = (json!(soql), parameters.get());
    format!(r#"{{"query":{{"soql":{soql},"parameters":{parameters},"include_deleted":{include_deleted}}}}}"#)
}

/// The input of [`CREATE_INGEST`] for data with commas and line feeds, as [`Pieces`](super::Pieces) gives them.
#[must_use]
pub fn new_ingest_job(object: &str, operation: &Operation) -> String {
    json!({ "job": { "object": object, "operation": operation } }).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::operation::OperationKind;
    use super::*;

    #[test]
    fn every_request_is_a_call_of_the_connector() {
        let upsert = Operation::new(OperationKind::Upsert, Some("ERP_Id__c")).unwrap();
        let named = parameters::from_argument("n=O'Reilly").unwrap();
        let jobs = [
            Request::create_query(&new_query_job("SELECT Id FROM Account WHERE Name = :n", &[named], true)),
            Request::create_ingest(&new_ingest_job("Account", &upsert)),
            Request::look(JobKind::Query, "750"),
            Request::look(JobKind::Ingest, "750"),
            Request::close("750"),
        ];
        let pages = [
            Request::found("/services/data/v67.0/jobs/query/750/results", 5),
            Request::loaded("750", IngestResult::Successful),
            Request::loaded("750", IngestResult::Failed),
            Request::loaded("750", IngestResult::Unprocessed),
        ];
        let others = [
            Request::upload("750", "Name\n\"a\"\n"),
            Request::abort(JobKind::Ingest, "750"),
            Request::delete(JobKind::Query, "750"),
        ];
        let calls = jobs.iter().map(Request::call).chain(pages.iter().map(Request::call));
        for call in calls.chain(others.iter().map(Request::call)) {
            assert_eq!(call.unwrap().action().interface, "workflow:salesforce/bulk@0.2.1");
        }
        assert!(jobs.iter().all(|request| request.changes_records() == (request.action() == "close-ingest-job")));
    }
}
