//! Get record field values, and create or update record, through the component.

use host_harness::bindings::records::{AssignmentRule, DuplicateRule, RecordKey, SaveOptions, Target};
use host_harness::bindings::types::{Error, ErrorKind, Outcome};
use host_harness::runtime::ExecutionError;
use mock_salesforce::ledger::WriteKind;
use mock_salesforce::org::WriteOptions;

use crate::fixture::{DEFAULTS, Fixture, PLAIN, decision, external_id, refused, upsert};

impl Fixture {
    async fn read(&self, object: &str, key: RecordKey, fields: &[&str]) -> Result<String, ExecutionError> {
        let fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
        let execution = self.execution();
        let found = execution.get_record_field_values(&self.connection, object, &key, &fields, DEFAULTS).await?;
        assert!(found.usage.is_some());
        Ok(found.values)
    }

    async fn save(&self, object: &str, target: Target, fields: &str) -> Result<(String, bool), ExecutionError> {
        self.save_with(object, target, fields, PLAIN).await
    }

    async fn save_with(
        &self,
        object: &str,
        target: Target,
        fields: &str,
        save: SaveOptions,
    ) -> Result<(String, bool), ExecutionError> {
        let (execution, fields) = (self.execution(), fields.to_owned());
        let saved =
            execution.create_or_update_record(&self.connection, object, &target, &fields, &save, DEFAULTS).await?;
        Ok((saved.id, saved.created))
    }

    fn writes(&self) -> Vec<(WriteKind, String)> {
        self.mock.ledger().writes().map(|write| (write.kind, write.id.clone())).collect()
    }
}

fn first_account() -> RecordKey {
    RecordKey::ExternalId(external_id("ERP_Id__c", "ERP-000000"))
}

