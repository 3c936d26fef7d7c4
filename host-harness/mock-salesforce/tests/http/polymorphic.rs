//! Lookups that lead to records of several objects, in an org of one's own: the schema says which they are.

use jiff::SignedDuration;
use mock_salesforce::MockSalesforce;
use mock_salesforce::org::files::{Seed, Source};
use mock_salesforce::org::{Org, Schema};
use serde_json::{Value, json};

use crate::client::Answer;
use crate::fixture::*;

/// What describe tells of a field, as far as the mock asks.
fn field(name: &str, kind: &str, more: Value) -> Value {
    let mut field = json!({"name": name, "label": name, "type": kind, "length": 80, "nillable": true, "createable": true,
        "updateable": true});
    field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    field
}

/// An object whose records have a name and a key, the children of `Visits__r`, and further fields.
fn object(name: &str, key_prefix: &str, more: &[Value]) -> Value {
    let mut fields = vec![
        field(
            "Id",
            "id",
            json!({"length": 18, "nillable": false, "createable": false, "updateable": false, "idLookup": true}),
        ),
        field("Name", "string", json!({"nillable": false, "nameField": true})),
        field("Key__c", "string", json!({"externalId": true, "unique": true})),
    ];
    fields.extend_from_slice(more);
    let child = json!({"childSObject": "Visit__c", "field": "Subject__c", "relationshipName": "Visits__r"});
    json!({"name": name, "label": name, "labelPlural": name, "keyPrefix": key_prefix, "createable": true, "deletable": true,
        "fields": fields, "childRelationships": if name == "Visit__c" { json!([]) } else { json!([child]) }})
}

/// A visit is to a plant or to an animal, which differ in their fields.
fn schema() -> Schema {
    let subject = json!({"length": 18, "referenceTo": ["Animal__c", "Plant__c"], "relationshipName": "Subject__r"});
    let objects = json!([
        object("Animal__c", "a0A", &[field("Legs__c", "int", json!({}))]),
        object("Plant__c", "a0P", &[field("Colour__c", "string", json!({})), field("Email", "email", json!({}))]),
        object("Visit__c", "a0V", &[field("Subject__c", "reference", subject)]),
    ]);
    let source = Source { path: "objects.json".into(), text: objects.to_string() };
    Schema::of_sources(&[source], false).unwrap_or_else(|error| panic!("{error}"))
}

/// An org with an animal, a plant, and a visit to each and to none.
async fn mock() -> MockSalesforce {
    let mock = MockSalesforce::builder()
        .clock_standing_at("2026-06-15T12:00:00Z".parse().unwrap())
        .schema(schema())
        .connected_app(app())
        .start()
        .await
        .unwrap();
    made(&mock, "Animal__c", json!({"Name": "Rex", "Key__c": "a", "Legs__c": 4})).await;
    made(&mock, "Plant__c", json!({"Name": "Rose", "Key__c": "p", "Colour__c": "red", "Email": "r@example.org"})).await;
    for (name, object, key) in [("one", "Animal__c", "a"), ("two", "Plant__c", "p")] {
        made(&mock, "Visit__c", json!({"Name": name, "Subject__r": {"attributes": {"type": object}, "Key__c": key}}))
            .await;
    }
    made(&mock, "Visit__c", json!({"Name": "three"})).await;
    mock
}

async fn create(mock: &MockSalesforce, object: &str, body: Value) -> Answer {
    rest(mock, "POST", &format!("sobjects/{object}")).json(&body).send().await
}

