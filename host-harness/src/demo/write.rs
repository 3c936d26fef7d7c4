//! The steps that write, against the mock alone.

use mock_salesforce::MockSalesforce;
use salesforce_actions::display::json::readable;
use serde_json::{Value, json};

use super::stage::expect;
use super::tour::Tour;
use crate::cli::{Effect, Failure};
use salesforce_runtime::bindings::records::{ExternalId, RecordKey, SaveOptions, Saved, Target, Upsert};

/// All writing steps.
///
/// # Errors
/// Any step that does not do what it says.
pub(super) async fn write(tour: &mut Tour, mock: &MockSalesforce) -> Result<(), Failure> {
    let account = create(tour, mock).await?;
    update(tour, &account).await?;
    upsert(tour, mock).await?;
    read_back(tour, &account).await
}

async fn create(tour: &mut Tour, mock: &MockSalesforce) -> Result<String, Failure> {
    tour.stage.begin("Create a record")?;
    let fields = json!({"Name": "L'Atelier du Démo", "Industry": "Retail", "Phone": "+33 1 23 45 67 89"});
    let saved = save(tour, "Account", Target::Create, &fields).await?;
    expect(
        saved.created && saved.id.starts_with("001") && saved.id.len() == 18,
        "a new account with an Id of 18 characters",
    )?;
    expect(mock.ledger().creates("Account") == 1, "exactly one create at Salesforce")?;
    tour.stage.end()?;
    Ok(saved.id)
}

async fn update(tour: &mut Tour, account: &str) -> Result<(), Failure> {
    tour.stage.begin("Update it by Id")?;
    let fields = json!({"Phone": null, "AnnualRevenue": 123_456_789_012_345_678_i64});
    let saved = save(tour, "Account", Target::Update(account.to_owned()), &fields).await?;
    expect(!saved.created && saved.id == account, "the same record, not created")?;
    tour.stage.end()
}

async fn upsert(tour: &mut Tour, mock: &MockSalesforce) -> Result<(), Failure> {
    tour.stage.begin("Upsert by external Id, twice")?;
    let before = mock.org(|org| org.count("Invoice__c"));
    let target = || {
        // Each of / ? ü + % means something else in a URL.
        let value = "2026/11?ü+1%".to_owned();
        let external_id = ExternalId { field: "Invoice_Number__c".to_owned(), value };
        Target::Upsert(Upsert { external_id, update_only: false })
    };
    let first = save(tour, "Invoice__c", target(), &json!({"Amount__c": 1200.50})).await?;
    let second = save(tour, "Invoice__c", target(), &json!({"Status__c": "Sent"})).await?;
    expect(first.created && !second.created && first.id == second.id, "created, then updated, the same record")?;
    expect(mock.org(|org| org.count("Invoice__c")) == before + 1, "one more invoice than before")?;
    tour.stage.end()
}

async fn read_back(tour: &mut Tour, account: &str) -> Result<(), Failure> {
    tour.stage.begin("Read it back")?;
    let fields = ["Name", "Phone", "AnnualRevenue"].map(str::to_owned);
    tour.stage.asked(&format!("get-record-field-values  Account {account}, {}", fields.join(", ")))?;
    let (options, key) = (tour.options, RecordKey::Id(account.to_owned()));
    let values = tour
        .call(Effect::Read, async |execution, connection| {
            execution.get_record_field_values(&connection, "Account", &key, &fields, options).await
        })
        .await?;
    let found: Value = serde_json::from_str(&readable(&values.values))
        .map_err(|error| Failure::Demo(format!("expected an object of values: {error}")))?;
    let same = found.get("Name").and_then(Value::as_str) == Some("L'Atelier du Démo")
        && found.get("Phone").is_some_and(Value::is_null)
        && values.values.contains("123456789012345678");
    expect(same, "what was written, every digit of it, and the phone number gone")?;
    tour.stage.answered(&values.values)?;
    tour.stage.end()
}

async fn save(tour: &mut Tour, object: &str, target: Target, fields: &Value) -> Result<Saved, Failure> {
    let shown = match &target {
        Target::Create => "create".to_owned(),
        Target::Update(id) => format!("update {id}"),
        Target::Upsert(upsert) => format!("upsert {} = {}", upsert.external_id.field, upsert.external_id.value),
    };
    tour.stage.asked(&format!("create-or-update-record  {object}, {shown}\n{fields}"))?;
    let (options, fields, save) = (tour.options, fields.to_string(), no_save_options());
    let saved = tour
        .call(Effect::Write, async |execution, connection| {
            execution.create_or_update_record(&connection, object, &target, &fields, &save, options).await
        })
        .await?;
    let verb = if saved.created { "created" } else { "updated" };
    tour.stage.answered(&format!("{verb} {}", saved.id))?;
    Ok(saved)
}

/// Salesforce's defaults.
pub(super) fn no_save_options() -> SaveOptions {
    SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None }
}
