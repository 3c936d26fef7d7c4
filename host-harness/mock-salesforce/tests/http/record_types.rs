//! Record types of an org of a user's own.

use mock_salesforce::MockSalesforce;
use mock_salesforce::org::Schema;
use mock_salesforce::org::files::{Seed, Source};
use serde_json::{Value, json};

use crate::fixture::*;

const BIG: &str = "0125g000000AAAAAA4";
const SMALL: &str = "0125g000000AAABAA4";
const MASTER: &str = "012000000000000AAA";

fn info(id: &str, name: &str, is_default: bool) -> Value {
    json!({
        "active": true, "available": true, "defaultRecordTypeMapping": is_default, "developerName": name.replace(' ', "_"),
        "master": id == MASTER, "name": name, "recordTypeId": id,
        "urls": {"layout": format!("/services/data/v62.0/sobjects/Pump__c/describe/layouts/{id}")},
    })
}

fn pump() -> Value {
    json!({
        "name": "Pump__c", "keyPrefix": "a0P", "createable": true,
        "fields": [
            {"name": "Id", "type": "id", "nillable": false},
            {"name": "Name", "type": "string", "length": 80, "createable": true, "nameField": true},
            {"name": "RecordTypeId", "type": "reference", "referenceTo": ["RecordType"], "relationshipName": "RecordType",
             "createable": true, "updateable": true},
        ],
        "recordTypeInfos": [info(MASTER, "Master", false), info(BIG, "Big Pump", false), info(SMALL, "Small", true)],
    })
}

fn source(path: &str, text: &str) -> Source {
    Source { path: path.into(), text: text.to_owned() }
}

async fn org_of(sources: &[Source], seeds: Vec<Seed>) -> MockSalesforce {
    let schema = Schema::of_sources(sources, false).unwrap_or_else(|error| panic!("{error}"));
    MockSalesforce::builder().schema(schema).seed(seeds).connected_app(app()).start().await.unwrap()
}

async fn create(mock: &MockSalesforce, object: &str, body: Value) -> Value {
    let made = rest(mock, "POST", &format!("sobjects/{object}")).json(&body).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()["id"].clone()
}

async fn infos(mock: &MockSalesforce, object: &str) -> Value {
    rest(mock, "GET", &format!("sobjects/{object}/describe")).send().await.json()["recordTypeInfos"].clone()
}

