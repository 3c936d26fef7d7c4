//! Ten million records that are generated, over HTTP.

use jiff::SignedDuration;
use mock_salesforce::MockSalesforce;
use mock_salesforce::org::files::{Seed, Source};
use serde_json::{Value, json};

use crate::fixture::*;

const COUNT: usize = 10_000_000;

async fn mock() -> MockSalesforce {
    builder().generate(format!("Lead={COUNT}").parse().unwrap()).start().await.unwrap()
}

#[tokio::test]
async fn a_bulk_query_reads_any_page_of_ten_million_records() {
    let mock = mock().await;
    let body = json!({"operation": "query", "query": "SELECT Id, Company FROM Lead"});
    let job = rest(&mock, "POST", "jobs/query").json(&body).send().await.json();
    let id = job["id"].as_str().unwrap();
    mock.advance_clock(SignedDuration::from_secs(1));
    let info = rest(&mock, "GET", &format!("jobs/query/{id}")).send().await.json();
    assert_eq!((&info["state"], &info["numberRecordsProcessed"]), (&json!("JobComplete"), &json!(COUNT)));
    let ids: Vec<String> = mock.org(|org| {
        let record = |after: &Value| org.records("Lead", after.as_str(), 1, false).unwrap()[0]["Id"].clone();
        let first = record(&Value::Null);
        [first.clone(), record(&first)].map(|id| id.as_str().unwrap().to_owned()).to_vec()
    });
    let results = format!("jobs/query/{id}/results?maxRecords=2");
    let first = rest(&mock, "GET", &results).send().await;
    let lines =
        format!("\"Id\",\"Company\"\n\"{}\",\"Company 000000000\"\n\"{}\",\"Company 000000001\"\n", ids[0], ids[1]);
    assert_eq!((first.text(), first.header("sforce-numberofrecords")), (lines, "2"));
    // The pages that a client reads at the same time: 200 of 50,000 records.
    let mut pages: Vec<String> = Vec::new();
    let mut next = Some(format!("/services/data/v67.0/jobs/query/{id}/resultPages"));
    while let Some(path) = next {
        let body = rest(&mock, "GET", path.split_once("/v67.0/").unwrap().1).send().await.json();
        let urls = body["resultPages"].as_array().unwrap().iter();
        pages.extend(urls.map(|page| page["resultUrl"].as_str().unwrap().split_once("/v67.0/").unwrap().1.to_owned()));
        next = body["nextRecordsUrl"].as_str().map(str::to_owned);
    }
    assert_eq!(pages.len(), 200);
    let middle = rest(&mock, "GET", &format!("{}&maxRecords=3", pages[100])).send().await.text();
    let companies: Vec<&str> = middle.lines().skip(1).map(|line| line.split_once(',').unwrap().1).collect();
    assert_eq!(companies, ["\"Company 005000000\"", "\"Company 005000001\"", "\"Company 005000002\""]);
    let last = rest(&mock, "GET", &pages[199]).send().await;
    assert_eq!((last.header("sforce-numberofrecords"), last.header("sforce-locator")), ("50000", "null"));
    assert!(last.text().ends_with("\"Company 009999999\"\n"));
}

#[tokio::test]
async fn a_query_pages_through_ten_million_records() {
    let mock = mock().await;
    let first = query(&mock, "SELECT Id FROM Lead").await;
    assert_eq!((&first["totalSize"], first["records"].as_array().unwrap().len()), (&json!(COUNT), 2_000));
    let next = first["nextRecordsUrl"].as_str().unwrap().split_once("/v67.0/").unwrap().1.to_owned();
    let far = next.replace("-2000", "-9999999");
    let last = rest(&mock, "GET", &far).send().await.json();
    assert_eq!((&last["done"], last["records"].as_array().unwrap().len()), (&json!(true), 1));
    let id = last["records"][0]["Id"].as_str().unwrap();
    let found = query(&mock, &format!("SELECT Company FROM Lead WHERE Id >= '{id}' ORDER BY Id LIMIT 2000")).await;
    assert_eq!((&found["totalSize"], &found["records"][0]["Company"]), (&json!(1), &json!("Company 009999999")));
    assert_eq!(query(&mock, "SELECT COUNT() FROM Lead").await["totalSize"], COUNT);
    let read = rest(&mock, "GET", &format!("sobjects/Lead/{id}")).send().await.json();
    assert_eq!(read["Email"], "person009999999@example.com");
    let write = rest(&mock, "PATCH", &format!("sobjects/Lead/{id}")).json(&json!({"Company": "x"})).send().await;
    assert_eq!(write.error(), (501, "UNKNOWN_TO_THE_MOCK".to_owned()));
    let search = rest(&mock, "GET", "search/?q=FIND+%7BCompany%7D+RETURNING+Lead").send().await;
    assert_eq!(search.error(), (501, "UNKNOWN_TO_THE_MOCK".to_owned()));
    let everywhere = rest(&mock, "GET", "search/?q=FIND+%7BAcme%7D").send().await;
    assert_eq!(everywhere.status, 200, "{}", everywhere.text());
}

#[tokio::test]
async fn an_object_is_either_stored_or_generated() {
    let started = builder().generate("Account=5".parse().unwrap()).start().await;
    let problem = started.unwrap_err().to_string();
    assert!(problem.starts_with("Account: expected an object without records"), "{problem}");
    let source = Source { path: "Lead.csv".into(), text: "LastName,Company\nx,y\n".to_owned() };
    let seed = Seed { source, object: None };
    let started = builder().generate("Lead=5".parse().unwrap()).seed([seed]).start().await;
    let problem = started.unwrap_err().to_string();
    assert!(problem.starts_with("Lead.csv:2: UNKNOWN_TO_THE_MOCK: the records of Lead are generated"), "{problem}");
}

#[tokio::test]
async fn others_are_answered_while_a_page_of_bulk_results_is_written() {
    let mock = mock().await;
    let body = json!({"operation": "query", "query": "SELECT Id, Name, Email, Company FROM Lead"});
    let id = rest(&mock, "POST", "jobs/query").json(&body).send().await.json()["id"].as_str().unwrap().to_owned();
    mock.advance_clock(SignedDuration::from_secs(1));
    let path = format!("jobs/query/{id}/results?maxRecords=50000");
    let page = tokio::spawn(rest(&mock, "GET", &path).send());
    let has_come = || mock.ledger().requests("GET", &format!("/services/data/v67.0/jobs/query/{id}/results")) == 1;
    while !has_come() {
        tokio::task::yield_now().await;
    }
    assert_eq!(rest(&mock, "GET", "limits").send().await.status, 200);
    assert!(!page.is_finished());
    assert_eq!(page.await.unwrap().header("sforce-numberofrecords"), "50000");
}
