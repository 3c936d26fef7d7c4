//! Bulk executions whose org contradicts itself, loses answers, or puts a web page in their place.

use jiff::SignedDuration;
use mock_salesforce::{Fault, Matcher};
use serde_json::json;

use crate::bulk::{JOBS, accounts, begin_load, begin_query, breaks_off, ended, requests, rows};
use crate::fixture::{Connected, until};

/// A download ends as whole only if as many rows came as the job has.
#[tokio::test]
async fn a_download_that_is_not_whole_breaks_off() {
    let connected = Connected::start().await;
    let begun = begin_query(&connected, &connected.tenant, "SELECT Id FROM Account", None).await.json(202);
    let id = &begun["id"];
    connected.mock.advance_clock(SignedDuration::from_secs(1));
    let execution = ended(&connected.tenant, id).await;
    let job = execution["bulk"]["jobs"][0]["id"].as_str().unwrap();
    let (look, results) = (format!("{JOBS}/query/{job}"), format!("{JOBS}/query/{job}/results"));
    let page = |locator: &str, count: usize| {
        let count_told = count.to_string();
        let headers = [
            ("content-type", "text/csv; charset=UTF-8"),
            ("sforce-locator", locator),
            ("sforce-numberofrecords", &count_told),
        ];
        Fault::Answer {
            status: 200,
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            body: format!("\"Id\"\n{}", "\"001\"\n".repeat(count)).into_bytes(),
        }
    };
    // On the only page it is told in place of a body; on a later one, the body breaks off.
    for (first, words) in [(page("null", 2), "has 2086 records, but 2 came"), (page("null", 2_087), "but 2087 came")] {
        connected.mock.push_fault(Matcher::path(&results), first);
        let told = rows(&connected.tenant, id, "").await;
        assert!(told.status != 200 && told.text().contains(words), "{}", told.text());
    }
    connected.mock.push_fault(Matcher::path(&results), page("MQ", 1_000));
    connected.mock.push_fault(Matcher::path(&results), page("null", 1_000));
    assert!(breaks_off(&connected, id).await);
    let silent =
        json!({"id": job, "operation": "query", "object": "Account", "state": "JobComplete", "apiVersion": 67.0});
    connected.mock.push_fault(Matcher::path(&look), Fault::Replace(silent));
    let told = rows(&connected.tenant, id, "").await;
    assert!(told.status != 200 && told.text().contains("does not say how many records"), "{}", told.text());
    assert_eq!(rows(&connected.tenant, id, "").await.text().lines().count(), 2_087);
}

/// What Salesforce says of the rows of a load, and its results, are held against each other.
#[tokio::test]
async fn a_load_whose_job_counts_otherwise_is_no_success() {
    let connected = Connected::start().await;
    let data = "Name\nA\nB\nC\n";
    let begun = begin_load(&connected, &connected.tenant, "object=Account&operation=insert", data).await.json(202);
    let id = &begun["id"];
    let path = format!("/v1/executions/{}", id.as_str().unwrap());
    let job = async || connected.tenant.get(&path).await.json(200)["bulk"]["jobs"][0]["id"].clone();
    until(async || job().await.is_string()).await;
    let job = job().await;
    let look = format!("{JOBS}/ingest/{}", job.as_str().unwrap());
    let told = json!({"id": job, "operation": "insert", "object": "Account", "state": "JobComplete", "apiVersion": 67.0,
        "numberRecordsProcessed": 2, "numberRecordsFailed": 0});
    connected.mock.push_fault(Matcher::path(&look).method("GET"), Fault::Replace(told));
    connected.mock.advance_clock(SignedDuration::from_secs(1));
    let execution = ended(&connected.tenant, id).await;
    let error = &execution["error"];
    assert_eq!((&execution["state"], &error["outcome"]), (&json!("unknown"), &json!("unknown")), "{execution}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("has 3 rows, and Salesforce says that 2 were processed"), "{message}");
    let told = rows(&connected.tenant, id, "?rows=successful").await;
    assert!(told.status != 200 && told.text().contains("2 of its rows are successful, and 3 came"), "{}", told.text());
}

/// Neither an answer that is lost nor a web page in the place of one ends what Salesforce runs by itself.
#[tokio::test]
async fn lost_answers_and_a_web_page_between_them_end_nothing() {
    let connected = Connected::start().await;
    let before = accounts(&connected);
    let web_page = || Fault::Answer {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: b"<html>Maintenance</html>".to_vec(),
    };
    for kind in ["query", "ingest"] {
        let (all, one) = (format!("{JOBS}/{kind}"), format!("{JOBS}/{kind}/"));
        connected.mock.push_fault(Matcher::path(&all).method("POST"), Fault::CloseAfterWork);
        connected.mock.push_fault(Matcher::under(&one).method("GET"), web_page());
        let begun = match kind {
            "query" => begin_query(&connected, &connected.tenant, "SELECT Id FROM Account", None).await,
            _ => begin_load(&connected, &connected.tenant, "object=Account&operation=insert", "Name\nA\nB\n").await,
        };
        let begun = begun.json(202);
        connected.mock.advance_clock(SignedDuration::from_secs(1));
        let execution = ended(&connected.tenant, &begun["id"]).await;
        assert_eq!(execution["state"], "succeeded", "{execution}");
        assert_eq!(requests(&connected, kind).iter().filter(|request| *request == "POST").count(), 2, "{kind}");
    }
    assert_eq!(accounts(&connected), before + 2);
}

#[tokio::test]
async fn a_load_of_which_salesforce_took_no_row_is_refused_and_not_unknown() {
    let connected = Connected::start().await;
    let begun = begin_load(&connected, &connected.tenant, "object=Account&operation=insert", "Nothing__c\nx\n").await;
    let begun = begun.json(202);
    connected.mock.advance_clock(SignedDuration::from_secs(1));
    let execution = ended(&connected.tenant, &begun["id"]).await;
    assert_eq!((&execution["state"], &execution["outcome"]), (&json!("failed"), &json!("rejected")), "{execution}");
    let message = execution["error"]["message"].as_str().unwrap();
    assert!(message.ends_with("None of its rows was saved") && message.contains("Nothing__c"), "{message}");
}
