//! Many records in one request: what comes of each, in their order.

use mock_salesforce::Fault;
use serde_json::{Value as Json, json};

use super::bench::Bench;
use super::expect::{Checked, Miss, expect};

pub(super) const COLLECTIONS: &str = "/services/data/v67.0/composite/sobjects";

impl Bench<'_> {
    /// The result of each record.
    pub(super) async fn results(&self, action: &str, input: &Json) -> Checked<Vec<Json>> {
        let given = self.given(action, input).await?;
        let results = given.get("results").and_then(Json::as_array).cloned().unwrap_or_default();
        let count = ["records", "ids"].iter().find_map(|list| input.get(list)?.as_array().map(Vec::len));
        expect(Some(results.len()) == count, || {
            format!("a result of {action} for each of {} records, got {}", count.unwrap_or_default(), results.len())
        })?;
        Ok(results)
    }

    /// The Ids of records that were all written.
    async fn written(&self, action: &str, input: &Json) -> Checked<Vec<String>> {
        let results = self.results(action, input).await?;
        let ids: Option<Vec<String>> = results.iter().map(|result| Some(id(result)?.to_owned())).collect();
        ids.ok_or_else(|| Miss(format!("expected {action} to write each record, got {}", json!(results))))
    }

    /// The Ids of the latest records that the org wrote, in its order.
    fn latest(&self, count: usize) -> Vec<String> {
        let ledger = self.mock.ledger();
        let mut all: Vec<_> = ledger.writes().map(|write| write.id.clone()).collect();
        all.split_off(all.len().saturating_sub(count))
    }

    /// Accounts with these Ids, some of whose fields are read.
    async fn accounts(&self, ids: &[&str], fields: &[&str]) -> Checked<Vec<Json>> {
        let input = json!({"object": "Account", "ids": ids, "fields": fields});
        let given = self.given("get-records", &input).await?;
        Ok(given.get("records").and_then(Json::as_array).cloned().unwrap_or_default())
    }
}

fn id(result: &Json) -> Option<&str> {
    result.pointer("/ok/id")?.as_str()
}

/// JSON whose numbers keep their digits.
fn exact(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_default()
}

/// Accounts to create.
pub(super) fn accounts(names: &[&str]) -> Vec<Json> {
    names.iter().map(|name| json!({"object": "Account", "fields": {"Name": name}})).collect()
}

pub(super) async fn save(bench: &Bench<'_>) -> Checked {
    let input = exact(
        r#"{"records":[{"object":"Account","fields":{"Name":"Été","AnnualRevenue":123456789012345678,"ERP_Id__c":"C-1"}},
            {"object":"Account","fields":{"Name":"株式会社 🚀","AnnualRevenue":9007199254740993}},
            {"object":"Invoice__c","fields":{"Exchange_Rate__c":123456789.123456789}},{"object":"Invoice__c","fields":{}}]}"#,
    );
    let created = bench.written("create-records", &input).await?;
    in_order("create-records", &created, &bench.latest(4))?;
    let [first, second, invoice, _] = created.as_slice() else { return Ok(()) };

    // In another order than that of the records, and one that is not there.
    let nobody = "0015g00000zzzzzAAA";
    let found = bench.accounts(&[second, nobody, first], &["Name", "AnnualRevenue"]).await?;
    let told: Vec<_> = found.iter().map(|record| (member(record, "Id"), member(record, "AnnualRevenue"))).collect();
    let none = || "null".to_owned();
    let expected = [
        (json!(second).to_string(), "9007199254740993".to_owned()),
        (none(), none()),
        (json!(first).to_string(), "123456789012345678".to_owned()),
    ];
    expect(told == expected, || {
        format!(
            "the records in the order of their Ids, null where there is none, every digit kept: {expected:?}, got {told:?}"
        )
    })?;
    let input = json!({"object": "Invoice__c", "ids": [invoice], "fields": ["Exchange_Rate__c"]});
    let rate = bench.given("get-records", &input).await?;
    let rate = rate.pointer("/records/0/Exchange_Rate__c").map(Json::to_string).unwrap_or_default();
    expect(rate == "123456789.123456789", || format!("every digit of 123456789.123456789, got {rate}"))?;

    let change = |id: &str, phone: &str| json!({"object": "Account", "id": id, "fields": {"Phone": phone}});
    let input = json!({"records": [change(second, "2"), change(first, "1")]});
    let updated = bench.written("update-records", &input).await?;
    in_order("update-records", &updated, &[second.clone(), first.clone()])?;
    let found = bench.accounts(&[first, second], &["Phone"]).await?;
    let phones: Vec<_> = found.iter().map(|record| member(record, "Phone")).collect();
    expect(phones == ["\"1\"", "\"2\""], || format!("each record to get its own change, got {phones:?}"))?;

    let keyed = [json!({"ERP_Id__c": "C-2", "Name": "New"}), json!({"ERP_Id__c": "C-1", "Phone": "3"})];
    let input = json!({"object": "Account", "external_id_field": "ERP_Id__c", "records": keyed});
    let results = bench.results("upsert-records", &input).await?;
    let told: Vec<_> = results.iter().map(|result| result.pointer("/ok/created").and_then(Json::as_bool)).collect();
    expect(told == [Some(true), Some(false)] && results.get(1).and_then(id) == Some(first), || {
        format!("an upsert that creates one record and updates another, in their order, got {}", json!(results))
    })?;

    let input = json!({"ids": [second, first]});
    let deleted = bench.written("delete-records", &input).await?;
    in_order("delete-records", &deleted, &[second.clone(), first.clone()])?;
    let found = bench.accounts(&[first, second], &["Name"]).await?;
    expect(found == [Json::Null, Json::Null], || "records that are deleted to be gone".to_owned())
}