async fn made(mock: &MockSalesforce, object: &str, body: Value) -> String {
    let answer = create(mock, object, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn subjects(mock: &MockSalesforce, select: &str) -> Vec<Value> {
    let found = query(mock, &format!("SELECT {select} FROM Visit__c ORDER BY Id")).await;
    found["records"].as_array().unwrap().iter().map(|record| record["Subject__r"].clone()).collect()
}

fn without_attributes(record: &Value) -> Value {
    let mut record = record.clone();
    record.as_object_mut().map(|record| record.remove("attributes"));
    record
}

#[tokio::test]
async fn a_path_tells_what_all_objects_have_and_whose_record_it_is() {
    let mock = mock().await;
    let told = subjects(&mock, "Subject__r.Name, Subject__r.Type, Subject__r.Email").await;
    assert_eq!(without_attributes(&told[0]), json!({"Name": "Rex", "Type": "Animal__c", "Email": null}));
    assert_eq!(without_attributes(&told[1]), json!({"Name": "Rose", "Type": "Plant__c", "Email": "r@example.org"}));
    assert_eq!(told[2], Value::Null);
    let path = |place: usize| {
        told[place]["attributes"]["url"].as_str().unwrap().strip_prefix("/services/data/v67.0/").unwrap()
    };
    for (place, name) in [(0, "Rex"), (1, "Rose")] {
        assert_eq!(rest(&mock, "GET", path(place)).send().await.json()["Name"], name);
    }
    for (condition, names) in [
        ("Subject__r.Type = 'Plant__c'", vec!["two"]),
        ("Subject__r.Name IN ('Rex', 'Rose')", vec!["one", "two"]),
        ("Subject__r.Type = null", vec!["three"]),
        ("Subject__c IN (SELECT Id FROM Plant__c)", vec!["two"]),
        ("Subject__c IN (SELECT Id FROM Animal__c WHERE Legs__c > 3)", vec!["one"]),
    ] {
        let found = query(&mock, &format!("SELECT Name FROM Visit__c WHERE {condition} ORDER BY Id")).await;
        let found: Vec<_> = found["records"].as_array().unwrap().iter().map(|record| record["Name"].clone()).collect();
        assert_eq!(found, names, "{condition}");
    }
    let visited = query(&mock, "SELECT Name FROM Plant__c WHERE Id IN (SELECT Subject__c FROM Visit__c)").await;
    assert_eq!(visited["records"][0]["Name"], "Rose");
    let by_type = query(&mock, "SELECT Subject__r.Type, COUNT(Id) n FROM Visit__c GROUP BY Subject__r.Type").await;
    assert_eq!(by_type["totalSize"], 3);
    for path in ["Subject__r.Colour__c", "Subject__r.Key__c", "Subject__r.CreatedBy.Name"] {
        let text = format!("query?q=SELECT+{path}+FROM+Visit__c");
        assert_eq!(rest(&mock, "GET", &text).send().await.error(), (400, "INVALID_FIELD".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn typeof_tells_what_each_object_has() {
    let mock = mock().await;
    let select = "TYPEOF Subject__r WHEN Animal__c THEN Legs__c WHEN Plant__c THEN Colour__c, Name END";
    let told = subjects(&mock, select).await;
    assert_eq!(without_attributes(&told[0]), json!({"Legs__c": 4}));
    assert_eq!(without_attributes(&told[1]), json!({"Colour__c": "red", "Name": "Rose"}));
    assert_eq!(told[2], Value::Null);
    let told = subjects(&mock, "TYPEOF Subject__r WHEN Animal__c THEN Legs__c ELSE Name, Type END").await;
    assert_eq!(without_attributes(&told[1]), json!({"Name": "Rose", "Type": "Plant__c"}));
}

#[tokio::test]
async fn the_relationship_leads_to_the_record_and_back() {
    let mock = mock().await;
    let visits = query(&mock, "SELECT Id FROM Visit__c ORDER BY Id").await["records"].clone();
    for (place, field) in [(0, "Legs__c"), (1, "Colour__c")] {
        let path = format!("sobjects/Visit__c/{}/Subject__r", visits[place]["Id"].as_str().unwrap());
        assert!(rest(&mock, "GET", &path).send().await.json().get(field).is_some(), "{field}");
    }
    for object in ["Animal__c", "Plant__c"] {
        let children = query(&mock, &format!("SELECT (SELECT Name FROM Visits__r) FROM {object}")).await;
        assert_eq!(children["records"][0]["Visits__r"]["totalSize"], 1, "{object}");
    }
}

#[tokio::test]
async fn a_key_says_of_which_object_it_is() {
    let mock = mock().await;
    let refused = create(&mock, "Visit__c", json!({"Name": "x", "Subject__r": {"Key__c": "a"}})).await;
    assert_eq!(refused.error(), (400, "JSON_PARSER_ERROR".to_owned()));
    let to =
        |object: &str, key: &str| json!({"Name": "x", "Subject__r": {"attributes": {"type": object}, "Key__c": key}});
    assert_eq!(create(&mock, "Visit__c", to("User", "a")).await.error(), (400, "INVALID_FIELD".to_owned()));
    let other = create(&mock, "Visit__c", to("Plant__c", "a")).await;
    assert_eq!(other.message(), "Foreign key external ID: a not found for field Key__c in entity Plant__c");
}

#[tokio::test]
async fn a_tree_hangs_children_on_any_of_the_objects() {
    let mock = mock().await;
    for object in ["Animal__c", "Plant__c"] {
        let visit = json!({"attributes": {"type": "Visit__c", "referenceId": "v"}, "Name": "child"});
        let parent = json!({"attributes": {"type": object, "referenceId": "p"}, "Name": "parent",
            "Visits__r": {"records": [visit]}});
        let answer = rest(&mock, "POST", &format!("composite/tree/{object}")).json(&json!({"records": [parent]}));
        assert_eq!(answer.send().await.status, 201);
        let soql =
            format!("SELECT Name FROM Visit__c WHERE Subject__r.Name = 'parent' AND Subject__r.Type = '{object}'");
        assert_eq!(query(&mock, &soql).await["records"][0]["Name"], "child", "{object}");
    }
}

#[tokio::test]
async fn a_column_of_a_job_says_of_which_object_it_is() {
    let mock = mock().await;
    let play = async |content: &str| {
        let job = json!({"object": "Visit__c", "operation": "insert"});
        let job = rest(&mock, "POST", "jobs/ingest").json(&job).send().await.json();
        let path = format!("jobs/ingest/{}", job["id"].as_str().unwrap());
        rest(&mock, "PUT", &format!("{path}/batches")).raw("text/csv", content).send().await;
        rest(&mock, "PATCH", &path).json(&json!({"state": "UploadComplete"})).send().await;
        mock.advance_clock(SignedDuration::from_secs(1));
        rest(&mock, "GET", &path).send().await.json()
    };
    let done = play("Name,Plant__c:Subject__r.Key__c\nbulk,p\nbulk,#N/A\nwrong,a\n").await;
    assert_eq!((&done["state"], &done["numberRecordsFailed"]), (&json!("JobComplete"), &json!(1)));
    let found = query(&mock, "SELECT Subject__r.Name FROM Visit__c WHERE Name = 'bulk' ORDER BY Id").await;
    assert_eq!(found["records"][0]["Subject__r"]["Name"], "Rose");
    assert_eq!(found["records"][1]["Subject__r"], Value::Null);
    for header in ["Subject__r.Key__c", "User:Subject__r.Key__c"] {
        let failed = play(&format!("Name,{header}\nx,p\n")).await;
        assert_eq!(failed["errorMessage"], format!("InvalidBatch : Field name not found : {header}"));
    }
}

#[tokio::test]
async fn a_column_of_a_seed_says_of_which_object_it_is() {
    let seed =
        |path: &str, text: &str| Seed { source: Source { path: path.into(), text: text.to_owned() }, object: None };
    let plants = seed("Plant__c.csv", "Name,Key__c\nRose,p\n");
    let visits = |header: &str| seed("Visit__c.csv", &format!("Name,{header}\none,p\n"));
    let load = |org: &mut Org, header: &str| org.load(&[plants.clone(), visits(header)]);
    let mock = MockSalesforce::builder().schema(schema()).connected_app(app()).start().await.unwrap();
    let refused = mock.org(|org| load(org, "Subject__r.Key__c")).unwrap_err().to_string();
    assert!(
        refused.starts_with("Visit__c.csv:1: column Subject__r.Key__c: Visit__c has no such relationship"),
        "{refused}"
    );
    assert_eq!(mock.org(|org| load(org, "Plant__c:Subject__r.Key__c")).map(|ids| ids.len()), Ok(2));
    let found = query(&mock, "SELECT Subject__r.Name FROM Visit__c").await;
    assert_eq!(found["records"][0]["Subject__r"]["Name"], "Rose");
}
