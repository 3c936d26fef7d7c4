//! The org's shape, replaced while it runs.

use serde_json::{Value, json};

use super::{done, problem};
use crate::client::{Answer, Call, encode};
use crate::fixture::*;

fn described(name: &str) -> Value {
    let text = match name {
        "Account" => include_str!("../data/describe/Account.json"),
        _ => include_str!("../data/describe/Visit__c.json"),
    };
    serde_json::from_str(text).unwrap()
}

fn put(mock: &mock_salesforce::MockSalesforce, path: &str, body: &Value) -> Call {
    control(mock, "PUT", path).json(body)
}

async fn names(mock: &mock_salesforce::MockSalesforce) -> Vec<String> {
    let all = done(&control(mock, "GET", "schema").send().await);
    all["sobjects"].as_array().unwrap().iter().map(|object| object["name"].as_str().unwrap().to_owned()).collect()
}

fn told(answer: &Answer) -> (u16, String) {
    let (status, place, ..) = problem(answer);
    (status, place)
}

#[tokio::test]
async fn the_org_becomes_what_it_would_have_started_as() {
    let mock = steered().await;
    let token = access_token(&mock);
    let page = query(&mock, "SELECT Id FROM Account").await;
    let organization = mock.org(|org| org.organization_id().to_owned());
    done(&control(&mock, "PUT", "snapshots/before").send().await);
    let all = done(&put(&mock, "schema", &json!([described("Account"), described("Visit__c")])).send().await);
    assert!(all["sobjects"].as_array().unwrap().iter().any(|object| object["name"] == "Visit__c"));
    let counts = done(&control(&mock, "GET", "records").send().await)["objects"].clone();
    assert_eq!(json!([counts["Account"], counts["Contact"], counts["User"]]), json!([0, 0, 6]));
    assert_eq!(done(&control(&mock, "GET", "validation-rules").send().await)["items"], json!([]));
    assert!(works(&mock, &token).await, "sessions go on");
    assert_eq!(mock.org(|org| org.organization_id().to_owned()), organization);
    let next = page["nextRecordsUrl"].as_str().unwrap().rsplit_once("v67.0/").unwrap().1;
    assert_eq!(rest(&mock, "GET", next).send().await.error().1, "INVALID_QUERY_LOCATOR");
    let account = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "A", "Code__c": "c1"})).send().await;
    assert_eq!(account.status, 201, "{}", account.text());
    let visit = json!({"Name": "V", "Customer__r": {"Code__c": "c1"}});
    assert_eq!(rest(&mock, "POST", "sobjects/Visit__c").json(&visit).send().await.status, 201);
    done(&control(&mock, "POST", "snapshots/before/restore").send().await);
    assert_eq!(mock.org(|org| (org.count("Account"), org.object("Visit__c").is_ok())), (2_086, false));
    done(&put(&mock, "schema", &json!({"status": 0, "result": described("Visit__c")})).send().await);
    assert!(names(&mock).await.contains(&"Visit__c".to_owned()));
    done(&control(&mock, "POST", "reset").send().await);
    assert_eq!(mock.org(|org| (org.count("Account"), org.object("Visit__c").is_ok())), (2_086, false));
}