#[tokio::test]
async fn described_record_types_are_records() {
    let mock = org_of(&[source("Pump__c.json", &pump().to_string())], Vec::new()).await;
    let soql = "SELECT Id, DeveloperName, Name, IsActive FROM RecordType WHERE SobjectType = 'Pump__c' ORDER BY Id";
    let found = query(&mock, soql).await;
    let told: Vec<_> =
        found["records"].as_array().unwrap().iter().map(|row| (&row["Id"], &row["DeveloperName"])).collect();
    assert_eq!(told, [(&json!(BIG), &json!("Big_Pump")), (&json!(SMALL), &json!("Small"))]);
    for (body, expected) in [
        (json!({"Name": "chosen", "RecordTypeId": BIG}), json!(BIG)),
        (json!({"Name": "default"}), json!(SMALL)),
        (json!({"Name": "master", "RecordTypeId": MASTER}), json!(null)),
    ] {
        let id = create(&mock, "Pump__c", body.clone()).await;
        let row = rest(&mock, "GET", &format!("sobjects/Pump__c/{}", id.as_str().unwrap())).send().await.json();
        assert_eq!(row["RecordTypeId"], expected, "{body}");
    }
    let found = query(&mock, "SELECT Name FROM Pump__c WHERE RecordType.DeveloperName = 'Small'").await;
    assert_eq!(found["records"][0]["Name"], "default");
    let told = infos(&mock, "Pump__c").await;
    let ids: Vec<_> = told.as_array().unwrap().iter().map(|info| info["recordTypeId"].as_str().unwrap()).collect();
    assert_eq!(ids, [MASTER, BIG, SMALL], "as they were told");
    assert_eq!(
        (&told[2]["defaultRecordTypeMapping"], &told[0]["defaultRecordTypeMapping"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(told[1]["urls"]["layout"], format!("/services/data/v67.0/sobjects/Pump__c/describe/layouts/{BIG}"));

    let renamed = rest(&mock, "PATCH", &format!("sobjects/RecordType/{BIG}")).json(&json!({"Name": "Huge"}));
    assert_eq!(renamed.send().await.status, 204);
    let new = json!({"Name": "New", "DeveloperName": "New", "SobjectType": "Pump__c", "IsActive": true});
    let new = create(&mock, "RecordType", new).await;
    let told = infos(&mock, "Pump__c").await;
    assert_eq!((&told[1]["name"], &told[3]["recordTypeId"]), (&json!("Huge"), &new));
    mock.org(mock_salesforce::org::Org::clear_records);
    assert_eq!(query(&mock, soql).await["totalSize"], 2, "the schema tells them, and no seed");
}

#[tokio::test]
async fn a_number_that_a_described_record_type_has_is_no_new_ones() {
    let mut object = pump();
    // That of the mock's own second record type.
    object["recordTypeInfos"] = json!([info("0125g0000000001AAA", "Big Pump", false)]);
    let mock = org_of(&[source("Pump__c.json", &object.to_string())], Vec::new()).await;
    let body = json!({"Name": "New", "DeveloperName": "New", "SobjectType": "Account", "IsActive": true});
    create(&mock, "RecordType", body).await;
    assert_eq!(query(&mock, "SELECT Id FROM RecordType").await["totalSize"], 2);
}

#[tokio::test]
async fn a_record_type_is_of_any_object() {
    let text = "Name,DeveloperName,SobjectType,IsActive\nFlow,Flow,Meter__c,true\n";
    let meter =
        source("objects/Meter__c/Meter__c.object-meta.xml", "<CustomObject><label>Meter</label></CustomObject>");
    let seed = Seed { source: source("RecordType.csv", text), object: None };
    let mock = org_of(&[meter], vec![seed]).await;
    assert_eq!(infos(&mock, "Meter__c").await[0]["developerName"], "Flow");
}

#[tokio::test]
async fn a_seed_repeats_a_record_type_and_makes_no_second() {
    let flow = "<RecordType><fullName>Flow</fullName><active>true</active><label>Flow</label></RecordType>";
    let schema = [source("objects/Meter__c/recordTypes/Flow.recordType-meta.xml", flow)];
    let id = "0125g000000ZZZZAAM";
    let seeds = [
        ("RecordType.csv", format!("Id,Name,DeveloperName,SobjectType\n{id},Other,flow,Meter__c\n")),
        ("Meter__c.csv", format!("Name,RecordTypeId\nM,{id}\n")),
    ];
    let seeds = seeds.map(|(path, text)| Seed { source: source(path, &text), object: None });
    let mock = org_of(&schema, seeds.into()).await;
    assert_eq!(query(&mock, "SELECT Id FROM RecordType").await["totalSize"], 1);
    let meters = query(&mock, "SELECT RecordType.Name FROM Meter__c").await;
    assert_eq!(meters["records"][0]["RecordType"]["Name"], "Flow");
}

#[tokio::test]
async fn a_project_tells_record_types() {
    let file = |name: &str, active: bool| {
        let text = format!(
            "<RecordType><fullName>{name}</fullName><active>{active}</active><label>{name} one</label></RecordType>"
        );
        source(&format!("objects/Meter__c/recordTypes/{name}.recordType-meta.xml"), &text)
    };
    let mock = org_of(&[file("Flow", true), file("Heat", false)], Vec::new()).await;
    let told = infos(&mock, "Meter__c").await;
    let told: Vec<_> =
        told.as_array().unwrap().iter().map(|info| (info["name"].as_str(), info["active"].as_bool())).collect();
    assert_eq!(told, [(Some("Flow one"), Some(true)), (Some("Heat one"), Some(false)), (Some("Master"), Some(true))]);
    let flow = query(&mock, "SELECT Id FROM RecordType WHERE DeveloperName = 'Flow'").await["records"][0]["Id"].clone();
    create(&mock, "Meter__c", json!({"Name": "M", "RecordTypeId": flow})).await;
    assert_eq!(
        query(&mock, "SELECT RecordType.Name FROM Meter__c").await["records"][0]["RecordType"]["Name"],
        "Flow one"
    );
}

#[test]
fn what_is_wrong_is_told_with_file_and_line() {
    let error = |sources: &[Source]| Schema::of_sources(sources, false).unwrap_err().to_string();
    let text = pump().to_string();
    assert_eq!(
        error(&[source("P.json", &text.replace(BIG, "a0P5g000000AAAA"))]),
        "P.json:1: recordTypeId \"a0P5g000000AAAA\" of Pump__c: expected an Id that begins with 012"
    );
    let other = text.replace("Pump__c", "Fan__c").replace("a0P", "a0F");
    assert_eq!(
        error(&[source("P.json", &text), source("F.json", &other)]),
        format!("F.json:1: record type {BIG} of Fan__c is one of Pump__c already: expected another Id")
    );
    let path = "Flow.recordType-meta.xml";
    assert_eq!(
        error(&[source(path, "<RecordType/>")]),
        format!("{path}: expected a path like objects/X/recordTypes/Y.recordType-meta.xml")
    );
}
