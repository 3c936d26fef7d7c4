//! Bulk jobs: each function on a job that the component made itself. The org takes no time for one.

use serde_json::{Value as Json, json};

use super::{Seen, Trial, account};
use crate::conformance::expect::{Checked, expect};
use crate::conformance::material::{letters, small, word};

/// Jobs of a trial, and what was sent for them.
struct Jobs<'a> {
    trial: &'a Trial<'a>,
    sent: Vec<(&'static str, String)>,
}

impl<'a> Jobs<'a> {
    fn new(trial: &'a Trial<'a>) -> Self {
        trial.bench.mock.bulk_jobs_take(std::time::Duration::ZERO.try_into().unwrap_or_default());
        Self { trial, sent: Vec::new() }
    }

    /// A call that must send one request: a method, and what stands behind `jobs/`.
    async fn done(&mut self, action: &str, input: &Json, method: &'static str, path: &str) -> Checked<Json> {
        let told = self.trial.bench.done(action, self.trial.act(action, input).await)?;
        self.sent.push((method, self.trial.data(&format!("jobs/{path}"))));
        Ok(told.json)
    }

    /// A query for the Id of one account, and that Id.
    async fn query(&mut self) -> Checked<(Json, String)> {
        let id = account(self.trial.bench);
        let query = json!({"soql": "SELECT Id FROM Account WHERE Id = :id", "parameters": {"id": {"id": id}}});
        let job = self.done("create-query-job", &json!({"query": query}), "POST", "query").await?;
        expect(member(&job, "object") == "Account" && is_id(member(&job, "id")), || "a job for its query".to_owned())?;
        Ok((member(&job, "id").clone(), id))
    }

    /// The first page of a query.
    async fn results(&mut self) -> Checked<(Json, String)> {
        let (job, id) = self.query().await?;
        let path = format!("query/{}", text(&job));
        let done = self.done("get-query-job", &json!({"job_id": job}), "GET", &path).await?;
        expect(member(&done, "state") == "job-complete" && member(&done, "records_processed") == 1, || {
            "the job of a query to be complete, with one record".to_owned()
        })?;
        Ok((member(&done, "results").clone(), id))
    }

    /// A job that updates accounts, open.
    async fn ingest(&mut self) -> Checked<Json> {
        let new = json!({"object": "Account", "operation": "update"});
        let job = self.done("create-ingest-job", &json!({"job": new}), "POST", "ingest").await?;
        expect(member(&job, "state") == "open" && is_id(member(&job, "id")), || "an open job".to_owned())?;
        Ok(member(&job, "id").clone())
    }

    /// A job with data: two rows, of which the second is none.
    async fn uploaded(&mut self) -> Checked<Json> {
        let job = self.ingest().await?;
        let id = account(self.trial.bench);
        let csv = format!("Id,Site\n{id},\"{},\n{}\"\n{},x\n", word(), letters(9), letters(9));
        let path = format!("ingest/{}/batches", text(&job));
        let uploaded = self.done("upload-job-data", &json!({"job_id": job, "csv": csv}), "PUT", &path).await?;
        expect(member(&uploaded, "count") == 2, || "two rows to be uploaded".to_owned())?;
        Ok(job)
    }

    async fn closed(&mut self) -> Checked<Json> {
        let job = self.uploaded().await?;
        let path = format!("ingest/{}", text(&job));
        let closed = self.done("close-ingest-job", &json!({"job_id": job}), "PATCH", &path).await?;
        expect(member(&closed, "state") == "upload-complete", || "the job to be closed".to_owned())?;
        Ok(job)
    }

    fn seen(self) -> Checked<Seen> {
        Ok(Seen { sent: self.sent, gave: String::new() })
    }
}

fn is_id(value: &Json) -> bool {
    value.as_str().is_some_and(|id| id.len() == 18)
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) async fn create_query_job(trial: &Trial<'_>) -> Checked<Seen> {
    let mut jobs = Jobs::new(trial);
    jobs.query().await?;
    jobs.seen()
}

