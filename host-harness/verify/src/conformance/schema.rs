//! What an org consists of: as it is told, unchanged, told wrongly, and asked for wrongly.

use mock_salesforce::Fault;
use serde_json::{Value as Json, json};

use super::bench::{Bench, DEFAULTS, ONCE};
use super::expect::{Checked, expect, expect_error};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

const SOBJECTS: &str = "/services/data/v67.0/sobjects";
const SINCE: &str = "Tue, 24 Nov 2026 09:30:00 GMT";

/// A description as Salesforce writes it, with members that nobody asked for and without many that it usually has.
const PUMP: &str = r#" {"name":"Pump__c","label":"Pump","labelPlural":"Pumps","keyPrefix":"a0P","custom":true,"createable":true,
    "updateable":true,"deletable":false,"queryable":true,"searchable":false,"new":[1.10],"urls":{"sobject":"/x"},
    "fields":[
    {"name":"Id","label":"Record ID","type":"id","length":18,"idLookup":true,"defaultedOnCreate":true,"filterable":true,"sortable":true},
    {"name":"Name","label":"Pump Name","type":"string","length":80,"nameField":true,"createable":true,"updateable":true,"nillable":false},
    {"name":"On__c","type":"boolean","custom":true,"createable":true,"defaultedOnCreate":true,"defaultValue":false},
    {"name":"Mode__c","label":"Mode","type":"picklist","length":255,"custom":true,"createable":true,"nillable":true,
     "restrictedPicklist":true,"controllerName":"On__c","picklistValues":[
       {"value":"low","label":"Low","active":true,"defaultValue":true,"validFor":"QAAA"},
       {"value":"off","label":null,"active":false,"validFor":"AAAA"},{"value":"both","active":true,"validFor":"wAAA"}]},
    {"name":"Price__c","label":"Price","type":"currency","precision":18,"scale":2,"custom":true,"calculated":true,"nillable":true,
     "inlineHelpText":"Net","defaultValue":0.10},
    {"name":"Who__c","type":"reference","length":18,"custom":true,"createable":true,"nillable":false,"referenceTo":["Contact","Lead"],
     "relationshipName":"Who__r","polymorphicForeignKey":true},
    {"name":"Serial__c","label":"Serial","type":"hologram","custom":true,"unique":true,"externalId":true,"idLookup":true,"nillable":true}],
    "recordTypeInfos":[{"name":"Master","recordTypeId":"012000000000000AAA","developerName":"Master","active":true,"available":true,
     "defaultRecordTypeMapping":true,"master":true},{"name":"Old"}],
    "childRelationships":[{"childSObject":"Task","field":"WhatId","relationshipName":"Tasks"},{"childSObject":"Log__c","field":"Pump__c"}]}
"#;

/// What it means.
fn pump() -> Json {
    let field = |changes: Json| {
        let mut field = json!({"name": "", "label": "", "type": "", "length": 0, "precision": 0, "scale": 0, "required": false,
            "nillable": false, "createable": false, "updateable": false, "custom": false, "unique": false, "external_id": false,
            "id_lookup": false, "calculated": false, "filterable": false, "sortable": false, "name_field": false,
            "default_value": null, "inline_help_text": null, "reference_to": [], "relationship_name": null,
            "polymorphic_foreign_key": false, "picklist_values": [], "restricted_picklist": false, "controller_name": null});
        if let (Some(field), Json::Object(changes)) = (field.as_object_mut(), changes) {
            field.extend(changes);
        }
        field
    };
    let value = |value: &str, label: &str, active: bool, default: bool, valid_for: &[&str]| json!({"value": value, "label": label, "active": active, "default_value": default, "valid_for": valid_for});
    let values = [
        value("low", "Low", true, true, &["true"]),
        value("off", "off", false, false, &[]),
        value("both", "both", true, false, &["false", "true"]),
    ];
    let ten: Json = serde_json::from_str("0.10").unwrap_or_default();
    json!({
        "object": {"name": "Pump__c", "label": "Pump", "label_plural": "Pumps", "key_prefix": "a0P", "custom": true,
            "createable": true, "updateable": true, "deletable": false, "queryable": true, "searchable": false},
        "fields": [
            field(json!({"name": "Id", "label": "Record ID", "type": "id", "length": 18, "id_lookup": true, "filterable": true,
                "sortable": true})),
            field(json!({"name": "Name", "label": "Pump Name", "type": "string", "length": 80, "name_field": true, "required": true,
                "createable": true, "updateable": true})),
            field(json!({"name": "On__c", "label": "On__c", "type": "boolean", "custom": true, "createable": true,
                "default_value": false})),
            field(json!({"name": "Mode__c", "label": "Mode", "type": "picklist", "length": 255, "custom": true, "createable": true,
                "nillable": true, "restricted_picklist": true, "controller_name": "On__c", "picklist_values": values})),
            field(json!({"name": "Price__c", "label": "Price", "type": "currency", "precision": 18, "scale": 2, "custom": true,
                "calculated": true, "nillable": true, "inline_help_text": "Net", "default_value": ten})),
            field(json!({"name": "Who__c", "label": "Who__c", "type": "reference", "length": 18, "custom": true, "createable": true,
                "required": true, "reference_to": ["Contact", "Lead"], "relationship_name": "Who__r",
                "polymorphic_foreign_key": true})),
            field(json!({"name": "Serial__c", "label": "Serial", "type": "hologram", "custom": true, "unique": true,
                "external_id": true, "id_lookup": true, "nillable": true})),
        ],
        "record_type_infos": [
            {"record_type_id": "012000000000000AAA", "name": "Master", "developer_name": "Master", "active": true, "available": true,
             "default_record_type_mapping": true, "master": true},
            {"record_type_id": null, "name": "Old", "developer_name": null, "active": false, "available": false,
             "default_record_type_mapping": false, "master": false}],
        "child_relationships": [
            {"child_sobject": "Task", "field": "WhatId", "relationship_name": "Tasks"},
            {"child_sobject": "Log__c", "field": "Pump__c", "relationship_name": null}],
        "last_modified": SINCE,
    })
}

