//! A composite: what its parts give, and what becomes of them when one fails.

use mock_salesforce::Fault;
use mock_salesforce::ledger::WriteKind;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Value, json};

use super::{COMPOSITE, account, contact, create, kinds, refused_part, told};
use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, decision, refused};

#[tokio::test]
async fn each_part_is_done_and_told_and_a_later_one_uses_what_an_earlier_one_gave() {
    let fixture = Fixture::start().await;
    let erp = json!({"field": "ERP_Id__c", "value": "a/b ü"});
    let update = json!({"object": "Contact", "key": {"reference": "Zoe.id"}, "fields": {"Title": "9007199254740993"}});
    let upsert = json!({"object": "Account", "external_id": erp, "fields": {"Name": "By value"}});
    let read = json!({"object": "Contact", "key": {"reference": "Zoe.id"}, "fields": ["title", "AccountId", "Email"]});
    let by_value = json!({"object": "Account", "key": {"external_id": erp}, "fields": ["Name"]});
    let query =
        json!({"soql": "SELECT Id FROM Account WHERE Name IN :names", "parameters": {"names": ["Acme", "O'Neill"]}});
    let delete = json!({"object": "Contact", "key": {"reference": "Zoe.id"}});
    let input = json!({"all_or_none": true, "subrequests": [
        account("Acme"),
        contact("Zoe", "Acme.id"),
        {"reference_id": "c", "action": {"update": update}},
        {"reference_id": "d", "action": {"upsert": upsert}},
        {"reference_id": "e", "action": {"read": read}},
        {"reference_id": "f", "action": {"read": by_value}},
        {"reference_id": "g", "action": {"query": query}},
        {"reference_id": "h", "action": {"delete": delete}},
    ]});
    let given = fixture.act("composite", &input, DEFAULTS).await.unwrap();
    let results = &given["results"];
    told(&fixture, &["Account", "Contact", "", "Account"], results);
    assert_eq!(kinds(results), ["ok"; 8], "{results}");
    let acme = results[0]["ok"]["saved"].clone();
    assert_eq!((&acme["created"], &acme["event_uuid"]), (&json!(true), &Value::Null));
    assert_eq!(results[2], json!({"ok": "updated"}));
    assert_eq!(results[3]["ok"]["saved"]["created"], true);
    let values = json!({"title": "9007199254740993", "AccountId": acme["id"], "Email": null});
    assert_eq!(results[4], json!({"ok": {"values": values}}));
    assert_eq!(results[5], json!({"ok": {"values": {"Name": "By value"}}}));
    let page = &results[6]["ok"]["records"];
    assert_eq!((&page["count"], &page["records"][0]["Id"]), (&json!(1), &acme["id"]));
    assert_eq!(results[7], json!({"ok": "deleted"}));
    assert!(given["usage"]["used"].is_u64());
    let writes: Vec<_> = fixture.writes().into_iter().map(|(kind, _)| kind).collect();
    use WriteKind::{Create, Delete, Update};
    assert_eq!(writes.len(), 5, "{writes:?}");
    assert_eq!((writes[0], writes[1], writes[2], writes[4]), (Create, Create, Update, Delete));
    assert_eq!(fixture.requests(), 1);
}

#[tokio::test]
async fn f124_what_refers_to_a_part_that_failed_is_not_run_and_nothing_else_is_touched() {
    let fixture = Fixture::start().await;
    let subrequests = json!([refused_part("bad"), contact("Child", "Acme.id"), account("Other")]);
    let mut input = json!({"subrequests": subrequests});
    input["subrequests"][0]["reference_id"] = json!("Acme");
    let given = fixture.act("composite", &input, DEFAULTS).await.unwrap();
    told(&fixture, &["Contact", "Contact", "Account"], &given["results"]);
    assert_eq!(kinds(&given["results"]), ["invalid-record", "not-run", "ok"]);
    let error = &given["results"][0]["error"];
    assert_eq!((&error["outcome"], &error["status"]), (&json!("rejected"), &json!(400)));
    assert_eq!(error["problems"][0]["code"], "REQUIRED_FIELD_MISSING");
    assert_eq!(given["results"][1]["error"]["outcome"], "rejected");
    assert_eq!(fixture.writes().len(), 1);

    let read = json!({"read": {"object": "User", "key": {"id": "0055g0000000000AAA"}, "fields": ["ManagerId"]}});
    let input = json!({"subrequests": [{"reference_id": "user", "action": read}, contact("Child", "user.ManagerId")]});
    let given = fixture.act("composite", &input, DEFAULTS).await.unwrap();
    assert_eq!(kinds(&given["results"]), ["ok", "rejected"], "what it refers to succeeded, and is null: {given}");
}

