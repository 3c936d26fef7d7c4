//! An org of a user's own: out of describe answers, and out of a project's files.

use std::path::{Path, PathBuf};

use mock_salesforce::MockSalesforce;
use mock_salesforce::org::Schema;
use mock_salesforce::org::files::Source;
use serde_json::{Value, json};

use crate::fixture::*;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/data").join(name)
}

async fn org_of(name: &str) -> MockSalesforce {
    let schema = Schema::read(&[data(name)], false).unwrap_or_else(|error| panic!("{error}"));
    MockSalesforce::builder().schema(schema).connected_app(app()).start().await.unwrap()
}

async fn create(mock: &MockSalesforce, object: &str, body: Value) -> Value {
    rest(mock, "POST", &format!("sobjects/{object}")).json(&body).send().await.json()
}

fn member<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("no {name}: {list}"))
}

#[tokio::test]
async fn a_describe_answer_replaces_an_object() {
    let mock = org_of("describe").await;
    assert_eq!(query(&mock, "SELECT COUNT() FROM Account").await["totalSize"], 0);
    let told = rest(&mock, "GET", "sobjects/Account/describe").send().await.json();
    assert_eq!((&told["label"], &told["searchable"]), (&json!("Customer"), &json!(false)));
    assert_eq!(told["urls"]["sobject"], "/services/data/v67.0/sobjects/Account");
    let tier = member(&told["fields"], "Tier__c");
    assert_eq!(tier["inlineHelpText"], "How dear they are.");
    assert_eq!(
        tier["picklistValues"][0],
        json!({"active": true, "defaultValue": true, "label": "GOLD", "validFor": null, "value": "Gold"})
    );
    assert!(tier.get("aiPredictionField").is_some(), "what an older answer lacks is told too");

    let refused = create(&mock, "Account", json!({"Name": "A", "Industry": "Energy"})).await;
    assert_eq!(refused[0]["errorCode"], "INVALID_FIELD");
    let refused = create(&mock, "Account", json!({"Name": "A", "Tier__c": "Silver"})).await;
    assert_eq!(refused[0]["errorCode"], "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
    let hours = "0OHxx0000004CAeGAM";
    let body = json!({"Name": "A", "Score__c": 1.005, "Code__c": "c1", "OperatingHoursId": hours});
    let id = create(&mock, "Account", body).await["id"].as_str().unwrap().to_owned();
    let read = rest(&mock, "GET", "sobjects/Account/Code__c/c1").send().await.json();
    assert_eq!((&read["Id"], &read["Tier__c"], &read["Score__c"]), (&json!(id), &json!("Gold"), &json!(1.01)));
    assert_eq!(read["OperatingHoursId"], hours);

    let visit = create(&mock, "Visit__c", json!({"Name": "V", "Customer__c": id, "At__c": "08:30:00Z"})).await;
    let visit = visit["id"].as_str().unwrap();
    assert!(visit.starts_with("a0V"), "{visit}");
    let found =
        query(&mock, "SELECT Name, (SELECT Name, At__c, Customer__r.Code__c FROM Visits__r) FROM Account").await;
    let visits = &found["records"][0]["Visits__r"]["records"];
    assert_eq!((&visits[0]["At__c"], &visits[0]["Customer__r"]["Code__c"]), (&json!("08:30:00.000Z"), &json!("c1")));
    assert_eq!(rest(&mock, "DELETE", &format!("sobjects/Account/{id}")).send().await.status, 204);
    assert_eq!(query(&mock, "SELECT COUNT() FROM Visit__c").await["totalSize"], 0, "deleted with its customer");
}

#[tokio::test]
async fn a_project_extends_the_objects_of_every_org() {
    let mock = org_of("project").await;
    let account = json!({"Name": "A", "Industry": "Energy", "Region__c": "north"});
    let account = create(&mock, "Account", account).await["id"].as_str().unwrap().to_owned();
    let body = json!({
        "Account__r": {"Region__c": "north"}, "Flow__c": "12.345", "Place__Latitude__s": 54.3, "Place__Longitude__s": 10.1,
    });
    let pump = create(&mock, "Pump__c", body).await["id"].as_str().unwrap().to_owned();
    let read = rest(&mock, "GET", &format!("sobjects/Pump__c/{pump}")).send().await.json();
    assert_eq!(
        (&read["Name"], &read["Kind__c"], &read["Flow__c"]),
        (&json!("PMP-0001"), &json!("Gear"), &json!(12.35))
    );
    assert_eq!((&read["Account__c"], &read["Place__c"]["latitude"]), (&json!(account), &json!(54.3)));
    let pumps = query(&mock, "SELECT (SELECT Name FROM Pumps__r) FROM Account").await;
    assert_eq!(pumps["records"][0]["Pumps__r"]["totalSize"], 1);
    for (field, value, code) in [
        ("Kind__c", json!("Steam"), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Double_Flow__c", json!(1), "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Flow__c", json!(12345), "NUMBER_OUTSIDE_VALID_RANGE"),
    ] {
        assert_eq!(create(&mock, "Pump__c", json!({field: value})).await[0]["errorCode"], code, "{field}");
    }
    let told = rest(&mock, "GET", "sobjects/Pump__c/describe").send().await.json();
    assert_eq!(
        (&told["label"], &told["labelPlural"], &told["custom"]),
        (&json!("Pump"), &json!("Pumps"), &json!(true))
    );
    assert_eq!(member(&told["fields"], "Double_Flow__c")["calculated"], true);
    assert_eq!(member(&told["fields"], "Place__Latitude__s")["compoundFieldName"], "Place__c");
}

#[test]
fn types_without_values_are_read_and_unknown_ones_noted() {
    let field = |name: &str, kind: &str| json!({"name": name, "label": name, "type": kind, "length": 0, "nillable": true, "createable": true, "updateable": true});
    let id = json!({"name": "Id", "type": "id", "nillable": false, "createable": false, "updateable": false});
    let kinds = [
        ("A__c", "JunctionIdList"),
        ("B__c", "junctionidlist"),
        ("C__c", "DataCategoryGroupReference"),
        ("D__c", "masterrecord"),
    ];
    let fields: Vec<_> =
        [id, field("E__c", "float")].into_iter().chain(kinds.map(|(name, kind)| field(name, kind))).collect();
    let text = json!({"name": "Thing__c", "createable": true, "fields": fields}).to_string();
    let schema = Schema::of_sources(&[Source { path: "Thing__c.json".into(), text }], false).unwrap();
    assert_eq!(
        schema.notes(),
        ["Thing__c.json:1: E__c: the mock does not know the type \"float\": it is text that nobody writes"]
    );
    let thing = schema.objects().iter().find(|object| object.name == "Thing__c").unwrap();
    for (name, kind) in kinds.into_iter().chain([("E__c", "float")]) {
        let (_, field) = thing.field(name).unwrap();
        assert_eq!((field.type_name(), field.writable, field.required), (kind, false, false));
    }
}

#[test]
fn what_is_wrong_is_told_with_file_and_line() {
    let described = std::fs::read_to_string(data("describe/Account.json")).unwrap();
    let field =
        std::fs::read_to_string(data("project/force-app/main/default/objects/Pump__c/fields/Flow__c.field-meta.xml"));
    let field = field.unwrap();
    let line = |text: &str, part: &str| text.lines().position(|line| line.contains(part)).unwrap() + 1;
    let error = |path: &str, text: &str| {
        let source = Source { path: path.into(), text: text.to_owned() };
        Schema::of_sources(&[source], false).unwrap_err().to_string()
    };
    let json = |from: &str, to: &str| {
        assert!(described.contains(from), "{from}");
        error("X.json", &described.replacen(from, to, 1))
    };
    assert_eq!(error("X.json", "[\n{\"name\": \"X\"\n"), "X.json:3: EOF while parsing an object");
    let told = error("X.json", "{\"records\": []}");
    assert!(told.starts_with("X.json:1: missing field `name`: expected an answer of /sobjects/X/describe"), "{told}");
    let told = json("\"Tier__c\"", "\"Tier c\"");
    assert!(
        told.starts_with(&format!("X.json:{}: \"Tier c\" is no API name", line(&described, "\"Tier__c\""))),
        "{told}"
    );
    assert!(json("\"001\"", "\"0018\"").contains("key prefix \"0018\": expected three letters or digits"));
    assert!(json("\"Tier__c\"", "\"NAME\"").contains("Account has two fields of the name NAME"));

    let path = "objects/Pump__c/fields/Flow__c.field-meta.xml";
    let xml = |from: &str, to: &str| error(path, &field.replacen(from, to, 1));
    assert_eq!(
        xml("<type>Number", "<type>Float"),
        format!("{path}:7: Flow__c: type \"Float\": expected a field type of the Metadata API, such as Text or Lookup")
    );
    assert_eq!(xml("<scale>2", "<scale>7"), format!("{path}:6: <scale>7</scale>: expected a whole number up to 6"));
    assert!(xml("</label>", "</labl>").starts_with(&format!("{path}:4: ")));
    assert!(xml("<CustomField", "<!DOCTYPE x [<!ENTITY a \"b\">]><CustomField").contains("DTD"), "no entities");
    assert_eq!(
        error("Flow__c.field-meta.xml", &field),
        "Flow__c.field-meta.xml: expected a path like objects/X/fields/Y.field-meta.xml"
    );
}

/// An object of this name and key prefix.
fn visit(name: &str, prefix: &str) -> Source {
    let text = std::fs::read_to_string(data("describe/Visit__c.json")).unwrap();
    let text = text.replace("Visit__c", name).replace("\"a0V\"", &format!("{prefix:?}"));
    Source { path: format!("{name}.json").into(), text }
}

#[tokio::test]
async fn the_mocks_own_objects_give_way_to_a_key_prefix() {
    for (prefix, own) in [("001", "Account"), ("003", "Contact"), ("005", "User")] {
        let schema = Schema::of_sources(&[visit("Visit__c", prefix)], false).unwrap();
        let mock = MockSalesforce::builder().schema(schema).connected_app(app()).start().await.unwrap();
        let account = create(&mock, "Account", json!({"Name": "A"})).await["id"].clone();
        let visit = create(&mock, "Visit__c", json!({"Name": "V", "Customer__c": account})).await;
        let visit = visit["id"].as_str().unwrap_or_else(|| panic!("{visit}"));
        assert!(visit.starts_with(prefix), "{visit}");
        let owner = query(&mock, "SELECT Customer__r.Owner.Username, CreatedBy.Username FROM Visit__c").await;
        assert!(owner["records"][0]["Customer__r"]["Owner"]["Username"].is_string(), "{owner}");
        assert!(owner["records"][0]["CreatedBy"]["Username"].is_string(), "{owner}");
        let deleted = rest(&mock, "DELETE", &format!("composite/sobjects?ids={visit}")).send().await.json();
        assert_eq!(deleted[0]["success"], true, "{deleted}");
        assert_eq!(query(&mock, "SELECT COUNT() FROM Visit__c").await["totalSize"], 0);
        assert_eq!(query(&mock, "SELECT COUNT() FROM Account").await["totalSize"], 1, "{prefix}");
        let described = rest(&mock, "GET", &format!("sobjects/{own}/describe")).send().await.json();
        assert_ne!(described["keyPrefix"], prefix);
    }
    let error = Schema::of_sources(&[visit("Visit__c", "a00"), visit("Stay__c", "a00")], false).unwrap_err();
    let told = "Stay__c.json:3: key prefix a00 of Stay__c is that of Visit__c already: expected one of its own";
    assert_eq!(error.to_string(), told);
}

#[tokio::test]
async fn the_mocks_own_custom_objects_are_not_in_your_org() {
    let mock = org_of("describe").await;
    let all = rest(&mock, "GET", "sobjects").send().await.json();
    let custom: Vec<_> = all["sobjects"].as_array().unwrap().iter().filter(|object| object["custom"] == true).collect();
    assert!(custom.len() == 1 && custom[0]["name"] == "Visit__c", "{custom:?}");
    let attachment = rest(&mock, "GET", "sobjects/Attachment/describe").send().await.json();
    let parents = member(&attachment["fields"], "ParentId")["referenceTo"].to_string();
    assert!(parents.contains("Visit__c") && !parents.contains("Invoice__c"), "{parents}");
    let whole = Schema::of_sources(&[visit("Invoice__c", "a0I")], false).unwrap();
    let invoice = whole.objects().iter().find(|object| object.name == "Invoice__c").unwrap();
    assert_eq!((invoice.key_prefix, invoice.field("Amount__c").is_none()), ("a0I", true));
}

#[test]
fn an_object_is_described_once() {
    let text = std::fs::read_to_string(data("describe/Account.json")).unwrap();
    let sources = ["one.json", "two.json"].map(|path| Source { path: path.into(), text: text.clone() });
    let error = Schema::of_sources(&sources, false).unwrap_err();
    assert_eq!(error.to_string(), "two.json:1: Account is described already, in one.json:1");
    assert!(Schema::read(&[data("describe/none.json")], false).is_err());
    let nothing = Schema::read(&[data("../data").join("project/force-app/main/default/objects/Account")], false);
    assert!(nothing.is_ok(), "a folder of a project is one too");
}