pub(super) async fn describe(bench: &Bench<'_>) -> Checked {
    let pump_is_told = || {
        let headers = [("content-type", "application/json"), ("last-modified", SINCE)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        bench.fault(SOBJECTS, Fault::Answer { status: 200, headers, body: PUMP.into() });
    };
    pump_is_told();
    let mut told = bench.given("describe-object", &json!({"object": "Pump__c"})).await?;
    told.as_object_mut().map(|members| members.remove("usage"));
    for (member, expected) in pump().as_object().into_iter().flatten() {
        let told = told.get(member).unwrap_or(&Json::Null);
        expect(told == expected, || differs(member, expected, told))?;
    }
    pump_is_told();
    let told = bench.given("describe-json", &json!({"object": "pump__c"})).await?;
    let raw: Json = serde_json::from_str(PUMP).unwrap_or_default();
    let same = told.get("description").map(Json::to_string) == Some(raw.to_string());
    expect(same, || "describe-json to give every member and digit as it came".to_owned())?;

    let all = bench.given("list-objects", &json!({})).await?;
    let raw = bench.given("describe-json", &json!({})).await?;
    let [names, expected] = [all.get("objects"), raw.pointer("/description/sobjects")].map(|list| {
        let list = list.and_then(Json::as_array).into_iter().flatten();
        list.map(|object| object.get("name").and_then(Json::as_str).unwrap_or_default()).collect::<Vec<_>>()
    });
    expect(names == expected && names.len() > 10, || {
        format!("all objects in their order: {expected:?}, got {names:?}")
    })?;
    let invoice = json!({"name": "Invoice__c", "label": "Invoice", "label_plural": "Invoices", "key_prefix": "a00", "custom": true,
        "createable": true, "updateable": true, "deletable": true, "queryable": true, "searchable": true});
    let objects = all.get("objects").and_then(Json::as_array);
    expect(objects.is_some_and(|objects| objects.contains(&invoice)), || format!("the object {invoice}"))?;

    for (action, mut input) in [
        ("list-objects", json!({})),
        ("describe-object", json!({"object": "Contact"})),
        ("describe-json", json!({"object": "Contact"})),
    ] {
        let since = bench.given(action, &input).await?.get("last_modified").cloned().unwrap_or_default();
        if let Some(input) = input.as_object_mut() {
            input.insert("if_modified_since".to_owned(), since);
        }
        let told = bench.given(action, &input).await?;
        expect(told.is_null(), || format!("{action} to give none for what has not changed since its last-modified"))?;
    }
    let error = bench.error_of("describe-object", &json!({"object": "Nothing__c"}), DEFAULTS).await?;
    expect_error(&error, ErrorKind::NotFound, Outcome::Rejected, "for an object that is not there")
}

/// The first entry that differs, so that the line stays short.
fn differs(member: &str, expected: &Json, told: &Json) -> String {
    let (Some(all), Some(came)) = (expected.as_array(), told.as_array()) else {
        return format!("{member} to be {expected}, got {told}");
    };
    let place = all.iter().zip(came).position(|(expected, told)| expected != told).unwrap_or(all.len().min(came.len()));
    let [expected, told] = [all, came].map(|list| list.get(place).unwrap_or(&Json::Null));
    let members = expected.as_object().into_iter().flatten();
    match members.clone().find(|(name, value)| told.get(name.as_str()) != Some(value)) {
        Some((name, value)) => {
            format!("{member}[{place}].{name} to be {value}, got {}", told.get(name).unwrap_or(&Json::Null))
        }
        None => format!("{member}[{place}] to be {expected}, got {told}"),
    }
}

pub(super) async fn answer(bench: &Bench<'_>) -> Checked {
    let object = |fields: &str| format!(r#"{{"name":"Account","fields":{fields}}}"#);
    let plant = bench.plant();
    for (action, body) in [
        ("describe-object", format!(r#"{{"name":"{plant}","fields":[]}}"#)),
        ("describe-object", r#"{"name":"Account"}"#.to_owned()),
        ("describe-object", object("{}")),
        ("describe-object", object("[null]")),
        ("describe-object", object(r#"[{"name":"A"}]"#)),
        ("describe-object", object(r#"[{"name":"A","type":7}]"#)),
        ("describe-object", object(r#"[{"name":"A","type":"string","length":-1}]"#)),
        ("describe-object", object(r#"[{"name":"A","type":"string","nillable":"no"}]"#)),
        ("describe-object", object(r#"[{"name":"A","type":"string"},{"name":"a","type":"string"}]"#)),
        (
            "describe-object",
            object(
                r#"[{"name":"A","type":"picklist"},
                {"name":"B","type":"picklist","controllerName":"A","picklistValues":[{"value":"x","validFor":"g A"}]}]"#,
            ),
        ),
        ("describe-object", format!("<html>{plant}")),
        ("describe-object", format!(r#"{{"name":"Account","fields":[{}"#, "[".repeat(100_000))),
        ("describe-json", r#"{"name":"Contact","fields":[]}"#.to_owned()),
        ("describe-json", r#"{"name":"Account"}"#.to_owned()),
        ("describe-json", format!("{} x", object("[]"))),
        ("list-objects", r#"{"sobjects":{}}"#.to_owned()),
        ("list-objects", r#"{"sobjects":[{"label":"A"}]}"#.to_owned()),
        ("list-objects", r#"{"sobjects":[{"name":"A"},{"name":"A"}]}"#.to_owned()),
        ("list-objects", format!(r#"["{plant}"]"#)),
    ] {
        let input = if action == "list-objects" { json!({}) } else { json!({"object": "Account"}) };
        let shown: String = body.replace(plant, "a text").chars().take(90).collect();
        bench.fault(SOBJECTS, Fault::Answer { status: 200, headers: Vec::new(), body: body.into() });
        let error = bench.error_of(action, &input, ONCE).await?;
        let when = format!("for {action} that is answered with {shown}");
        expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, &when)?;
    }
    // Nobody asked whether it changed.
    bench.fault(SOBJECTS, Fault::status(304, &[]));
    let error = bench.error_of("list-objects", &json!({}), ONCE).await?;
    expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, "for a status 304 that was not asked for")
}

pub(super) async fn names(bench: &Bench<'_>) -> Checked {
    for action in ["describe-object", "describe-json"] {
        for object in ["../limits", "Account/describe", "Account?x", "Acc%6funt", "Account\r\nx: y", ""] {
            wrong(bench, action, &json!({"object": object}), "object").await?;
        }
    }
    for since in
        ["yesterday", "2026-11-24T09:30:00Z", "Mon, 24 Nov 2026 09:30:00 GMT", "Tue, 24 Nov 2026 09:30:00 GMT\r\nx: y"]
    {
        wrong(bench, "describe-object", &json!({"object": "Account", "if_modified_since": since}), "if_modified_since")
            .await?;
        wrong(bench, "list-objects", &json!({"if_modified_since": since}), "if_modified_since").await?;
    }
    expect(bench.requests() == 0, || "nothing to be sent for names and dates that cannot be any".to_owned())
}

async fn wrong(bench: &Bench<'_>, action: &str, input: &Json, place: &str) -> Checked {
    let error = bench.error_of(action, input, DEFAULTS).await?;
    let when = format!("for {action} with {input}");
    expect_error(&error, ErrorKind::InvalidArgument, Outcome::NotSent, &when)?;
    expect(error.message.starts_with(place), || {
        format!("a message that begins with {place} {when}, got {:?}", error.message)
    })
}