#[tokio::test]
async fn exactly_the_fields_asked_for_come_in_their_order() {
    let fixture = Fixture::start().await;
    let values = fixture.read("Account", first_account(), &["AnnualRevenue", "Name", "ParentId"]).await.unwrap();
    assert_eq!(values, r#"{"AnnualRevenue":9007199254740993,"Name":"Acme Corporation","ParentId":null}"#);
    let values = fixture.read("Account", first_account(), &["Owner.Name", "Parent.Name", "Name"]).await.unwrap();
    assert_eq!(values, r#"{"Owner.Name":"Ada Lindqvist","Parent.Name":null,"Name":"Acme Corporation"}"#);
}

#[tokio::test]
async fn an_id_of_15_characters_is_as_good_as_one_of_18() {
    let fixture = Fixture::start().await;
    let values = fixture.read("Account", first_account(), &["Id"]).await.unwrap();
    let id = values.split('"').nth(3).unwrap();
    assert_eq!(id.len(), 18);
    let short = RecordKey::Id(id.get(..15).unwrap().to_owned());
    assert_eq!(fixture.read("Account", short, &["Id"]).await.unwrap(), values);
    let wrong = RecordKey::Id(format!("{}XXX", id.get(..15).unwrap()));
    assert_eq!(refused(fixture.read("Account", wrong, &["Id"]).await).kind, ErrorKind::InvalidArgument);
}

#[tokio::test]
async fn what_is_not_there_is_told_apart() {
    let fixture = Fixture::start().await;
    let (id, _) = fixture.save("Account", Target::Create, r#"{"Name":"Gone"}"#).await.unwrap();
    fixture.mock.org(|org| org.delete("Account", &id, &WriteOptions::new("0055g0000000000AAA", "v67.0"))).unwrap();
    let invoices = |number: &str| RecordKey::ExternalId(external_id("Legacy_Number__c", number));
    for (object, key, fields, kind) in [
        ("Account", RecordKey::Id(id.clone()), ["Name"], ErrorKind::Deleted),
        ("Account", RecordKey::Id(id.clone()), ["Owner.Name"], ErrorKind::Deleted),
        ("Account", RecordKey::ExternalId(external_id("ERP_Id__c", "none")), ["Name"], ErrorKind::NotFound),
        ("Account", RecordKey::ExternalId(external_id("ERP_Id__c", "none")), ["Owner.Name"], ErrorKind::NotFound),
        ("Account", first_account(), ["Nope__c"], ErrorKind::InvalidQuery),
        ("Nope__c", RecordKey::Id(id.clone()), ["Name"], ErrorKind::NotFound),
        ("Invoice__c", invoices("L-0001"), ["Name"], ErrorKind::Ambiguous),
        ("Account", first_account(), ["Na me"], ErrorKind::InvalidArgument),
    ] {
        let error = refused(fixture.read(object, key.clone(), &fields).await);
        assert_eq!(error.kind, kind, "{object} {key:?} {fields:?}: {}", error.message);
    }
}

#[tokio::test]
async fn a_record_is_created_updated_and_upserted_once_each() {
    let fixture = Fixture::start().await;
    let (id, created) = fixture.save("Account", Target::Create, r#"{"Name":"Été \"1\" \ud83d\ude80"}"#).await.unwrap();
    assert!(created && id.len() == 18);
    let fields = r#"{"Phone":null,"AnnualRevenue":123456789012345678}"#;
    assert_eq!(fixture.save("Account", Target::Update(id.clone()), fields).await.unwrap(), (id.clone(), false));
    let values = fixture.read("Account", RecordKey::Id(id.clone()), &["Name", "AnnualRevenue"]).await.unwrap();
    assert_eq!(values, r#"{"Name":"Été \"1\" 🚀","AnnualRevenue":123456789012345678}"#);

    let target = || upsert("Invoice_Number__c", "a/b?c ü+%20..", false);
    let (invoice, created) = fixture.save("Invoice__c", target(), r#"{"Amount__c":1.50}"#).await.unwrap();
    assert!(created);
    let again = fixture.save("Invoice__c", target(), r#"{"Amount__c":2}"#).await.unwrap();
    assert_eq!(again, (invoice.clone(), false));
    assert_eq!(
        fixture.writes(),
        [
            (WriteKind::Create, id.clone()),
            (WriteKind::Update, id),
            (WriteKind::Create, invoice.clone()),
            (WriteKind::Update, invoice)
        ]
    );
}

#[tokio::test]
async fn an_upsert_that_may_only_update_creates_nothing() {
    let fixture = Fixture::start().await;
    let error = refused(fixture.save("Invoice__c", upsert("Invoice_Number__c", "none", true), "{}").await);
    assert_eq!((error.kind, error.outcome), (ErrorKind::NotFound, Outcome::Rejected), "{}", error.message);
    let error = refused(fixture.save("Invoice__c", upsert("Legacy_Number__c", "L-0001", false), "{}").await);
    assert_eq!((error.kind, error.outcome), (ErrorKind::Ambiguous, Outcome::Rejected));
    assert_eq!(fixture.writes(), []);
}

#[tokio::test]
async fn a_refused_record_says_which_field_is_wrong_and_changes_nothing() {
    let fixture = Fixture::start().await;
    let before = fixture.mock.org(|org| org.count("Invoice__c"));
    let create = |fields: &'static str| fixture.save("Invoice__c", Target::Create, fields);
    let check = |error: Error, code: &str, fields: &[&str]| {
        assert_eq!(decision(&error), (ErrorKind::InvalidRecord, Outcome::Rejected, false), "{}", error.message);
        assert_eq!((error.problems[0].code.as_str(), error.status), (code, Some(400)));
        assert_eq!(error.problems[0].fields, fields);
        assert!(error.request_id.is_some());
    };
    let negative = r#"{"Invoice_Number__c":"n","Amount__c":-1}"#;
    check(refused(create(negative).await), "FIELD_CUSTOM_VALIDATION_EXCEPTION", &["Amount__c"]);
    let account = fixture.save("Account", Target::Create, "{}").await;
    check(refused(account), "REQUIRED_FIELD_MISSING", &["Name"]);
    let error = refused(create(r#"{"Nope__c":1}"#).await);
    assert_eq!((error.kind, error.problems[0].code.as_str()), (ErrorKind::InvalidRecord, "INVALID_FIELD"));
    let error = refused(create(r#"{"Invoice_Number__c":"2026/00001"}"#).await);
    assert_eq!((error.kind, error.problems[0].code.as_str()), (ErrorKind::Duplicate, "DUPLICATE_VALUE"));
    assert_eq!(fixture.mock.org(|org| org.count("Invoice__c")), before);
    assert_eq!(fixture.writes(), []);
}

#[tokio::test]
async fn fields_that_are_no_json_object_are_not_sent() {
    let fixture = Fixture::start().await;
    for fields in ["", "[]", "{", "{}{}", "null", "{\"a\":NaN}", "{'a':1}"] {
        let error = refused(fixture.save("Account", Target::Create, fields).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{fields}");
    }
    assert_eq!(fixture.mock.ledger().entries().count(), 0);
}

#[tokio::test]
async fn the_duplicate_rule_is_reported_and_can_be_overridden() {
    let fixture = Fixture::start().await;
    let fields = r#"{"LastName":"Twice","Email":"contact1@example.com"}"#;
    let error = refused(fixture.save("Contact", Target::Create, fields).await);
    assert_eq!(decision(&error), (ErrorKind::Duplicate, Outcome::Rejected, false));
    assert!(error.detail.as_deref().is_some_and(|detail| detail.contains("matchResults")), "{:?}", error.detail);
    let rule = DuplicateRule { allow_save: true, include_record_details: false, run_as_current_user: true };
    let save = SaveOptions { duplicate_rule: Some(rule), ..PLAIN };
    assert!(fixture.save_with("Contact", Target::Create, fields, save).await.unwrap().1);
}

#[tokio::test]
async fn the_assignment_rule_header_is_sent_as_asked() {
    let fixture = Fixture::start().await;
    let save = SaveOptions { assignment_rule: Some(AssignmentRule::Off), ..PLAIN };
    fixture.save_with("Case", Target::Create, r#"{"Subject":"s"}"#, save).await.unwrap();
    let ledger = fixture.mock.ledger();
    let headers = &ledger.entries().next_back().unwrap().headers;
    assert!(headers.contains(&("sforce-auto-assign".to_owned(), "FALSE".to_owned())), "{headers:?}");
}

#[tokio::test]
async fn a_record_that_changed_meanwhile_is_not_overwritten() {
    let fixture = Fixture::start().await;
    let (id, _) = fixture.save("Account", Target::Create, r#"{"Name":"A"}"#).await.unwrap();
    let since = |date: &str| SaveOptions { if_unmodified_since: Some(date.to_owned()), ..PLAIN };
    let update = || Target::Update(id.clone());
    let old = since("Sat, 01 Jan 2000 00:00:00 GMT");
    let error = refused(fixture.save_with("Account", update(), r#"{"Name":"B"}"#, old).await);
    assert_eq!(decision(&error), (ErrorKind::PreconditionFailed, Outcome::Rejected, false));
    let late = since("Fri, 01 Jan 2100 00:00:00 GMT");
    assert!(fixture.save_with("Account", update(), r#"{"Name":"B"}"#, late).await.is_ok());
    let error = refused(fixture.save_with("Account", update(), "{}", since("yesterday")).await);
    assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
}

#[tokio::test]
async fn a_locked_row_may_be_tried_again_later() {
    let fixture = Fixture::start().await;
    let (id, _) = fixture.save("Account", Target::Create, r#"{"Name":"A"}"#).await.unwrap();
    fixture.mock.org(|org| org.lock(&id)).unwrap();
    let error = refused(fixture.save("Account", Target::Update(id), r#"{"Name":"B"}"#).await);
    assert_eq!(decision(&error), (ErrorKind::Locked, Outcome::Rejected, true));
}