#[tokio::test]
async fn a_projects_files_come_by_their_paths() {
    let mock = steered().await;
    let flow = include_str!("../data/project/force-app/main/default/objects/Pump__c/fields/Flow__c.field-meta.xml");
    let path = "force-app/main/default/objects/Pump__c/fields/Flow__c.field-meta.xml";
    let files = |text: &str| json!({"files": {path: text, "Visit__c.json": described("Visit__c").to_string()}});
    done(&put(&mock, "schema", &files(flow)).send().await);
    let pump = rest(&mock, "POST", "sobjects/Pump__c").json(&json!({"Name": "P", "Flow__c": 1.5})).send().await;
    assert_eq!(pump.status, 201, "{}", pump.text());
    assert!(names(&mock).await.contains(&"Visit__c".to_owned()));
    let wrong = problem(&put(&mock, "schema", &files(&flow.replace("<type>Number", "<type>Float"))).send().await);
    assert_eq!((wrong.0, wrong.1), (400, format!("body.files[\"{path}\"], line 7")));
    assert_eq!(wrong.2.trim(), "<type>Float</type>");
    assert!(wrong.3.contains("expected a field type of the Metadata API"), "{}", wrong.3);
    let readme = problem(&put(&mock, "schema", &json!({"files": {"README.md": "# Pumps"}})).send().await);
    assert_eq!((readme.1.as_str(), readme.2.as_str()), ("body.files", "README.md"));
    let rule = "objects/Pump__c/validationRules/Flows.validationRule-meta.xml";
    let whole = json!({"files": {path: flow, rule: "<ValidationRule/>", "classes/Pump.cls": "class Pump {}"}});
    assert_eq!(told(&put(&mock, "schema", &json!({"files": {}})).send().await).1, "body.files: how many");
    assert_eq!(told(&put(&mock, "schema", &json!({"files": {"x.json": 1}})).send().await).1, "body.files[\"x.json\"]");
    assert_eq!(query(&mock, "SELECT COUNT() FROM Pump__c").await["totalSize"], 1, "nothing was changed");
    done(&put(&mock, "schema", &whole).send().await);
    assert_eq!(
        query(&mock, "SELECT COUNT() FROM Pump__c").await["totalSize"],
        0,
        "what folders pass over is passed over"
    );
}

#[tokio::test]
async fn an_object_is_changed_under_its_records() {
    let mock = steered().await;
    let mut account = done(&control(&mock, "GET", "schema/Account").send().await);
    let fields = account["fields"].as_array_mut().unwrap();
    let mut tier = fields.iter().find(|field| field["name"] == "Industry").unwrap().clone();
    tier["name"] = json!("Tier__c");
    fields.retain(|field| field["name"] != "Fax");
    fields.push(tier);
    let soql = "SELECT Id, Name, BillingCity, Owner.Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name LIKE 'Harbor %'";
    let before = query(&mock, soql).await;
    let now = done(&put(&mock, "schema/account", &account).send().await);
    assert_eq!(now["fields"].as_array().unwrap().len(), account["fields"].as_array().unwrap().len());
    assert_eq!(query(&mock, soql).await["records"], before["records"]);
    let path = format!("sobjects/Account/{}", before["records"][0]["Id"].as_str().unwrap());
    assert_eq!(rest(&mock, "PATCH", &path).json(&json!({"Tier__c": "Gold"})).send().await.status, 204);
    assert_eq!(query(&mock, "SELECT COUNT() FROM Account WHERE Tier__c = 'Gold'").await["totalSize"], 1);
    let refused = rest(&mock, "GET", &format!("query?q={}", encode("SELECT Fax FROM Account"))).send().await;
    assert_eq!(refused.error().1, "INVALID_FIELD");

    done(&put(&mock, "schema/Visit__c", &described("Visit__c")).send().await);
    assert!(names(&mock).await.contains(&"Visit__c".to_owned()));
    assert_eq!(mock.org(|org| org.count("Account")), 2_086);
}

#[tokio::test]
async fn a_custom_object_is_deleted_and_a_standard_one_is_not() {
    let mock = steered().await;
    assert_eq!(control(&mock, "DELETE", "schema/Invoice__c").send().await.status, 204);
    assert!(!names(&mock).await.contains(&"Invoice__c".to_owned()));
    assert_eq!(rest(&mock, "GET", "sobjects/Invoice__c/describe").send().await.error().0, 404);
    let accounts =
        rest(&mock, "GET", &format!("query?q={}", encode("SELECT (SELECT Id FROM Invoices__r) FROM Account")));
    assert_eq!(accounts.send().await.error(), (400, "INVALID_TYPE".to_owned()));
    assert_eq!(told(&control(&mock, "DELETE", "schema/Invoice__c").send().await), (404, "path.object".to_owned()));
    let standard = problem(&control(&mock, "DELETE", "schema/user").send().await);
    assert_eq!((standard.0, standard.2.as_str()), (409, "User"));
}

