//! Bulk API 2.0: queries and loads of many records, as jobs.

mod faults;
mod ingest;
mod lost;
mod memory;
mod query;

use std::time::Duration;

use mock_salesforce::{Fault, MockSalesforce};
use serde_json::{Value, json};

use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, app};

/// When the mock's clock stands still, so that a job is done when a test says so.
const NOON: &str = "2026-06-15T12:00:00Z";
const JOBS: &str = "/services/data/v67.0/jobs";
/// A job that nobody made.
const NOBODY: &str = "7505e000003xPmkAAE";

async fn fixture() -> Fixture {
    Fixture::of(MockSalesforce::builder().clock_standing_at(NOON.parse().unwrap()), app()).await
}

/// An answer in CSV.
fn csv(body: &str, headers: &[(&str, &str)]) -> Fault {
    let own = [("content-type", "text/csv; charset=UTF-8")];
    let headers = own.iter().chain(headers).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Fault::Answer { status: 200, headers: headers.collect(), body: body.as_bytes().to_vec() }
}

impl Fixture {
    /// Long enough for any job.
    fn jobs_are_done(&self) {
        self.mock.advance_clock(Duration::from_secs(1).try_into().unwrap());
    }

    async fn create_query_job(&self, query: Value) -> Value {
        self.act("create-query-job", &json!({"query": query}), DEFAULTS).await.unwrap()
    }

    /// The first page of a query that is done.
    async fn queried(&self, query: Value) -> Value {
        let job = self.create_query_job(query).await;
        self.jobs_are_done();
        let done = self.act("get-query-job", &json!({"job_id": job["id"]}), DEFAULTS).await.unwrap();
        assert_eq!(done["state"], "job-complete");
        done["results"].clone()
    }

    async fn create_ingest_job(&self, job: Value) -> String {
        let made = self.act("create-ingest-job", &json!({"job": job}), DEFAULTS).await.unwrap();
        assert_eq!(made["state"], "open");
        made["id"].as_str().unwrap().to_owned()
    }

    async fn upload(&self, job: &str, data: &str) -> Value {
        self.act("upload-job-data", &json!({"job_id": job, "csv": data}), DEFAULTS).await.unwrap()
    }

    /// A job that is done, as it is told then.
    async fn loaded(&self, job: Value, data: &str) -> Value {
        let id = self.create_ingest_job(job).await;
        self.upload(&id, data).await;
        self.act("close-ingest-job", &json!({"job_id": id}), DEFAULTS).await.unwrap();
        self.jobs_are_done();
        self.act("get-ingest-job", &json!({"job_id": id}), DEFAULTS).await.unwrap()
    }

    /// The CSV of the rows, as many as it says.
    async fn rows_of(&self, job: &Value, which: &str) -> String {
        let input = json!({"job_id": job["id"], "which": which});
        let results = self.act("get-ingest-results", &input, DEFAULTS).await.unwrap();
        let text = results["csv"].as_str().unwrap();
        let count = csv::Reader::from_reader(text.as_bytes()).records().count();
        assert_eq!(results["count"], json!(count));
        text.to_owned()
    }
}