pub(super) async fn get_query_job(trial: &Trial<'_>) -> Checked<Seen> {
    let mut jobs = Jobs::new(trial);
    jobs.results().await?;
    jobs.seen()
}

pub(super) async fn get_query_results(trial: &Trial<'_>) -> Checked<Seen> {
    let mut jobs = Jobs::new(trial);
    let (cursor, id) = jobs.results().await?;
    let input = json!({"cursor": cursor, "max_records": 1 + small(9)});
    let page = jobs.done("get-query-results", &input, "GET", "query/").await?;
    let csv = format!("\"Id\"\n\"{id}\"\n");
    expect(*member(&page, "csv") == csv && member(&page, "count") == 1 && member(&page, "next").is_null(), || {
        "the one row that the query found, behind its header".to_owned()
    })?;
    jobs.seen()
}

pub(super) async fn create_ingest_job(trial: &Trial<'_>) -> Checked<Seen> {
    let mut jobs = Jobs::new(trial);
    jobs.ingest().await?;
    jobs.seen()
}

pub(super) async fn upload_job_data(trial: &Trial<'_>) -> Checked<Seen> {
    let mut jobs = Jobs::new(trial);
    jobs.uploaded().await?;
    jobs.seen()
}

pub(super) async fn close_ingest_job(trial: &Trial<'_>) -> Checked<Seen> {
    let mut jobs = Jobs::new(trial);
    jobs.closed().await?;
    jobs.seen()
}

pub(super) async fn get_ingest_job(trial: &Trial<'_>) -> Checked<Seen> {
    let mut jobs = Jobs::new(trial);
    let job = jobs.closed().await?;
    let path = format!("ingest/{}", text(&job));
    let done = jobs.done("get-ingest-job", &json!({"job_id": job}), "GET", &path).await?;
    expect(
        member(&done, "state") == "job-complete"
            && member(&done, "records_processed") == 2
            && member(&done, "records_failed") == 1,
        || "a complete job whose second row has failed".to_owned(),
    )?;
    jobs.seen()
}

pub(super) async fn get_ingest_results(trial: &Trial<'_>) -> Checked<Seen> {
    let mut jobs = Jobs::new(trial);
    let job = jobs.closed().await?;
    for (which, name) in
        [("successful", "successfulResults"), ("failed", "failedResults"), ("unprocessed", "unprocessedrecords")]
    {
        let path = format!("ingest/{}/{name}", text(&job));
        let rows = jobs.done("get-ingest-results", &json!({"job_id": job, "which": which}), "GET", &path).await?;
        let expected = u64::from(which != "unprocessed");
        expect(member(&rows, "count") == expected, || format!("{expected} rows that are {which}"))?;
    }
    jobs.seen()
}

pub(super) async fn abort_job(trial: &Trial<'_>) -> Checked<Seen> {
    let mut jobs = Jobs::new(trial);
    let job = jobs.ingest().await?;
    let path = format!("ingest/{}", text(&job));
    let aborted = jobs.done("abort-job", &json!({"kind": "ingest", "job_id": job}), "PATCH", &path).await?;
    expect(member(&aborted, "state") == "aborted", || "the job to be aborted".to_owned())?;
    jobs.seen()
}

pub(super) async fn delete_job(trial: &Trial<'_>) -> Checked<Seen> {
    let mut jobs = Jobs::new(trial);
    let (job, _) = jobs.query().await?;
    let path = format!("query/{}", text(&job));
    let deleted = jobs.done("delete-job", &json!({"kind": "query", "job_id": job}), "DELETE", &path).await?;
    expect(member(&deleted, "already_deleted") == false, || "the job to be deleted".to_owned())?;
    jobs.seen()
}

fn member<'a>(object: &'a Json, name: &str) -> &'a Json {
    object.get(name).unwrap_or(&Json::Null)
}
