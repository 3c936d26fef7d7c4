//! Reading and saving records.

use mock_salesforce::ledger::WriteKind;

use super::bench::{Bench, DEFAULTS};
use super::expect::{Checked, expect};
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::records::{ExternalId, RecordKey, SaveOptions, Saved, Target, Upsert};
use salesforce_runtime::bindings::types::{CallOptions, Error};

/// Salesforce's own defaults.
const PLAIN: SaveOptions = SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None };

impl Bench<'_> {
    pub(super) async fn try_save(
        &self,
        object: &str,
        target: &Target,
        fields: &str,
        options: CallOptions,
    ) -> Result<Saved, ExecutionError> {
        let fields = fields.to_owned();
        self.execution().create_or_update_record(&self.connection, object, target, &fields, &PLAIN, options).await
    }

    async fn save(&self, object: &str, target: &Target, fields: &str) -> Checked<Saved> {
        let saved = self.try_save(object, target, fields, DEFAULTS).await;
        self.done("create-or-update-record", saved)
    }

    pub(super) async fn save_error(&self, object: &str, target: &Target, fields: &str) -> Checked<Error> {
        let saved = self.try_save(object, target, fields, DEFAULTS).await;
        self.refused("create-or-update-record", saved)
    }

    async fn values(&self, object: &str, key: &RecordKey, fields: &[&str]) -> Checked<String> {
        let fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
        let values = self.execution().get_record_field_values(&self.connection, object, key, &fields, DEFAULTS).await;
        Ok(self.done("get-record-field-values", values)?.values)
    }

    pub(super) async fn values_error(&self, object: &str, key: &RecordKey, fields: &[&str]) -> Checked<Error> {
        let fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
        let values = self.execution().get_record_field_values(&self.connection, object, key, &fields, DEFAULTS).await;
        self.refused("get-record-field-values", values)
    }
}

pub(super) fn external_id(field: &str, value: &str) -> ExternalId {
    ExternalId { field: field.to_owned(), value: value.to_owned() }
}

pub(super) fn by(field: &str, value: &str) -> RecordKey {
    RecordKey::ExternalId(external_id(field, value))
}

pub(super) fn upsert(field: &str, value: &str, update_only: bool) -> Target {
    Target::Upsert(Upsert { external_id: external_id(field, value), update_only })
}

/// The same object, whatever the spaces; numbers compare as they are written.
fn same(values: &str, expected: &str) -> bool {
    let parse = |text| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).ok();
    parse(values).is_some_and(|values| parse(expected) == Some(values))
}

pub(super) async fn field_values(bench: &Bench<'_>) -> Checked {
    let acme = by("ERP_Id__c", "ERP-000000");
    for (fields, expected) in [
        (
            &["AnnualRevenue", "Name", "ParentId"][..],
            r#"{"AnnualRevenue":9007199254740993,"Name":"Acme Corporation","ParentId":null}"#,
        ),
        (
            &["Owner.Name", "Parent.Name", "Name"],
            r#"{"Owner.Name":"Ada Lindqvist","Parent.Name":null,"Name":"Acme Corporation"}"#,
        ),
    ] {
        let values = bench.values("Account", &acme, fields).await?;
        expect(same(&values, expected), || format!("{expected}, got {values}"))?;
    }
    Ok(())
}

pub(super) async fn save(bench: &Bench<'_>) -> Checked {
    let created =
        bench.save("Account", &Target::Create, r#"{"Name":"Été","AnnualRevenue":123456789012345678}"#).await?;
    expect(created.created && created.id.len() == 18, || "a new record with an Id of 18 characters".to_owned())?;
    let key = RecordKey::Id(created.id.clone());
    let values = bench.values("Account", &key, &["Name", "AnnualRevenue"]).await?;
    let written = r#"{"Name":"Été","AnnualRevenue":123456789012345678}"#;
    expect(same(&values, written), || format!("{written} as it was created, got {values}"))?;

    let updated = bench.save("Account", &Target::Update(created.id.clone()), r#"{"AnnualRevenue":null}"#).await?;
    expect(!updated.created && updated.id == created.id, || "the same record after an update".to_owned())?;
    let values = bench.values("Account", &key, &["Name", "AnnualRevenue"]).await?;
    expect(same(&values, r#"{"Name":"Été","AnnualRevenue":null}"#), || {
        "one field to be cleared, no other".to_owned()
    })?;

    for value in ["a/b?c=d&e#f", "100%", "%2F", "a+b c", "...", "株式会社 🚀", "O'Brien"] {
        let target = upsert("Invoice_Number__c", value, false);
        let first = bench.save("Invoice__c", &target, r#"{"Amount__c":1}"#).await?;
        let second = bench.save("Invoice__c", &target, r#"{"Amount__c":2}"#).await?;
        let right = first.created && !second.created && first.id == second.id;
        expect(right, || format!("an upsert by {value:?} to create once, then update"))?;
        let values = bench.values("Invoice__c", &by("Invoice_Number__c", value), &["Id", "Amount__c"]).await?;
        let expected = format!(r#"{{"Id":"{}","Amount__c":2}}"#, first.id);
        expect(same(&values, &expected), || format!("{expected} by the external Id {value:?}, got {values}"))?;
    }
    let creates = bench.mock.ledger().writes().filter(|write| write.kind == WriteKind::Create).count();
    expect(creates == 8, || format!("8 records to be created, but {creates} were"))
}