#[tokio::test]
async fn f125_of_all_or_none_what_was_undone_is_told_from_what_was_never_tried() {
    let fixture = Fixture::start().await;
    let subrequests = json!([account("One"), refused_part("bad"), account("Two")]);
    let input = json!({"subrequests": subrequests, "all_or_none": true});
    let given = fixture.act("composite", &input, DEFAULTS).await.unwrap();
    assert_eq!(kinds(&given["results"]), ["rolled-back", "invalid-record", "not-run"]);
    for result in given["results"].as_array().unwrap() {
        assert_eq!((&result["error"]["outcome"], &result["error"]["retryable"]), (&json!("rejected"), &json!(false)));
    }
    assert_eq!(fixture.writes(), []);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_before_anything_leaves() {
    let fixture = Fixture::start().await;
    let part = |action: Value| json!({"reference_id": "b", "action": action});
    let injected = json!({"LastName": "x", "Description": "see @{Acme.id}"});
    for (bad, words) in [
        (contact("b", "acme.id"), "subrequests[1].action.create.references[0].value: expected a reference to a part"),
        (contact("b", "Acme.id}/../x"), "subrequests[1].action.create.references[0].value: expected the reference-id"),
        (create("b", "Contact", &injected), "subrequests[1].action.create.fields: expected no text with @{"),
        (create("b", "Contact/../x", &json!({})), "subrequests[1].action.create.object: expected the API name"),
        (create("a b", "Contact", &json!({})), "subrequests[1].reference_id: expected a letter"),
        (
            part(json!({"delete": {"object": "Contact", "key": {"id": "003"}}})),
            "subrequests[1].action.delete.key.id: expected a record Id",
        ),
        (
            part(json!({"query": {"soql": "SELECT Id FROM Account WHERE Name = :x"}})),
            "subrequests[1].action.query.soql: ",
        ),
    ] {
        let error = refused(fixture.act("composite", &json!({"subrequests": [account("Acme"), bad]}), DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{}", error.message);
        assert!(error.message.starts_with(words), "{}, and not: {words}", error.message);
    }
    let many: Vec<_> = (0..26).map(|number| account(&format!("n{number}"))).collect();
    let error = refused(fixture.act("composite", &json!({"subrequests": many}), DEFAULTS).await);
    assert_eq!(error.message, "subrequests: expected 1 to 25 parts");
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn an_answer_that_is_hostile_is_unknown_part_by_part() {
    let fixture = Fixture::start().await;
    let saved = json!({"id": "0015g00000000Gx", "success": true, "errors": []});
    let entry = |name: &str, status: u16| json!({"body": saved, "httpStatusCode": status, "referenceId": name});
    let answer = |entries: Value| Fault::Answer {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: json!({"compositeResponse": entries}).to_string().into_bytes(),
    };
    let input = json!({"subrequests": [account("One"), account("Two")]});
    for (entries, expected) in [
        (json!([entry("Two", 201), entry("One", 201)]), ["ok", "ok"]),
        (json!([entry("Two", 201)]), ["invalid-response", "ok"]),
        (json!([entry("One", 201), entry("Two", 201), entry("Two", 201)]), ["ok", "invalid-response"]),
        (json!([entry("One", 204), entry("Two", 201)]), ["invalid-response", "ok"]),
    ] {
        fixture.fault(COMPOSITE, answer(entries));
        let given = fixture.act("composite", &input, DEFAULTS).await.unwrap();
        assert_eq!(kinds(&given["results"]), expected, "{given}");
        for result in given["results"].as_array().unwrap().iter().filter(|result| result["error"].is_object()) {
            assert_eq!(result["error"]["outcome"], "unknown");
        }
    }
    fixture.fault(COMPOSITE, answer(json!([entry("One", 201), entry("Two", 201), entry("Three", 201)])));
    let error = refused(fixture.act("composite", &input, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidResponse, Outcome::Unknown, false));
    assert!(error.message.ends_with("; that leaves open 2 writes, of 2 parts"), "{}", error.message);
}
