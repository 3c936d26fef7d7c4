//! What a client's writes do, and how each refusal reads.

use serde_json::{Value as Json, json};

use super::*;
use crate::org::EPOCH;

const ADMINISTRATOR: &str = "0055g0000000000";

fn options() -> WriteOptions {
    WriteOptions::new(ADMINISTRATOR, "v60.0")
}

fn record(json: Json) -> Record {
    match json {
        Json::Object(record) => record,
        other => panic!("not an object: {other}"),
    }
}

fn create(org: &mut Org, object: &str, body: Json) -> Result<String, ApiError> {
    org.create(object, &record(body), &options())
}

fn field(org: &Org, object: &str, id: &str, name: &str) -> Json {
    org.row(object, id, Some(&[name]), "v60.0").unwrap().get(name).cloned().unwrap()
}

/// The code, message and fields of the refusal of a create.
fn refusal(object: &str, body: Json) -> (&'static str, String, Vec<String>) {
    let error = create(&mut Org::seeded(EPOCH), object, body).unwrap_err();
    assert_eq!(error.status, 400);
    (error.code, error.message, error.fields.unwrap_or_default())
}

#[test]
fn a_new_record_has_its_values_and_those_of_the_org() {
    let mut org = Org::seeded(EPOCH);
    org.set_now("2026-11-24T10:00:00.5Z".parse().unwrap());
    let id = create(
        &mut org,
        "contact",
        json!({
            "attributes": {"type": "Contact"}, "lastname": "Ng", "FirstName": "Ly", "Birthdate": "1990-02-28",
        }),
    )
    .unwrap();
    assert!(id.starts_with("003") && id.len() == 18);
    for (name, value) in [
        ("Name", json!("Ly Ng")),
        ("Birthdate", json!("1990-02-28")),
        ("HasOptedOutOfEmail", json!(false)),
        ("Email", Json::Null),
        ("CreatedDate", json!("2026-11-24T10:00:00.000+0000")),
        ("OwnerId", json!(RecordId::parse(ADMINISTRATOR).unwrap().as_str())),
    ] {
        assert_eq!(field(&org, "Contact", &id, name), value, "{name}");
    }
}

#[test]
fn numbers_are_kept_to_the_last_digit() {
    let mut org = Org::seeded(EPOCH);
    let body =
        r#"{"Ledger_Sequence__c": 9007199254740993, "Exchange_Rate__c": 123456789.123456789, "Amount__c": 1.005}"#;
    let id = org.create("Invoice__c", &serde_json::from_str(body).unwrap(), &options()).unwrap();
    for (name, text) in
        [("Ledger_Sequence__c", "9007199254740993"), ("Exchange_Rate__c", "123456789.123456789"), ("Amount__c", "1.01")]
    {
        assert_eq!(field(&org, "Invoice__c", &id, name).to_string(), text);
    }
}

#[test]
fn required_field_missing() {
    let (code, message, fields) = refusal("Opportunity", json!({"Name": "x"}));
    assert_eq!(code, "REQUIRED_FIELD_MISSING");
    assert_eq!(message, "Required fields are missing: [StageName, CloseDate]");
    assert_eq!(fields, ["StageName", "CloseDate"]);
}

#[test]
fn string_too_long() {
    let (code, message, fields) = refusal("Account", json!({"Name": "x".repeat(256)}));
    assert_eq!((code, fields), ("STRING_TOO_LONG", vec!["Name".to_owned()]));
    assert!(message.starts_with("Account Name: data value too large: xxx") && message.ends_with("(max length=255)"));
}

#[test]
fn invalid_field_for_insert_update() {
    let (code, message, fields) = refusal("Account", json!({"Name": "x", "CreatedDate": null, "IsDeleted": true}));
    assert_eq!(code, "INVALID_FIELD_FOR_INSERT_UPDATE");
    assert!(message.starts_with("Unable to create/update fields: CreatedDate, IsDeleted."), "{message}");
    assert_eq!(fields, ["CreatedDate", "IsDeleted"]);
}

#[test]
fn invalid_field() {
    let (code, message, _) = refusal("Account", json!({"Nme": "x"}));
    assert_eq!((code, message.as_str()), ("INVALID_FIELD", "No such column 'Nme' on sobject of type Account"));
    let (code, message, _) = refusal("Account", json!({"Id": "001", "Name": "x"}));
    assert_eq!(code, "INVALID_FIELD");
    assert_eq!(message, "The Id field should not be specified in the sobject data.");
}

