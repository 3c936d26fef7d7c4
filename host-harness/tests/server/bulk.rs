//! Queries and loads that Salesforce runs by itself: begun, followed, ended early, gone on with, downloaded.

use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt;
use jiff::SignedDuration;
use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::client::{Client, Reply};
use crate::fixture::{Connected, until};
use crate::program::Process;

pub(crate) const JOBS: &str = "/services/data/v67.0/jobs";

pub(crate) async fn begin_query(connected: &Connected, client: &Client, soql: &str, key: Option<&str>) -> Reply {
    let body = json!({"connection": connected.connection, "input": {"query": {"soql": soql}}});
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    client.send(Method::POST, "/v1/bulk-queries", &headers, body.to_string().into()).await
}

pub(crate) async fn begin_load(connected: &Connected, client: &Client, how: &str, csv: impl Into<Bytes>) -> Reply {
    let path = format!("/v1/bulk-loads?connection={}&{how}", connected.connection);
    client.send(Method::POST, &path, &[("content-type", "text/csv; charset=utf-8")], csv.into()).await
}

/// The execution once it has ended.
pub(crate) async fn ended(client: &Client, id: &Value) -> Value {
    let path = format!("/v1/executions/{}", id.as_str().unwrap());
    until(async || client.get(&path).await.json(200)["state"] != "running").await;
    client.get(&path).await.json(200)
}

pub(crate) async fn rows(client: &Client, id: &Value, which: &str) -> Reply {
    client.get(&format!("/v1/executions/{}/rows{which}", id.as_str().unwrap())).await
}

/// Requests to the jobs of this kind: methods and what follows the kind in their paths, ids left out.
pub(crate) fn requests(connected: &Connected, kind: &str) -> Vec<String> {
    let ledger = connected.mock.ledger();
    let below = format!("{JOBS}/{kind}");
    let shown = |method: &str, path: &str| {
        let rest = path.strip_prefix(&below)?;
        let rest = rest.split('?').next().unwrap().trim_start_matches('/');
        let (id, rest) = rest.split_once('/').unwrap_or((rest, ""));
        Some(
            format!("{method} {} {rest}", if id.is_empty() { "" } else { "ID" })
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
        )
    };
    ledger.entries().filter_map(|entry| shown(&entry.method, &entry.path)).collect()
}

pub(crate) fn accounts(connected: &Connected) -> usize {
    connected.mock.org(|org| org.count("Account"))
}