#[tokio::test]
async fn a_shape_that_is_not_right_changes_nothing() {
    let mock = steered().await;
    let account = described("Account");
    let score = account["fields"].as_array().unwrap().iter().position(|field| field["name"] == "Score__c").unwrap();
    let with = |name: &str, value: Value| {
        let mut account = account.clone();
        account["fields"][score][name] = value;
        account
    };
    for (path, body, status, place) in [
        ("schema", json!(with("length", json!("ten"))), 400, format!("body.fields[{score}].length")),
        ("schema", json!([account, with("name", json!("Sc ore"))]), 400, format!("body[1].fields[{score}].name")),
        ("schema", json!([account, account]), 400, "body[1]".to_owned()),
        ("schema", json!({"records": []}), 400, "body".to_owned()),
        ("schema", json!([]), 400, "body".to_owned()),
        ("schema", json!([[[[account]]]]), 400, "body[0][0][0]".to_owned()),
        ("schema", json!("Account"), 400, "body".to_owned()),
        ("schema/Account", json!([account]), 400, "body.name".to_owned()),
        ("schema/Contact", json!({"result": account}), 400, "body.result.name".to_owned()),
        ("schema/Account", json!(with("scale", json!("two"))), 400, format!("body.fields[{score}].scale")),
        (
            "schema/Account",
            json!({"name": "Account", "keyPrefix": "009", "fields": account["fields"]}),
            409,
            "body.keyPrefix".to_owned(),
        ),
    ] {
        assert_eq!(told(&put(&mock, path, &body).send().await), (status, place), "{path}");
    }
    assert_eq!(mock.org(|org| org.count("Account")), 2_086);
    let (_, _, got, expected) = problem(&put(&mock, "schema", &json!({"records": []})).send().await);
    assert_eq!(got, r#"{"records":[]}"#);
    assert!(expected.contains("expected an answer of /sobjects/X/describe"), "{expected}");
}

#[tokio::test]
async fn the_control_plane_takes_one_object_a_key_prefix_and_leaves_the_mocks_own() {
    let mock = steered().await;
    let mut invoice = done(&control(&mock, "GET", "schema/Invoice__c").send().await);
    let mut field = invoice["fields"][1].clone();
    (field["name"], field["type"]) = (json!("Extra__c"), json!("double"));
    invoice["fields"].as_array_mut().unwrap().push(field);
    done(&put(&mock, "schema/Invoice__c", &invoice).send().await);
    assert_eq!(query(&mock, "SELECT Extra__c FROM Invoice__c").await["totalSize"], 800);
    done(&put(&mock, "schema/Visit__c", &described("Visit__c")).send().await);
    let mut other = described("Visit__c");
    let other = other["result"].take();
    let mut other = if other.is_null() { described("Visit__c") } else { other };
    other["name"] = json!("Stay__c");
    let (status, _, _, expected) = problem(&put(&mock, "schema/Stay__c", &other).send().await);
    assert_eq!(
        (status, expected.contains("key prefix a0V of Stay__c is that of Visit__c already")),
        (400, true),
        "{expected}"
    );
    let first = mock.org(|org| org.records("Account", None, 1, false).unwrap());
    other["keyPrefix"] = json!("001");
    let (status, place, _, expected) = problem(&put(&mock, "schema/Stay__c", &other).send().await);
    assert_eq!((status, place.as_str()), (409, "body.keyPrefix"));
    assert!(expected.starts_with("Account has records whose Ids begin with 001: expected this"), "{expected}");
    assert_eq!(mock.org(|org| org.records("Account", None, 1, false).unwrap()), first);
    done(&put(&mock, "schema", &described("Visit__c")).send().await);
    let names = names(&mock).await;
    assert!(["Invoice__c", "Shipment__x", "Invoice_Paid__e"].iter().all(|own| !names.contains(&(*own).to_owned())));
}