#[test]
fn json_parser_error() {
    for (object, body, expected) in [
        ("Account", json!({"Name": {}}), "string from START_OBJECT value {"),
        ("Account", json!({"Name": 1.5}), "string from VALUE_NUMBER_FLOAT value 1.5"),
        ("Account", json!({"NumberOfEmployees": "many"}), "int from VALUE_STRING value many"),
        ("Account", json!({"NumberOfEmployees": 1.5}), "int from VALUE_NUMBER_FLOAT value 1.5"),
        ("Contact", json!({"HasOptedOutOfEmail": "maybe"}), "boolean from VALUE_STRING value maybe"),
        ("Contact", json!({"Birthdate": "28.2.1990"}), "date from VALUE_STRING value 28.2.1990"),
        ("Invoice__c", json!({"Paid_At__c": "noon"}), "datetime from VALUE_STRING value noon"),
        ("Invoice__c", json!({"Amount__c": true}), "currency from VALUE_TRUE value true"),
        ("Invoice__c", json!({"Tags__c": ["Export"]}), "multipicklist from START_ARRAY value ["),
        ("Invoice__c", json!({"Amount__c": ""}), "currency from VALUE_STRING value  or"),
        ("Account", json!({"NumberOfEmployees": ""}), "int from VALUE_STRING value  or"),
        ("Contact", json!({"Birthdate": ""}), "date from VALUE_STRING value  or"),
        ("Invoice__c", json!({"Paid_At__c": ""}), "datetime from VALUE_STRING value  or"),
    ] {
        let (code, message, _) = refusal(object, body);
        assert_eq!(code, "JSON_PARSER_ERROR");
        assert!(message.starts_with(&format!("Cannot deserialize instance of {expected}")), "{message}");
    }
}

