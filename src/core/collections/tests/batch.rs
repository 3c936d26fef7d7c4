//! What is sent, and what is refused before.

use super::*;
use crate::core::http::Method;

/// The one request of a batch, whatever came back.
fn sent(batch: Batch) -> (Method, String, String, Vec<(&'static str, String)>) {
    let mut script = Script::new([Ok(answer(200, "[]"))]);
    assert!(run(&mut script, batch, None).is_err());
    let (method, url, body) = script.requests.remove(0);
    let own = |(name, value): (&'static str, Vec<u8>)| (name, String::from_utf8(value).unwrap());
    let headers = script.headers.remove(0).into_iter().map(own);
    let headers = headers.filter(|(name, _)| name.starts_with("sforce") || name.starts_with("content"));
    (method, url.strip_prefix(BASE).unwrap().to_owned(), body, headers.collect())
}

#[test]
fn attributes_come_first_and_fields_pass_through_byte_for_byte() {
    let fields =
        " {\"N\": 0.1234567890123456789012, \"B\":9007199254740993.10, \"T\":\"\\ud800\\/\", \"O\":{\"Id\":1}}\n";
    let batch = create(&[("Account", fields), ("ns__Thing__c", "{ }")], false).unwrap();
    let (method, path, body, headers) = sent(batch);
    let records = r#"{"attributes":{"type":"Account"},"N": 0.1234567890123456789012, "B":9007199254740993.10, "T":"\ud800\/", "O":{"Id":1}},{"attributes":{"type":"ns__Thing__c"} }"#;
    assert_eq!(body, format!(r#"{{"allOrNone":false,"records":[{records}]}}"#));
    assert_eq!((method, path.as_str()), (Method::Post, "/composite/sobjects"));
    let length = body.len().to_string();
    assert_eq!(headers, [("content-type", "application/json".to_owned()), ("content-length", length)]);
}

#[test]
fn updates_upserts_and_deletes_say_which_records() {
    let batch = update(&[("Account", "001D000000IqhSL", r#"{"Name":"x"}"#), ("Contact", IDS[1], "{}")], true).unwrap();
    let (method, path, body, _) = sent(batch);
    assert_eq!((method, path.as_str()), (Method::Patch, "/composite/sobjects"));
    assert_eq!(
        body,
        r#"{"allOrNone":true,"records":[{"attributes":{"type":"Account"},"id":"001D000000IqhSL","Name":"x"},{"attributes":{"type":"Contact"},"id":"001D000000IqhSMIAZ"}]}"#
    );
    let batch = upsert(&[r#"{"erp_id__C":"a/b","Name":"x"}"#, r#"{"ERP_Id__c":-0.5}"#], false).unwrap();
    let (method, path, body, _) = sent(batch);
    assert_eq!((method, path.as_str()), (Method::Patch, "/composite/sobjects/Account/ERP_Id__c"));
    assert_eq!(
        body,
        r#"{"allOrNone":false,"records":[{"attributes":{"type":"Account"},"erp_id__C":"a/b","Name":"x"},{"attributes":{"type":"Account"},"ERP_Id__c":-0.5}]}"#
    );
    let (method, path, body, headers) = sent(Batch::delete(&texts(&IDS[..2]), true).unwrap());
    let expected = format!("/composite/sobjects?ids={},{}&allOrNone=true", IDS[0], IDS[1]);
    assert_eq!((method, path, body.as_str()), (Method::Delete, expected, ""));
    assert_eq!(headers, [("content-length", "0".to_owned())]);
}

#[test]
fn how_to_save_becomes_headers_of_the_whole_request() {
    let rule = DuplicateRule { allow_save: true, include_record_details: true, run_as_current_user: false };
    let options = SaveOptions::parse(&Target::Create, Some(AssignmentRule::Off), Some(rule), None).unwrap();
    let expected = [
        ("sforce-auto-assign", "FALSE".to_owned()),
        (
            "sforce-duplicate-rule-header",
            "allowSave=true; includeRecordDetails=true; runAsCurrentUser=false".to_owned(),
        ),
    ];
    let new = [Given { object: "Lead", id: None, fields: "{}" }];
    let upsert = Batch::upsert("Lead", "E__c", &texts(&[r#"{"E__c":"1"}"#]), false, &options).unwrap();
    for batch in [Batch::save(&new, false, &options).unwrap(), upsert] {
        assert_eq!(sent(batch).3[2..], expected);
    }
}

#[test]
fn two_hundred_go_and_fit_in_an_address() {
    let ids: Vec<_> = (0..200).map(|number| format!("001D00000000{number:03}")).collect();
    let (_, path, _, _) = sent(Batch::delete(&ids, false).unwrap());
    assert!(path.len() < 4_000, "{}", path.len());
    assert_eq!(accounts(200, false).count, 200);
}

/// The sentence of a refusal, which sends nothing.
fn refusal(batch: Result<Batch>) -> String {
    let error = batch.err().unwrap();
    assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
    error.message.clone()
}

#[test]
fn a_record_that_cannot_be_meant_is_named() {
    let of = |fields: &str| refusal(create(&[("Account", "{}"), ("Account", fields)], false));
    let object = "records[1].fields: expected one JSON object, such as {\"Name\":\"Acme\"}";
    let deep = ["{\"a\":".repeat(129), "1".into(), "}".repeat(129)].concat();
    for fields in ["", "[]", "null", "7", "{", "{\"a\":NaN}", "{}{}", "{},{}", "{}]", deep.as_str()] {
        assert_eq!(of(fields), object, "{fields}");
    }
    for fields in [r#"{"attributes":{}}"#, r#"{"Name":"x","ATTRIBUTES":null}"#, r#"{"\u0061ttributes":1}"#] {
        assert!(of(fields).starts_with("records[1].fields: expected no attributes"), "{fields}");
    }
    for fields in [r#"{"Id":"001"}"#, r#"{"id":null}"#, r#"{"\u0049D":1}"#] {
        assert!(of(fields).starts_with("records[1].fields: expected no Id"), "{fields}");
    }
    assert_eq!(of(r#"{"Name":1,"name":2}"#), "records[1].fields: expected name once, but it came twice");
    for object in ["", "Acc ount", "Account\"", "Account/x", "1A"] {
        let message = refusal(create(&[("Account", "{}"), (object, "{}")], false));
        assert!(message.starts_with("records[1].object: expected the API name of an object"), "{message}");
    }
}

#[test]
fn an_update_has_each_id_once_and_beside_the_fields() {
    let bad = refusal(update(&[("Account", "001/x", "{}")], false));
    assert!(bad.starts_with("records[0].id: expected a record Id of 15 characters"), "{bad}");
    let twice = refusal(update(&[("Account", IDS[0], "{}"), ("Account", "001D000000IqhSL", "{}")], false));
    assert_eq!(twice, "records[1].id: expected each Id once, but records[0] has it too");
    let inside = refusal(update(&[("Account", IDS[0], r#"{"ID":"001D000000IqhSL"}"#)], false));
    assert!(inside.starts_with("records[0].fields: expected no Id"), "{inside}");
    let twice = refusal(Batch::delete(&texts(&[IDS[0], IDS[1], "001D000000IqhSL"]), false));
    assert_eq!(twice, "ids[2]: expected each Id once, but ids[0] has it too");
    for id in ["", "001", "001D000000IqhSL,1", "001D000000IqhSL&allOrNone=true"] {
        assert!(refusal(Batch::delete(&texts(&[id]), false)).starts_with("ids[0]: expected a record Id"), "{id}");
    }
}

#[test]
fn an_upsert_has_a_value_for_its_field_in_each_record() {
    let value = "records[1]: expected ERP_Id__c with a text that is not empty, or a number";
    for record in
        ["{}", r#"{"ERP_Id__c":null}"#, r#"{"ERP_Id__c":""}"#, r#"{"ERP_Id__c":true}"#, r#"{"ERP_Id__c":["1"]}"#]
    {
        assert_eq!(refusal(upsert(&[r#"{"ERP_Id__c":"1"}"#, record], false)), value, "{record}");
    }
    let twice = refusal(upsert(&[r#"{"ERP_Id__c":"1","erp_id__c":"2"}"#], false));
    assert_eq!(twice, "records[0]: expected erp_id__c once, but it came twice");
    assert!(refusal(upsert(&["[]"], false)).starts_with("records[0]: expected one JSON object"));
    assert!(refusal(upsert(&[r#"{"ERP_Id__c":"1","Id":"001"}"#], false)).starts_with("records[0]: expected no Id"));
    let of = |object: &str, field: &str| refusal(Batch::upsert(object, field, &texts(&["{}"]), false, &plain()));
    assert!(of("Account/x", "E__c").starts_with("object: expected the API name"));
    assert!(of("Account", "E__c/1").starts_with("external-id-field: expected the API name of a field"));
    assert!(of("Account", "id").contains("update-records is for records that are known by their Id"));
}

#[test]
fn none_and_more_than_200_are_refused_with_advice() {
    let many = texts(&vec![r#"{"ERP_Id__c":1}"#; 201]);
    let ids: Vec<_> = (0..201).map(|number| format!("001D00000000{number:03}")).collect();
    for (batch, name, count) in [
        (create(&[], false), "records", 0),
        (create(&vec![("Account", "{}"); 201], false), "records", 201),
        (Batch::upsert("Account", "ERP_Id__c", &many, false, &plain()), "records", 201),
        (Batch::upsert("Account", "ERP_Id__c", &[], false, &plain()), "records", 0),
        (Batch::delete(&ids, false), "ids", 201),
        (Batch::delete(&[], false), "ids", 0),
    ] {
        let expected = format!(
            "{name}: expected 1 to 200, but there are {count}: send parts of 200, or use the Bulk API for many thousands"
        );
        assert_eq!(refusal(batch), expected);
    }
}

#[test]
fn more_than_ten_runs_of_objects_are_refused_with_advice() {
    let mut records = [("Account", "{}"), ("account", "{}"), ("Contact", "{}")].repeat(5);
    assert!(create(&records, false).is_ok());
    records.push(("Lead", "{}"));
    let message = refusal(create(&records, false));
    assert!(
        message.starts_with("records: expected at most 10 runs") && message.contains("there are 11: sort"),
        "{message}"
    );
}
