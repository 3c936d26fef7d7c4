//! What people read for the values of picklists.

use mock_salesforce::MockSalesforce;
use mock_salesforce::org::Schema;
use mock_salesforce::org::files::Source;
use serde_json::json;

use crate::fixture::*;

const KIND: &str = "<CustomField><fullName>Kind__c</fullName><label>Kind</label><type>Picklist</type><valueSet>
    <valueSetName>Kinds</valueSetName></valueSet></CustomField>";
const TAGS: &str =
    "<CustomField><fullName>Tags__c</fullName><label>Tags</label><type>MultiselectPicklist</type><valueSet>
    <valueSetDefinition><value><fullName>a</fullName><label>Alpha</label></value><value><fullName>b</fullName></value>
    </valueSetDefinition></valueSet></CustomField>";
const KINDS: &str = "<GlobalValueSet><customValue><fullName>gear</fullName><label>Zahnrad</label></customValue>
    <customValue><fullName>screw</fullName><label>screw</label></customValue></GlobalValueSet>";

fn schema() -> Schema {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.to_owned() };
    let sources = [
        source("objects/Pump__c/fields/Kind__c.field-meta.xml", KIND),
        source("objects/Pump__c/fields/Tags__c.field-meta.xml", TAGS),
        source("globalValueSets/Kinds.globalValueSet-meta.xml", KINDS),
    ];
    Schema::of_sources(&sources, false).unwrap_or_else(|error| panic!("{error}"))
}

async fn holds(mock: &MockSalesforce) {
    for (name, kind) in [("P1", "gear"), ("P2", "screw"), ("P3", "other")] {
        let body = json!({"Name": name, "Kind__c": kind, "Tags__c": "a;b"});
        assert_eq!(rest(mock, "POST", "sobjects/Pump__c").json(&body).send().await.status, 201);
    }
    let found = query(mock, "SELECT toLabel(Kind__c), toLabel(Tags__c) FROM Pump__c ORDER BY Name").await;
    let kinds: Vec<_> =
        found["records"].as_array().unwrap().iter().map(|row| row["Kind__c"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Zahnrad", "screw", "other"]);
    assert_eq!(found["records"][0]["Tags__c"], "Alpha;b");
    for (condition, count) in [
        ("toLabel(Kind__c) = 'Zahnrad'", 1),
        ("toLabel(Kind__c) = 'gear'", 0),
        ("Kind__c = 'gear'", 1),
        ("toLabel(Kind__c) LIKE 'zahn%'", 1),
        ("toLabel(Kind__c) IN ('Zahnrad', 'screw')", 2),
    ] {
        let found = query(mock, &format!("SELECT COUNT() FROM Pump__c WHERE {condition}")).await;
        assert_eq!(found["totalSize"], count, "{condition}");
    }
    for group in ["Kind__c", "toLabel(Kind__c)"] {
        let soql = format!("SELECT toLabel(Kind__c) kind, COUNT(Id) n FROM Pump__c WHERE Name = 'P1' GROUP BY {group}");
        assert_eq!(query(mock, &soql).await["records"][0]["kind"], "Zahnrad", "{group}");
    }
}

#[tokio::test]
async fn labels_are_those_of_the_value_set() {
    let mock = MockSalesforce::builder().schema(schema()).connected_app(app()).start().await.unwrap();
    let told = rest(&mock, "GET", "sobjects/Pump__c/describe").send().await.json();
    let fields = told["fields"].as_array().unwrap();
    let kind = fields.iter().find(|field| field["name"] == "Kind__c").unwrap();
    let first = &kind["picklistValues"][0];
    assert_eq!((&first["value"], &first["label"]), (&json!("gear"), &json!("Zahnrad")));
    holds(&mock).await;
    let source = Source { path: "Pump__c.json".into(), text: told.to_string() };
    let schema = Schema::of_sources(&[source], false).unwrap();
    let again = MockSalesforce::builder().schema(schema).connected_app(app()).start().await.unwrap();
    holds(&again).await;
}