#[test]
fn number_outside_valid_range() {
    for body in
        [r#"{"Amount__c": 1e400}"#, r#"{"Amount__c": 10000000000000000}"#, r#"{"Exchange_Rate__c": 1234567890}"#]
    {
        let body: Record = serde_json::from_str(body).unwrap();
        let error = Org::seeded(EPOCH).create("Invoice__c", &body, &options()).unwrap_err();
        assert_eq!(error.code, "NUMBER_OUTSIDE_VALID_RANGE");
    }
    assert_eq!(
        refusal("Account", json!({"Name": "x", "NumberOfEmployees": 3_000_000_000_u64})).0,
        "NUMBER_OUTSIDE_VALID_RANGE"
    );
}

#[test]
fn malformed_id() {
    let (code, message, fields) = refusal("Contact", json!({"LastName": "x", "AccountId": "0035g0000000000"}));
    assert_eq!((code, fields), ("MALFORMED_ID", vec!["AccountId".to_owned()]));
    assert_eq!(message, "Account ID: id value of incorrect type: 0035g0000000000");
    for nonsense in ["nonsense", "0015g0000000000!", "001"] {
        assert_eq!(refusal("Contact", json!({"LastName": "x", "AccountId": nonsense})).0, "MALFORMED_ID");
    }
}

#[test]
fn insufficient_access_on_cross_reference_entity_and_entity_is_deleted() {
    let mut org = Org::seeded(EPOCH);
    let error = create(&mut org, "Contact", json!({"LastName": "x", "AccountId": "0015g00000zzzzz"})).unwrap_err();
    assert_eq!((error.status, error.code), (400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"));
    assert_eq!(error.fields, Some(vec![]));
    let account = create(&mut org, "Account", json!({"Name": "x"})).unwrap();
    org.delete("Account", &account, &options()).unwrap();
    let error = create(&mut org, "Contact", json!({"LastName": "x", "AccountId": account})).unwrap_err();
    assert_eq!((error.status, error.code, error.fields), (400, "ENTITY_IS_DELETED", Some(vec![])));
}

#[test]
fn invalid_or_null_for_restricted_picklist() {
    let (code, message, fields) = refusal("Invoice__c", json!({"Status__c": "Lost"}));
    assert_eq!((code, fields), ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", vec!["Status__c".to_owned()]));
    assert_eq!(message, "Status: bad value for restricted picklist field: Lost");
    assert_eq!(refusal("Invoice__c", json!({"Tags__c": "Export;Odd"})).0, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
    assert!(create(&mut Org::seeded(EPOCH), "Account", json!({"Name": "x", "Type": "Own value"})).is_ok());
}

#[test]
fn invalid_email_address() {
    for email in ["nobody", "a@b", "a b@c.de", "@c.de", "a@.de", "a@b@c.de"] {
        assert_eq!(refusal("Contact", json!({"LastName": "x", "Email": email})).0, "INVALID_EMAIL_ADDRESS", "{email}");
    }
}

#[test]
fn field_custom_validation_exception() {
    let (code, message, fields) = refusal("Invoice__c", json!({"Amount__c": -0.01}));
    assert_eq!(code, "FIELD_CUSTOM_VALIDATION_EXCEPTION");
    assert_eq!((message.as_str(), fields), ("The amount must not be negative.", vec!["Amount__c".to_owned()]));
    let won = json!({"Name": "x", "StageName": "Closed Won", "CloseDate": "2026-01-01"});
    assert_eq!(refusal("Opportunity", won).0, "FIELD_CUSTOM_VALIDATION_EXCEPTION");
}

#[test]
fn duplicate_value_names_the_other_record() {
    let mut org = Org::seeded(EPOCH);
    let other = org.rows_by_external_id("Account", "ERP_Id__c", "ERP-001007").unwrap().remove(0);
    let error = create(&mut org, "Account", json!({"Name": "x", "ERP_Id__c": "erp-001007"})).unwrap_err();
    assert_eq!(error.code, "DUPLICATE_VALUE");
    assert_eq!(error.message, format!("duplicate value found: ERP_Id__c duplicates value on record with id: {other}"));
    org.delete("Account", &other, &options()).unwrap();
    assert!(create(&mut org, "Account", json!({"Name": "x", "ERP_Id__c": "erp-001007"})).is_ok(), "a deleted holder");
}

#[test]
fn duplicates_detected_unless_the_client_saves_anyway() {
    let mut org = Org::seeded(EPOCH);
    let body = record(json!({"LastName": "x", "Email": "CONTACT5@example.com"}));
    let error = org.create("Contact", &body, &options()).unwrap_err();
    assert_eq!((error.status, error.code), (400, "DUPLICATES_DETECTED"));
    let (name, result) = *error.extra.unwrap();
    assert_eq!(
        (name, &result["allowSave"], &result["duplicateRuleEntityType"]),
        ("duplicateResult", &json!(true), &json!("Contact"))
    );
    let matched = &result["matchResults"][0];
    assert_eq!(matched["size"], 1);
    let found = &matched["matchRecords"][0]["record"];
    assert_eq!(found.as_object().unwrap().len(), 2, "attributes and Id");
    assert_eq!(field(&org, "Contact", found["Id"].as_str().unwrap(), "Email"), "contact5@example.com");

    let mut detailed = options();
    detailed.duplicate_rule.include_record_details = true;
    let (_, result) = *org.create("Contact", &body, &detailed).unwrap_err().extra.unwrap();
    assert_eq!(result["matchResults"][0]["matchRecords"][0]["record"]["Email"], "contact5@example.com");

    let mut saving = options();
    saving.duplicate_rule.allow_save = true;
    org.create("Contact", &body, &saving).unwrap();
}

#[test]
fn unable_to_lock_row() {
    let mut org = Org::seeded(EPOCH);
    let id = org.rows_by_external_id("Account", "ERP_Id__c", "ERP-001001").unwrap().remove(0);
    let body = record(json!({"Phone": "1"}));
    org.lock(&id).unwrap();
    assert_eq!(org.update("Account", &id, &body, &options()).unwrap_err().code, "UNABLE_TO_LOCK_ROW");
    assert_eq!(org.delete("Account", &id, &options()).unwrap_err().code, "UNABLE_TO_LOCK_ROW");
    let child = create(&mut org, "Contact", json!({"LastName": "x", "AccountId": id}));
    assert_eq!(child.unwrap_err().code, "UNABLE_TO_LOCK_ROW");
    org.unlock(&id).unwrap();
    org.update("Account", &id, &body, &options()).unwrap();
}

#[test]
fn update_changes_what_it_names_and_stamps() {
    let mut org = Org::seeded(EPOCH);
    let id = org.rows_by_external_id("Account", "ERP_Id__c", "ERP-000002").unwrap().remove(0);
    org.set_now("2026-11-24T10:00:00Z".parse().unwrap());
    org.update("Account", &id, &record(json!({"Phone": "", "Name": "New"})), &options()).unwrap();
    assert_eq!(field(&org, "Account", &id, "Name"), "New");
    assert_eq!(field(&org, "Account", &id, "Phone"), Json::Null);
    assert_eq!(field(&org, "Account", &id, "AccountNumber"), "AC00002");
    assert_eq!(org.last_modified("Account", &id).unwrap(), org.now());
    let error = org.update("Account", "0015g00000zzzzz", &Record::new(), &options()).unwrap_err();
    assert_eq!((error.status, error.code), (404, "NOT_FOUND"));
}

#[test]
fn upsert_creates_updates_or_tells_of_several() {
    let mut org = Org::seeded(EPOCH);
    let body = record(json!({"Amount__c": 5}));
    let mut upsert =
        |field: &str, value: &str, update_only| org.upsert("Invoice__c", field, value, &body, &options(), update_only);
    let Ok(Upserted::Created(id)) = upsert("Invoice_Number__c", "a/b?c%d+é", false) else { panic!("created") };
    assert_eq!(upsert("invoice_number__c", "a/b?c%d+é", false), Ok(Upserted::Updated(id.clone())));
    assert_eq!(upsert("Id", &id, false), Ok(Upserted::Updated(id.clone())));
    let Err(WriteError::Multiple(ids)) = upsert("Legacy_Number__c", "L-0002", false) else { panic!("several") };
    assert_eq!(ids.len(), 2);
    let Err(WriteError::Api(error)) = upsert("Legacy_Number__c", "none", true) else { panic!("update only") };
    assert_eq!(error.status, 404);
    let Err(WriteError::Api(error)) = upsert("Status__c", "x", false) else { panic!("no external id") };
    assert_eq!(error.message, "Provided external ID field does not exist or is not accessible: Status__c");
    let body = record(json!({"Legacy_Number__c": "9"}));
    let twice = org.upsert("Invoice__c", "Legacy_Number__c", "9", &body, &options(), false);
    assert!(matches!(twice, Err(WriteError::Api(ApiError { code: "INVALID_FIELD", .. }))));
}

#[test]
fn a_lookup_may_be_told_by_external_id() {
    let mut org = Org::seeded(EPOCH);
    let account = org.rows_by_external_id("Account", "ERP_Id__c", "ERP-000003").unwrap().remove(0);
    let id = create(&mut org, "Invoice__c", json!({"Account__r": {"ERP_Id__c": "ERP-000003"}})).unwrap();
    assert_eq!(field(&org, "Invoice__c", &id, "Account__c"), account);
    let error = create(&mut org, "Invoice__c", json!({"Account__r": {"ERP_Id__c": "none"}})).unwrap_err();
    assert_eq!(error.code, "INVALID_FIELD");
    assert_eq!(error.message, "Foreign key external ID: none not found for field ERP_Id__c in entity Account");
}

#[test]
fn an_assignment_rule_gives_urgent_cases_to_support() {
    let mut org = Org::seeded(EPOCH);
    let body = record(json!({"Subject": "x", "Priority": "High"}));
    let mut owner = |assignment: Assignment| {
        let id = org.create("Case", &body, &WriteOptions { assignment, ..options() });
        id.map(|id| field(&org, "Case", &id, "OwnerId"))
    };
    let lead = json!(seed::support_lead().unwrap().as_str());
    assert_eq!(owner(Assignment::Active), Ok(lead.clone()));
    assert_ne!(owner(Assignment::Off), Ok(lead.clone()));
    assert_eq!(owner(Assignment::Rule(case_assignment_rule().unwrap().to_string())), Ok(lead));
    assert_eq!(owner(Assignment::Rule("01Q".to_owned())).unwrap_err().code, "INVALID_CROSS_REFERENCE_KEY");
}

#[test]
fn delete_does_to_children_what_their_lookups_say() {
    let mut org = Org::seeded(EPOCH);
    let account = create(&mut org, "Account", json!({"Name": "x"})).unwrap();
    let contact = create(&mut org, "Contact", json!({"LastName": "x", "AccountId": account})).unwrap();
    let invoice = create(&mut org, "Invoice__c", json!({"Account__c": account})).unwrap();
    let case = create(&mut org, "Case", json!({"AccountId": account})).unwrap();
    assert_eq!(org.delete("Account", &account, &options()).unwrap_err().code, "DELETE_FAILED");
    org.delete("Case", &case, &options()).unwrap();
    org.delete("Account", &account, &options()).unwrap();
    assert_eq!(org.row("Contact", &contact, None, "v60.0").unwrap_err().code, "ENTITY_IS_DELETED");
    assert_eq!(field(&org, "Invoice__c", &invoice, "Account__c"), Json::Null);
    let again = org.delete("Account", &account, &options()).unwrap_err();
    assert_eq!((again.status, again.code), (404, "ENTITY_IS_DELETED"));
}

#[test]
fn a_case_that_closes_is_stamped_once() {
    let mut org = Org::seeded(EPOCH);
    let id = create(&mut org, "Case", json!({"Subject": "x"})).unwrap();
    let set =
        |org: &mut Org, status: &str| org.update("Case", &id, &record(json!({"Status": status})), &options()).unwrap();
    set(&mut org, "Closed");
    assert_eq!(field(&org, "Case", &id, "ClosedDate"), "2026-06-01T08:00:00.000+0000");
    org.set_now("2026-11-24T10:00:00Z".parse().unwrap());
    set(&mut org, "Closed");
    assert_eq!(field(&org, "Case", &id, "ClosedDate"), "2026-06-01T08:00:00.000+0000");
    set(&mut org, "Working");
    assert_eq!(field(&org, "Case", &id, "ClosedDate"), Json::Null);
}

#[test]
fn users_are_not_deleted_by_the_api() {
    let error = Org::seeded(EPOCH).delete("User", ADMINISTRATOR, &options()).unwrap_err();
    assert_eq!(error.code, "INSUFFICIENT_ACCESS_OR_READONLY");
}