#[tokio::test]
async fn a_query_is_followed_and_its_rows_are_downloaded() {
    let connected = Connected::start().await;
    let begun = begin_query(&connected, &connected.tenant, "SELECT Id, Name FROM Account ORDER BY Id", Some("q")).await;
    let execution = begun.json(202);
    assert_eq!((&execution["state"], &execution["action"]), (&json!("running"), &json!("create-query-job")));
    let id = &execution["id"];
    assert_eq!(begun.header("location").unwrap(), format!("/v1/executions/{}", id.as_str().unwrap()));
    connected.mock.advance_clock(SignedDuration::from_secs(1));

    let execution = ended(&connected.tenant, id).await;
    assert_eq!((&execution["state"], &execution["records"]), (&json!("succeeded"), &json!(2086)), "{execution}");
    assert_eq!(execution["bulk"]["kind"], "query");
    let jobs = execution["bulk"]["jobs"].as_array().unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!((&jobs[0]["state"], &jobs[0]["processed"]), (&json!("job-complete"), &json!(2086)));

    let csv = rows(&connected.tenant, id, "").await;
    assert_eq!((csv.status.as_u16(), csv.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    let lines: Vec<_> = csv.text().lines().collect();
    assert_eq!((lines[0], lines.len()), ("\"Id\",\"Name\"", 2087));

    // The same key: the same execution, and no other job.
    let again = begin_query(&connected, &connected.tenant, "SELECT Id, Name FROM Account ORDER BY Id", Some("q")).await;
    assert_eq!((&again.json(202)["id"], again.header("idempotency-replayed")), (id, Some("true")));
    let other = begin_query(&connected, &connected.tenant, "SELECT Id FROM Account", Some("q")).await;
    other.problem(422, "key-reused");
    assert_eq!(requests(&connected, "query").iter().filter(|request| *request == "POST").count(), 1);
}

#[tokio::test]
async fn the_values_of_a_query_are_bound() {
    let connected = Connected::start().await;
    connected.tenant.execute(&connected.create_account("O'Reilly")).await.ended("succeeded");
    let query = json!({"soql": "SELECT Name FROM Account WHERE Name = :n", "parameters": {"n": "O'Reilly"}});
    let body = json!({"connection": connected.connection, "input": {"query": query}});
    let headers = [("content-type", "application/json")];
    let begun = connected.tenant.send(Method::POST, "/v1/bulk-queries", &headers, body.to_string().into()).await;
    let id = &begun.json(202)["id"];
    connected.mock.advance_clock(SignedDuration::from_secs(1));
    assert_eq!(ended(&connected.tenant, id).await["state"], "succeeded");
    assert_eq!(rows(&connected.tenant, id, "").await.text(), "\"Name\"\n\"O'Reilly\"\n");
}

#[tokio::test]
async fn rows_are_told_apart_and_are_their_tenants_own() {
    let connected = Connected::start().await;
    connected.mock.bulk_jobs_take(SignedDuration::from_hours(1));
    let begun = begin_query(&connected, &connected.tenant, "SELECT Id FROM Account", None).await.json(202);
    let id = &begun["id"];
    rows(&connected.tenant, id, "").await.problem(409, "still-running");
    assert!(
        rows(&connected.tenant, id, "?rows=failed")
            .await
            .problem(409, "conflict")
            .contains("a query has found rows alone")
    );
    rows(&connected.tenant, id, "?rows=all").await.problem(400, "invalid-request");
    let other = connected.new_tenant("other", &json!({})).await;
    rows(&other, id, "").await.problem(404, "not-found");
    let count = connected.tenant.execute(&connected.count()).await.ended("succeeded");
    assert!(
        rows(&connected.tenant, &count["id"], "").await.problem(409, "conflict").contains("it is no bulk execution")
    );
}

#[tokio::test]
async fn a_query_that_is_cancelled_is_aborted() {
    let connected = Connected::start().await;
    connected.mock.bulk_jobs_take(SignedDuration::from_hours(1));
    let begun = begin_query(&connected, &connected.tenant, "SELECT Id FROM Account", None).await.json(202);
    let cancel = format!("/v1/executions/{}/cancel", begun["id"].as_str().unwrap());
    assert_eq!(connected.tenant.post(&cancel).await.status, 202);
    let execution = ended(&connected.tenant, &begun["id"]).await;
    assert_eq!(execution["state"], "cancelled", "{execution}");
    assert_eq!(requests(&connected, "query").last().unwrap(), "PATCH ID");
}

#[tokio::test]
async fn a_query_that_salesforce_refuses_or_fails_says_why() {
    let connected = Connected::start().await;
    let refused = begin_query(&connected, &connected.tenant, "SELECT Nope FROM Account", None).await.json(202);
    let execution = ended(&connected.tenant, &refused["id"]).await;
    assert_eq!(execution["state"], "failed", "{execution}");
    assert!(execution["error"]["message"].as_str().unwrap().contains("Nope"), "{execution}");
    rows(&connected.tenant, &refused["id"], "").await.problem(409, "conflict");
}

#[tokio::test]
async fn a_download_that_loses_a_page_breaks_off() {
    let connected = Connected::start().await;
    let begun = begin_query(&connected, &connected.tenant, "SELECT Id FROM Account", None).await.json(202);
    connected.mock.advance_clock(SignedDuration::from_secs(1));
    ended(&connected.tenant, &begun["id"]).await;
    let job = ended(&connected.tenant, &begun["id"]).await["bulk"]["jobs"][0]["id"].as_str().unwrap().to_owned();
    let results = format!("{JOBS}/query/{job}/results");
    // The first page says that there is another one, which is a web page.
    let headers = [("content-type", "text/csv"), ("sforce-numberofrecords", "1"), ("sforce-locator", "MTIz")];
    let page = |headers: &[(&str, &str)], body: &str| Fault::Answer {
        status: 200,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.as_bytes().to_vec(),
    };
    connected.mock.push_fault(Matcher::path(&results), page(&headers, "\"Id\"\n\"001\"\n"));
    connected.mock.push_fault(Matcher::path(&results), page(&[("content-type", "text/html")], "<html>"));
    assert!(breaks_off(&connected, &begun["id"]).await, "it seemed to be whole");
}

/// Whether the body of a download that begins well breaks off.
pub(crate) async fn breaks_off(connected: &Connected, id: &Value) -> bool {
    let path = format!("/v1/executions/{}/rows", id.as_str().unwrap());
    let response = connected.tenant.open(Method::GET, &path, &[], Bytes::new()).await;
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.is_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_a_query_outlives_the_process_that_began_it() {
    let connected = Connected::start().await;
    connected.mock.bulk_jobs_take(SignedDuration::from_hours(1));
    let process = Process::start(connected.data.path());
    let client = Client::new(&process.url, Some(&connected.tenant_token()));
    let begun = begin_query(&connected, &client, "SELECT Id FROM Account", None).await.json(202);
    drop(process);
    let (_server, client) = connected.another().await;
    connected.mock.advance_clock(SignedDuration::from_hours(2));
    let execution = ended(&client, &begun["id"]).await;
    assert_eq!((&execution["state"], &execution["records"]), (&json!("succeeded"), &json!(2086)), "{execution}");
    assert_eq!(requests(&connected, "query").iter().filter(|request| *request == "POST").count(), 1);
}

#[tokio::test]
async fn a_load_of_several_jobs_says_what_became_of_each_row() {
    let connected = Connected::start().await;
    let before = accounts(&connected);
    let note = "x, \"quoted\"\r\n".repeat(20).replace('"', "\"\"");
    let mut csv = String::from("\u{feff}Name,Description,NumberOfEmployees\r\n");
    for row in 0..20_000 {
        let employees = if row % 1_000 == 7 { "many" } else { "1" };
        csv.push_str(&format!("Bulk {row},\"{note}\",{employees}\r\n"));
    }
    let begun = begin_load(&connected, &connected.tenant, "object=Account&operation=insert", csv).await.json(202);
    connected.mock.advance_clock(SignedDuration::from_secs(1));
    let execution = ended(&connected.tenant, &begun["id"]).await;
    assert_eq!((&execution["state"], &execution["records"]), (&json!("succeeded"), &json!(19_980)), "{execution}");
    let jobs = execution["bulk"]["jobs"].as_array().unwrap();
    assert!(jobs.len() >= 2, "{jobs:?}");
    let sum = |name: &str| jobs.iter().map(|job| job[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("sent"), sum("processed"), sum("failed")), (20_000, 20_000, 20));
    assert_eq!(accounts(&connected), before + 19_980);

    let failed = rows(&connected.tenant, &begun["id"], "?rows=failed").await;
    let mut reader = csv::Reader::from_reader(failed.text().as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        ["sf__Id", "sf__Error", "Name", "Description", "NumberOfEmployees"].as_slice()
    );
    let records: Vec<_> = reader.records().map(|record| record.unwrap()).collect();
    assert_eq!(records.len(), 20);
    assert!(records.iter().all(|record| &record[4] == "many" && record[3] == note.replace("\"\"", "\"")));
    let saved = rows(&connected.tenant, &begun["id"], "?rows=successful").await;
    assert_eq!(csv::Reader::from_reader(saved.text().as_bytes()).records().count(), 19_980);
    let rest = rows(&connected.tenant, &begun["id"], "?rows=unprocessed").await;
    assert_eq!(csv::Reader::from_reader(rest.text().as_bytes()).records().count(), 0);
}

#[tokio::test]
async fn no_row_is_loaded_twice_where_answers_are_lost() {
    let connected = Connected::start().await;
    let before = accounts(&connected);
    let below = Matcher::under(&format!("{JOBS}/ingest/"));
    connected.mock.push_fault(below.clone().method("PUT"), Fault::CloseAfterWork);
    connected.mock.push_fault(below.clone().method("PATCH").nth(2), Fault::CloseAfterWork);
    let csv = "Name\nOnce\nTwice\n";
    let begun = begin_load(&connected, &connected.tenant, "object=Account&operation=insert", csv).await.json(202);
    connected.mock.advance_clock(SignedDuration::from_secs(1));
    let execution = ended(&connected.tenant, &begun["id"]).await;
    assert_eq!((&execution["state"], &execution["records"]), (&json!("succeeded"), &json!(2)), "{execution}");
    assert_eq!(accounts(&connected), before + 2);
    let requests = requests(&connected, "ingest");
    let expected = ["POST", "PUT ID batches", "PATCH ID", "POST", "PUT ID batches", "PATCH ID", "GET ID"];
    assert_eq!(requests[..expected.len()], expected, "{requests:?}");
}

#[tokio::test]
async fn data_that_is_broken_says_how_much_of_it_was_loaded() {
    let connected = Connected::start().await;
    let before = accounts(&connected);
    let load = async |csv: String| {
        begin_load(&connected, &connected.tenant, "object=Account&operation=insert", csv).await.json(202)
    };
    let execution = load("Name\n\"A\n".to_owned()).await;
    assert_eq!((&execution["state"], &execution["outcome"]), (&json!("failed"), &json!("not-sent")), "{execution}");
    assert_eq!(
        execution["error"]["message"],
        "row 1 behind the header row: expected a quote at the end of a value that begins with one"
    );
    assert_eq!(requests(&connected, "ingest"), [""; 0]);

    let begun = load(two_jobs() + "One value\n").await;
    connected.mock.advance_clock(SignedDuration::from_secs(1));
    let execution = ended(&connected.tenant, &begun["id"]).await;
    assert_eq!(execution["state"], "unknown", "{execution}");
    let sent = execution["bulk"]["jobs"][0]["sent"].as_u64().unwrap();
    let told = execution["error"]["message"].as_str().unwrap();
    let expected = format!(
        "Salesforce was given the first {sent} rows, and no more: row 8001 behind the header row: expected as many values as \
         the header row has names"
    );
    assert_eq!(told, expected);
    assert_eq!(accounts(&connected) as u64, before as u64 + sent);
}

#[tokio::test]
async fn a_load_is_refused_before_any_of_it_is_read() {
    let connected = Connected::start().await;
    let client = &connected.tenant;
    for (how, told) in [
        ("object=Account&operation=upsert", "external_id_field: expected it, for an upsert"),
        ("object=Account&operation=insert&external_id_field=A", "external_id_field: expected it for an upsert alone"),
        ("object=Account&operation=merge", "operation"),
        ("operation=insert", "object"),
    ] {
        let detail = begin_load(&connected, client, how, "Name\nA\n").await.problem(400, "invalid-request");
        assert!(detail.contains(told), "{detail}");
    }
    let path = format!("/v1/bulk-loads?connection={}&object=Account&operation=insert", connected.connection);
    let json = client.send(Method::POST, &path, &[("content-type", "application/json")], "{}".into()).await;
    json.problem(415, "unsupported-media-type");
    assert_eq!(requests(&connected, "ingest"), [""; 0]);
}

/// Data that makes more than one job.
fn two_jobs() -> String {
    let long = "x".repeat(1_000);
    let rows: String = (0..8_000).map(|row| format!("Part {row},{long}\n")).collect();
    format!("Name,Description\n{rows}")
}

/// Begins to load [`two_jobs`] in a process, which is killed when so many requests of this method have reached a job.
async fn killed_at(connected: &Connected, method: &str, nth: usize) {
    let process = Process::start(connected.data.path());
    let client = Client::new(&process.url, Some(&connected.tenant_token()));
    let path = format!("/v1/bulk-loads?connection={}&object=Account&operation=insert", connected.connection);
    let data = two_jobs().into();
    let sending =
        tokio::spawn(async move { client.send(Method::POST, &path, &[("content-type", "text/csv")], data).await });
    let reached = || requests(connected, "ingest").iter().filter(|request| request.starts_with(method)).count();
    until(async || reached() == nth).await;
    drop(process);
    assert!(sending.await.is_err(), "a dead process has answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_a_load_whose_process_dies_at_its_last_job_misses_no_row() {
    // Whether the job was closed or not, nobody was told.
    for fault in [Fault::HangAfterWork, Fault::Hang] {
        let connected = Connected::start().await;
        let before = accounts(&connected);
        let last = Matcher::under(&format!("{JOBS}/ingest/")).method("PATCH").nth(2);
        connected.mock.push_fault(last, fault.clone());
        killed_at(&connected, "PATCH", 2).await;
        let (_server, client) = connected.another().await;
        let log = client.get("/v1/executions?limit=1").await.json(200);
        let id = &log["items"][0]["id"];
        let path = format!("/v1/executions/{}", id.as_str().unwrap());
        until(async || client.get(&path).await.json(200)["bulk"]["jobs"][1]["state"] == "upload-complete").await;
        connected.mock.advance_clock(SignedDuration::from_secs(1));
        let execution = ended(&client, id).await;
        assert_eq!((&execution["state"], &execution["records"]), (&json!("succeeded"), &json!(8_000)), "{fault:?}");
        assert_eq!(accounts(&connected), before + 8_000, "{fault:?}");
    }
}

#[tokio::test]
async fn a_load_is_bounded_however_it_arrives() {
    let connected = Connected::with(|options| options.load_bytes = 5 << 20).await;
    let before = accounts(&connected);
    let path = format!("/v1/bulk-loads?connection={}&object=Account&operation=insert", connected.connection);
    let csv = Bytes::from(two_jobs());
    let announced = connected.tenant.send(Method::POST, &path, &[("content-type", "text/csv")], csv.clone()).await;
    announced.problem(413, "too-large");
    assert_eq!(requests(&connected, "ingest"), [""; 0]);
    let chunked = [("content-type", "text/csv"), ("transfer-encoding", "chunked")];
    let begun = connected.tenant.send(Method::POST, &path, &chunked, csv).await.json(202);
    connected.mock.advance_clock(SignedDuration::from_secs(1));
    let execution = ended(&connected.tenant, &begun["id"]).await;
    assert_eq!(execution["state"], "unknown", "{execution}");
    let sent = execution["bulk"]["jobs"][0]["sent"].as_u64().unwrap();
    let told =
        format!("Salesforce was given the first {sent} rows, and no more: expected at most 5242880 bytes of data");
    assert_eq!(execution["error"]["message"], told);
    assert_eq!(accounts(&connected) as u64, before as u64 + sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_a_load_whose_process_dies_has_each_row_once_and_says_how_many() {
    let connected = Connected::start().await;
    let before = accounts(&connected);
    // The second job has its data, and the answer never comes.
    let data = Matcher::under(&format!("{JOBS}/ingest/")).method("PUT").nth(2);
    connected.mock.push_fault(data, Fault::HangAfterWork);
    killed_at(&connected, "PUT", 2).await;

    let (_server, client) = connected.another().await;
    connected.mock.advance_clock(SignedDuration::from_secs(1));
    let log = client.get("/v1/executions?limit=1").await.json(200);
    let execution = ended(&client, &log["items"][0]["id"]).await;
    assert_eq!(execution["state"], "unknown", "{execution}");
    let jobs = execution["bulk"]["jobs"].as_array().unwrap();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    let sent = jobs[0]["sent"].as_u64().unwrap();
    let told = execution["error"]["message"].as_str().unwrap();
    assert_eq!(
        told,
        format!("Salesforce was given the first {sent} rows, and no more: the server ended while the data arrived")
    );
    assert_eq!(accounts(&connected) as u64, before as u64 + sent);
}
