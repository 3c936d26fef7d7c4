//! Descriptions that have not changed, are another's, or are large.

use mock_salesforce::wire::{Step, Wire};
use salesforce_actions::{Actions, Call};
use salesforce_runtime::bindings::types::ErrorKind;
use serde_json::{Value, json};

use super::{TEN_TIMES, json as body, saying};
use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, refused};

const SOBJECTS: &str = "/services/data/v67.0/sobjects";
const SINCE: &str = "Tue, 24 Nov 2026 09:30:00 GMT";

#[tokio::test]
async fn f118_what_has_not_changed_is_none_if_that_was_asked_for() {
    // RFC 9110 section 8.6: the length is that of the body which is not sent.
    for length in ["", "content-length: 1130000\r\n", "content-length: 99999999999\r\n"] {
        let script = saying(format!("HTTP/1.1 304 Not Modified\r\n{length}etag: \"e8178a2d--gzip\"\r\n\r\n"));
        let wire = Wire::start([script]).await.unwrap();
        let fixture = Fixture::at(&wire).await;
        let none = fixture.act("list-objects", &json!({"if_modified_since": SINCE}), DEFAULTS).await.unwrap();
        assert_eq!(none, Value::Null);
        let error = refused(fixture.act("list-objects", &json!({}), TEN_TIMES).await);
        assert_eq!((error.kind, error.retryable), (ErrorKind::InvalidResponse, false));
        assert_eq!(wire.requests().len(), 2);
    }
}

#[tokio::test]
async fn f119_a_description_of_another_form_is_told_by_its_place() {
    let fields = |field: &str| format!(r#"{{"name":"Account","fields":[{{"name":"Id","type":"id"}},{field}]}}"#);
    let bits =
        r#"{"name":"A","type":"picklist","controllerName":"Id","picklistValues":[{"value":"a","validFor":"g A"}]}"#;
    for (answer, words) in [
        (
            r#"{"name":"SENTINEL","fields":[]}"#.to_owned(),
            "expected a description of Account, but another object's came",
        ),
        (fields("null"), "fields[1]: expected each entry to be a JSON object"),
        (fields(r#"{"name":"A","type":7}"#), "fields[1]: expected type to be a text"),
        (fields(r#"{"name":"id","type":"id"}"#), "expected each name once, but id came twice"),
        (fields(bits), "fields[1]: picklistValues[0]: expected validFor to be a set of bits in base64"),
    ] {
        let fixture = Fixture::meeting(SOBJECTS, body(answer)).await;
        let error = refused(fixture.act("describe-object", &json!({"object": "Account"}), TEN_TIMES).await);
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::InvalidResponse, words));
        assert_eq!(fixture.requests(), 1);
    }
}

/// As many objects as a new developer org has, each with the keys that it has there.
fn all_objects() -> String {
    let object = |number: usize| {
        let name = format!("Some_Object_{number}__c");
        let url = format!("/services/data/v67.0/sobjects/{name}");
        json!({"activateable": false, "associateEntityType": null, "associateParentEntity": null, "createable": true, "custom": true,
            "customSetting": false, "deepCloneable": false, "deletable": true, "deprecatedAndHidden": false, "feedEnabled": false,
            "hasSubtypes": false, "isInterface": false, "isSubtype": false, "keyPrefix": "a00", "label": "Some object",
            "labelPlural": "Some objects", "layoutable": true, "mergeable": false, "mruEnabled": true, "name": name,
            "queryable": true, "replicateable": true, "retrieveable": true, "searchable": true, "triggerable": true,
            "undeletable": true, "updateable": true, "urls": {"sobject": url, "describe": format!("{url}/describe"),
            "listviews": format!("{url}/listviews"),
            "quickActions": format!("{url}/quickActions"), "rowTemplate": format!("{url}/{{ID}}"), "layouts": format!("{url}/describe/layouts")}})
    };
    json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": (0..1_294).map(object).collect::<Vec<_>>()})
        .to_string()
}

#[tokio::test]
async fn f120_all_objects_of_an_org_are_read_in_4_mib_however_they_come() {
    let all = all_objects();
    assert!(all.len() > 1_130_000, "{}", all.len());
    let chunks: String = all
        .as_bytes()
        .chunks(8_000)
        .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk)))
        .collect();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let whole = format!("{head}content-length: {}\r\n\r\n{all}", all.len());
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
    for answer in [whole, chunked] {
        let wire = Wire::start([vec![Step::Read, Step::write(answer)]]).await.unwrap();
        let fixture = Fixture::at(&wire).await;
        for action in ["list-objects", "describe-json"] {
            let call = Call::parse(Actions::of_connector(), action, "{}").unwrap();
            let execution = fixture.execution().with_memory(4 << 20);
            let told = call.run(execution, &fixture.connection, DEFAULTS).await.unwrap().to_json().unwrap();
            let told: Value = serde_json::from_str(told.get()).unwrap();
            let (objects, name) = match action {
                "list-objects" => (&told["objects"], "label_plural"),
                _ => (&told["description"]["sobjects"], "labelPlural"),
            };
            assert_eq!((objects.as_array().unwrap().len(), &objects[1_293][name]), (1_294, &json!("Some objects")));
        }
    }
}
