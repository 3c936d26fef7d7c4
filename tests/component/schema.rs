//! What an org consists of, through the component.

use mock_salesforce::org::Schema;
use mock_salesforce::org::files::Source;
use mock_salesforce::{Fault, MockSalesforce};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use serde_json::{Value, json};

use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, app, decision, refused};

const TWICE: CallOptions = CallOptions { attempts: Some(2), ..DEFAULTS };
const SOBJECTS: &str = "/services/data/v67.0/sobjects";

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap()
}

#[tokio::test]
async fn objects_are_listed_as_the_org_has_them() {
    let fixture = Fixture::start().await;
    let list = fixture.act("list-objects", &json!({}), DEFAULTS).await.unwrap();
    let raw = fixture.act("describe-json", &json!({}), DEFAULTS).await.unwrap();
    let told = raw["description"]["sobjects"].as_array().unwrap();
    let names = |list: &[Value]| list.iter().map(|object| object["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(list["objects"].as_array().unwrap()), names(told));
    let invoice = named(&list["objects"], "Invoice__c");
    let expected = json!({"name": "Invoice__c", "label": "Invoice", "label_plural": "Invoices", "key_prefix": "a00", "custom": true,
        "createable": true, "updateable": true, "deletable": true, "queryable": true, "searchable": true});
    assert_eq!(*invoice, expected);
    assert_eq!(list["last_modified"], raw["last_modified"]);
    assert!(list["usage"]["used"].is_u64() && list["last_modified"].is_string());
}

#[tokio::test]
async fn an_object_is_described_with_what_forms_need() {
    let fixture = Fixture::start().await;
    let account = fixture.act("describe-object", &json!({"object": "account"}), DEFAULTS).await.unwrap();
    assert_eq!((&account["object"]["name"], &account["object"]["key_prefix"]), (&json!("Account"), &json!("001")));
    let name = named(&account["fields"], "Name");
    assert_eq!((&name["required"], &name["type"], &name["length"]), (&json!(true), &json!("string"), &json!(255)));
    let erp = named(&account["fields"], "ERP_Id__c");
    assert_eq!((&erp["external_id"], &erp["id_lookup"], &erp["required"]), (&json!(true), &json!(true), &json!(false)));
    let parent = named(&account["fields"], "ParentId");
    assert_eq!((&parent["reference_to"], &parent["relationship_name"]), (&json!(["Account"]), &json!("Parent")));
    let contacts = json!({"child_sobject": "Contact", "field": "AccountId", "relationship_name": "Contacts"});
    assert!(account["child_relationships"].as_array().unwrap().contains(&contacts));
    assert_eq!(named(&account["record_type_infos"], "Master")["master"], true);

    let invoice = fixture.act("describe-object", &json!({"object": "Invoice__c"}), DEFAULTS).await.unwrap();
    let status = named(&invoice["fields"], "Status__c");
    assert_eq!((&status["restricted_picklist"], &status["default_value"]), (&json!(true), &json!("Draft")));
    let draft = json!({"value": "Draft", "label": "Draft", "active": true, "default_value": true, "valid_for": null});
    assert!(status["picklist_values"].as_array().unwrap().contains(&draft), "{status}");
}

#[tokio::test]
async fn a_dependent_picklist_names_its_controlling_values() {
    let field = |name: &str, rest: &str| Source {
        path: format!("objects/Pump__c/fields/{name}.field-meta.xml").into(),
        text: format!("<CustomField><fullName>{name}</fullName><label>{name}</label>{rest}</CustomField>"),
    };
    let value = |name: &str| format!("<value><fullName>{name}</fullName></value>");
    let modes = format!(
        "<type>Picklist</type><valueSet><controllingField>On__c</controllingField><valueSetDefinition>{}{}</valueSetDefinition>\
         <valueSettings><controllingFieldValue>checked</controllingFieldValue><valueName>low</valueName></valueSettings></valueSet>",
        value("low"),
        value("off")
    );
    let sources = [field("On__c", "<type>Checkbox</type>"), field("Mode__c", &modes)];
    let schema = Schema::of_sources(&sources, false).unwrap_or_else(|error| panic!("{error}"));
    let fixture = Fixture::of(MockSalesforce::builder().schema(schema), app()).await;
    let pump = fixture.act("describe-object", &json!({"object": "Pump__c"}), DEFAULTS).await.unwrap();
    let mode = named(&pump["fields"], "Mode__c");
    let valid_for: Vec<_> =
        mode["picklist_values"].as_array().unwrap().iter().map(|value| value["valid_for"].clone()).collect();
    assert_eq!((&mode["controller_name"], valid_for), (&json!("On__c"), vec![json!(["true"]), json!([])]));
}

#[tokio::test]
async fn what_has_not_changed_is_none() {
    let fixture = Fixture::start().await;
    for (action, object) in [
        ("list-objects", None),
        ("describe-json", None),
        ("describe-json", Some("Account")),
        ("describe-object", Some("Account")),
    ] {
        let mut input = json!({});
        if let Some(object) = object {
            input["object"] = json!(object);
        }
        let first = fixture.act(action, &input, DEFAULTS).await.unwrap();
        input["if_modified_since"] = first["last_modified"].clone();
        assert_eq!(fixture.act(action, &input, DEFAULTS).await.unwrap(), Value::Null, "{action}");
        input["if_modified_since"] = json!("Mon, 15 Jun 2015 12:00:00 GMT");
        assert!(fixture.act(action, &input, DEFAULTS).await.unwrap().is_object(), "{action}");
        let before = fixture.requests();
        input["if_modified_since"] = json!("yesterday");
        let error = refused(fixture.act(action, &input, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
        assert!(error.message.starts_with("if_modified_since: expected an HTTP date"), "{}", error.message);
        assert_eq!(fixture.requests(), before);
    }
}

#[tokio::test]
async fn refusals_and_lost_answers_are_those_of_every_read() {
    let fixture = Fixture::start().await;
    for action in ["describe-object", "describe-json"] {
        let error = refused(fixture.act(action, &json!({"object": "Nothing__c"}), DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false), "{action}");
        let before = fixture.requests();
        let error = refused(fixture.act(action, &json!({"object": "../limits"}), DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{action}");
        assert_eq!(fixture.requests(), before);
        fixture.fault(SOBJECTS, Fault::ResetAfterWork);
        assert!(fixture.act(action, &json!({"object": "Account"}), TWICE).await.is_ok(), "{action}");
    }
    fixture.fault(SOBJECTS, Fault::status(503, &[("retry-after", "0")]));
    assert!(fixture.act("list-objects", &json!({}), TWICE).await.is_ok());
    fixture.fault(SOBJECTS, Fault::status(401, &[]));
    let error = refused(fixture.act("list-objects", &json!({}), TWICE).await);
    assert_eq!(decision(&error), (ErrorKind::SessionExpired, Outcome::Rejected, false));
    assert!(fixture.writes().is_empty());
}
