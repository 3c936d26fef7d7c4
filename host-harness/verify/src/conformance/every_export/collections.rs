//! Many records in one request.

use serde_json::{Value as Json, json};

use super::super::expect::{Checked, expect};
use super::super::material::{letters, word};
use super::{Seen, Trial, account, opportunity};

pub(super) async fn create_records(trial: &Trial<'_>) -> Checked<Seen> {
    let record = || json!({"object": "Account", "fields": {"Name": format!("{} {}", word(), letters(6))}});
    let input = json!({"records": [record(), record()]});
    written(trial, "create-records", &input, ("POST", "composite/sobjects"), None).await
}

pub(super) async fn update_records(trial: &Trial<'_>) -> Checked<Seen> {
    let ids = two(|| account(trial.bench));
    let record = |id: &String| json!({"object": "Account", "id": id, "fields": {"Phone": letters(8)}});
    let input = json!({"records": ids.iter().map(record).collect::<Vec<_>>()});
    written(trial, "update-records", &input, ("PATCH", "composite/sobjects"), Some(&ids)).await
}

pub(super) async fn upsert_records(trial: &Trial<'_>) -> Checked<Seen> {
    let record = || json!({"ERP_Id__c": letters(12), "Name": word()});
    let input = json!({"object": "Account", "external_id_field": "ERP_Id__c", "records": [record(), record()]});
    written(trial, "upsert-records", &input, ("PATCH", "composite/sobjects/Account/ERP_Id__c"), None).await
}

pub(super) async fn delete_records(trial: &Trial<'_>) -> Checked<Seen> {
    let ids = two(|| opportunity(trial.bench));
    let input = json!({"ids": ids});
    written(trial, "delete-records", &input, ("DELETE", "composite/sobjects"), Some(&ids)).await
}

pub(super) async fn get_records(trial: &Trial<'_>) -> Checked<Seen> {
    let ids = [account(trial.bench), account(trial.bench)];
    let input = json!({"object": "Account", "ids": ids, "fields": ["Name"]});
    let given = trial.act("get-records", &input).await;
    let given = trial.bench.done("get-records", given)?;
    let records = given.json.get("records").and_then(Json::as_array).into_iter().flatten();
    let told = records.map(|record| record.get("Id").and_then(Json::as_str));
    expect(told.eq(ids.iter().map(|id| Some(id.as_str()))), || {
        "the records that were asked for, in their order".to_owned()
    })?;
    Ok(Seen { sent: vec![("POST", trial.data("composite/sobjects/Account"))], gave: String::new() })
}

/// Two that are not the same.
fn two(mut one: impl FnMut() -> String) -> [String; 2] {
    let first = one();
    loop {
        let second = one();
        if second != first {
            return [first, second];
        }
    }
}

/// Writes two records: each is told with its own Id, in their order.
async fn written(
    trial: &Trial<'_>,
    action: &'static str,
    input: &Json,
    (method, path): (&'static str, &str),
    expected: Option<&[String; 2]>,
) -> Checked<Seen> {
    let given = trial.act(action, input).await;
    let given = trial.bench.done(action, given)?;
    let results = given.json.get("results").and_then(Json::as_array).cloned().unwrap_or_default();
    let id = |result: &Json| result.pointer("/ok/id").and_then(Json::as_str).map(str::to_owned);
    let told: Option<Vec<String>> = results.iter().map(id).collect();
    let all: Vec<String> = trial.bench.mock.ledger().writes().map(|write| write.id.clone()).collect();
    let made = all.get(all.len().saturating_sub(2)..).unwrap_or_default();
    let told = told.unwrap_or_default();
    expect(told == made && expected.is_none_or(|expected| told == expected), || {
        format!("a result of {action} for each record, with its Id, in their order")
    })?;
    Ok(Seen { sent: vec![(method, trial.data(path))], gave: String::new() })
}
