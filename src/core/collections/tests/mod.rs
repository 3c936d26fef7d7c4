//! Collections against scripts.

mod batch;
mod get;
mod repeats;
mod results;

use super::{Batch, Given, Results, write};
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, Outcome, Result};
use crate::core::http::{Failure, Response};
use crate::core::records::{AssignmentRule, DuplicateRule, SaveOptions, Target};
use crate::core::script::{Script, answer};

const BASE: &str = "https://example.my.salesforce.com/services/data/v67.0";
const LOST: Failure = Failure::Interrupted;
/// Three accounts.
const IDS: [&str; 3] = ["001D000000IqhSLIAZ", "001D000000IqhSMIAZ", "001D000000IqhSNIAZ"];

fn connection() -> Connection {
    Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap()
}

fn plain() -> SaveOptions {
    SaveOptions::parse(&Target::Create, None, None, None).unwrap()
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn create(records: &[(&str, &str)], all_or_none: bool) -> Result<Batch> {
    let given: Vec<_> = records.iter().map(|(object, fields)| Given { object, id: None, fields }).collect();
    Batch::save(&given, all_or_none, &plain())
}

fn update(records: &[(&str, &str, &str)], all_or_none: bool) -> Result<Batch> {
    let given: Vec<_> = records.iter().map(|(object, id, fields)| Given { object, id: Some(id), fields }).collect();
    Batch::save(&given, all_or_none, &plain())
}

fn upsert(records: &[&str], all_or_none: bool) -> Result<Batch> {
    Batch::upsert("Account", "ERP_Id__c", &texts(records), all_or_none, &plain())
}

/// Creates of so many accounts.
fn accounts(count: usize, all_or_none: bool) -> Batch {
    create(&vec![("Account", "{}"); count], all_or_none).unwrap()
}

/// Updates of the three.
fn updates(all_or_none: bool) -> Batch {
    update(&IDS.map(|id| ("Account", id, "{}")), all_or_none).unwrap()
}

/// Upserts of so many.
fn upserts(count: usize) -> Batch {
    upsert(&vec![r#"{"ERP_Id__c":7}"#; count], false).unwrap()
}

/// Deletes of the three.
fn deletes(all_or_none: bool) -> Batch {
    Batch::delete(&texts(&IDS), all_or_none).unwrap()
}

fn run(script: &mut Script, batch: Batch, attempts: Option<u8>) -> Result<Results> {
    write(script, &connection(), batch, &CallOptions::parse(None, None, attempts).unwrap())
}

/// What a batch makes of one answer.
fn answered(batch: Batch, status: u16, body: &str) -> Result<Results> {
    let mut script = Script::new([Ok(answer(status, body))]);
    let results = run(&mut script, batch, None);
    assert_eq!(script.sent(), 1);
    results
}

fn done(id: &str) -> String {
    format!(r#"{{"id":"{id}","success":true,"errors":[]}}"#)
}

fn failed(code: &str) -> String {
    format!(r#"{{"success":false,"errors":[{{"statusCode":"{code}","message":"why","fields":["Name"]}}]}}"#)
}

fn list(entries: &[String]) -> String {
    format!("[{}]", entries.join(","))
}

fn ok(entries: &[String]) -> Result<Response, Failure> {
    Ok(answer(200, &list(entries)))
}

/// Of each record: its Id, or its error.
fn told(results: &Results) -> Vec<Result<&str, (ErrorKind, Outcome, bool)>> {
    let told = |error: &Error| (error.kind, error.outcome, error.retryable);
    results
        .results
        .iter()
        .map(|result| result.as_ref().map(|written| written.id.as_str()).map_err(|e| told(e)))
        .collect()
}