fn in_order(action: &str, told: &[String], expected: &[String]) -> Checked {
    expect(told == expected, || {
        format!("the Ids of {action} in the order of its records, as the org wrote them: {expected:?}, got {told:?}")
    })
}

/// As it is written; that of nothing is null.
fn member(record: &Json, name: &str) -> String {
    record.get(name).unwrap_or(&Json::Null).to_string()
}

pub(super) async fn outcomes(bench: &Bench<'_>) -> Checked {
    let refused = "invalid-record (rejected)";
    let input = json!({"records": accounts(&["One", "", "Three"])});
    let results = bench.results("create-records", &input).await?;
    told(&results, &["ok", refused, "ok"], "for a record without its required field between two others")?;
    let made: Vec<_> = results.iter().filter_map(id).map(str::to_owned).collect();
    in_order("create-records", &made, &bench.latest(2))?;
    let problem = results.get(1).and_then(|result| result.pointer("/error/problems/0/code")?.as_str());
    expect(problem == Some("REQUIRED_FIELD_MISSING"), || "Salesforce's own code among a record's problems".to_owned())?;

    let before = bench.mock.ledger().writes().count();
    let input = json!({"records": accounts(&["One", ""]), "all_or_none": true});
    let results = bench.results("create-records", &input).await?;
    told(&results, &["rolled-back (rejected)", refused], "for all or none with one that is refused")?;
    let ids = [made.first(), Some(&"0015g00000zzzzzAAA".to_owned())].map(|id| id.cloned().unwrap_or_default());
    let results = bench.results("delete-records", &json!({"ids": ids, "all_or_none": true})).await?;
    told(&results, &["rolled-back (rejected)", refused], "for a delete, all or none, with one that is not there")?;
    let written = bench.mock.ledger().writes().count() - before;
    expect(written == 0, || format!("nothing to be written by all or none that was refused, but {written} were"))?;

    bench.results("delete-records", &json!({"ids": [ids.first()]})).await?;
    let results = bench.results("delete-records", &json!({"ids": [ids.first()]})).await?;
    told(&results, &["deleted (rejected)"], "for a record that is deleted already")?;

    // What this org does not do, and others do.
    let failed = |code: &str| json!({"success": false, "errors": [{"statusCode": code, "message": "m", "fields": []}]});
    let codes = ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "PROCESSING_HALTED"];
    bench.fault(COLLECTIONS, Fault::json(200, &json!(codes.map(failed))));
    let input = json!({"records": accounts(&["One", "Two", "Three"]), "all_or_none": true});
    let results = bench.results("create-records", &input).await?;
    let expected = ["rolled-back (rejected)", refused, "not-run (rejected)"];
    told(&results, &expected, "for what was undone, refused and never tried")?;
    let codes = ["UNABLE_TO_LOCK_ROW", "STORAGE_LIMIT_EXCEEDED", "UNKNOWN_EXCEPTION", "NEW_IN_WINTER_29"];
    bench.fault(COLLECTIONS, Fault::json(200, &json!(codes.map(failed))));
    let results = bench.results("create-records", &json!({"records": accounts(&["x"; 4])})).await?;
    let expected = ["locked (rejected)", "limit-exceeded (rejected)", "unavailable (unknown)", "rejected (rejected)"];
    told(&results, &expected, "for Salesforce's refusals of single records")
}

/// Holds each result, `ok` or the kind of its error with its outcome, against what is expected.
pub(super) fn told(results: &[Json], expected: &[&str], when: &str) -> Checked {
    let text = |result: &Json, name: &str| result.pointer(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let one = |result: &Json| match result.get("error") {
        None => "ok".to_owned(),
        Some(_) => format!("{} ({})", text(result, "/error/kind"), text(result, "/error/outcome")),
    };
    let told: Vec<_> = results.iter().map(one).collect();
    expect(told == expected, || format!("{expected:?} {when}, got {told:?}"))
}
