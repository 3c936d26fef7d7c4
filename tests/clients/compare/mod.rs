//! The same calls by others' clients and by this connector, each on an org of its own that is seeded alike and whose clock stands
//! still: what they give is compared field by field.
//!
//! ```text
//! cases ──► calls.cjs, calls.py ──► what theirs gives ──┐
//!   └─────► the component in wasmtime ──► ours ──names──► fields ──► differences, held against differences.txt
//! ```

mod cases;
mod fields;
mod names;
mod ours;
#[cfg(test)]
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};
use support::report::Report;
use tokio::runtime::Runtime;

use self::cases::{By, Case};
use self::ours::Ours;
use crate::Client;

/// Every difference that is known: `CASE: what: path`, for one client with `CLIENT: ` before it.
const KNOWN: &str = include_str!("differences.txt");

/// Compares what each client gives with what the connector gives.
pub(crate) fn run(clients: &[&Client], folder: &Path) -> Vec<Report> {
    let runtime = Runtime::new().expect("start tokio");
    let ours = Ours::new(&folder.join("compiled"));
    clients.iter().map(|client| runtime.block_on(compared(client, &ours))).collect()
}

async fn compared(client: &Client, ours: &Ours) -> Report {
    let cases = || cases::cases().filter(|case| by(case, client).is_some());
    let mut orgs = Vec::new();
    for case in cases() {
        orgs.push(ours.org(case).await);
    }
    let told: Value = cases().zip(&orgs).map(|(case, org)| (case.name.to_owned(), org.told())).collect();
    let mut script = client.script("calls");
    script.env("ORGS", told.to_string());
    let output = tokio::task::spawn_blocking(move || script.output()).await.unwrap().expect("start the client");
    let lines =
        orgs.iter().fold(String::from_utf8_lossy(&output.stdout).into_owned(), |text, org| org.without_url(&text));
    let theirs: Vec<Value> = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    drop(orgs);
    let mut checks = Vec::new();
    for case in cases() {
        let ours = ours.org(case).await.call(case).await;
        let theirs = theirs.iter().find(|line| line.get("call") == Some(&json!(case.name)));
        let checked = ours.and_then(|ours| check(client, case, &ours, theirs));
        checks.push((format!("{}: as ours, field by field ({})", case.name, case.action), checked));
    }
    Report::of(format!("{} beside ours", client.title), checks)
}

fn by(case: &Case, client: &Client) -> Option<By> {
    if client.name == "jsforce" { case.jsforce } else { case.simple_salesforce }
}

fn check(client: &Client, case: &Case, ours: &Value, theirs: Option<&Value>) -> Result<(), String> {
    let theirs = theirs.ok_or("it was not called")?;
    let told = theirs.get("by").and_then(Value::as_str);
    let expected = by(case, client).map(By::name);
    if told != expected {
        return Err(format!("expected it to be called by {expected:?}, but it was by {told:?}"));
    }
    let found = match theirs.get("failed").and_then(Value::as_str) {
        Some(why) => BTreeSet::from([format!("fails: {why}")]),
        None => {
            let gave = theirs.get("gave").unwrap_or(&Value::Null);
            let rows = if gave.is_array() { read(ours) } else { None };
            fields::differences(rows.as_ref().unwrap_or(ours), gave, case.places)
        }
    };
    let known = known(client.name, case.name);
    let line = |difference: &String| format!("\n          {}: {}: {difference}", client.name, case.name);
    let new: String = found.difference(&known).map(line).collect();
    let gone: String = known.difference(&found).map(line).collect();
    match (new.is_empty(), gone.is_empty()) {
        (true, true) => Ok(()),
        _ => {
            Err(format!("differences that are not in differences.txt:{new}\n          and those that are gone:{gone}"))
        }
    }
}

/// What ours gives, with its CSV as rows, as clients give it that read it.
fn read(ours: &Value) -> Option<Value> {
    let text = ours.get("csv")?.as_str()?;
    let rows: Vec<BTreeMap<String, String>> =
        csv::Reader::from_reader(text.as_bytes()).deserialize().flatten().collect();
    let mut ours = ours.clone();
    ours["csv"] = json!(rows);
    Some(ours)
}

fn known(client: &str, case: &str) -> BTreeSet<String> {
    let of = |line: &str| {
        let line = line.strip_prefix(client).and_then(|line| line.strip_prefix(": ")).unwrap_or(line);
        Some(line.strip_prefix(case)?.strip_prefix(": ")?.to_owned())
    };
    KNOWN.lines().filter_map(of).collect()
}
