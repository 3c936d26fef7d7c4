//! Quick actions that create records.

use mock_salesforce::QuickAction;
use serde_json::{Map, Value, json};

use crate::fixture::*;

fn action(name: &str, creates: &str, parent_field: Option<&str>, values: &Value) -> QuickAction {
    QuickAction {
        name: name.to_owned(),
        creates: creates.to_owned(),
        parent_field: parent_field.map(str::to_owned),
        values: values.as_object().cloned().unwrap_or_else(Map::new),
    }
}

#[tokio::test]
async fn a_global_action_creates_a_record_with_its_values() {
    let mock = mock().await;
    mock.add_quick_action(action("LogACall", "Task", None, &json!({"Subject": "Call", "Status": "Completed"})));
    let listed = rest(&mock, "GET", "quickActions").send().await.json();
    let url = "/services/data/v67.0/quickActions/LogACall";
    let told = json!({"actionEnumOrId": "LogACall", "label": "LogACall", "name": "LogACall", "type": "Create",
        "urls": {"quickAction": url, "describe": format!("{url}/describe"), "defaultValues": format!("{url}/defaultValues")}});
    assert_eq!(listed, json!([told]));
    for path in ["quickActions/LogACall", "quickActions/LogACall/describe"] {
        let described = rest(&mock, "GET", path).send().await.json();
        assert_eq!((&described["targetSobjectType"], &described["contextSobjectType"]), (&json!("Task"), &Value::Null));
    }
    let values = rest(&mock, "GET", "quickActions/LogACall/defaultValues").send().await.json();
    assert_eq!(values, json!({"attributes": {"type": "Task"}, "Subject": "Call", "Status": "Completed"}));

    let body = json!({"record": {"Subject": "Call Ann"}});
    let ran = rest(&mock, "POST", "quickActions/LogACall").json(&body).send().await;
    assert_eq!(ran.status, 201, "{}", ran.text());
    let told = ran.json();
    assert_eq!((&told["success"], &told["created"], &told["contextId"]), (&json!(true), &json!(true), &Value::Null));
    let id = told["ids"][0].as_str().unwrap();
    let task = query(&mock, &format!("SELECT Subject, Status FROM Task WHERE Id = '{id}'")).await["records"][0].clone();
    assert_eq!((&task["Subject"], &task["Status"]), (&json!("Call Ann"), &json!("Completed")));
    assert_eq!(mock.ledger().creates("Task"), 1);
}

#[tokio::test]
async fn an_action_on_a_record_sets_its_lookup() {
    let mock = mock().await;
    mock.add_quick_action(action("Account.NewContact", "Contact", Some("AccountId"), &json!({})));
    mock.add_quick_action(action("LogACall", "Task", None, &json!({})));
    let names = async |path: &str| {
        let listed = rest(&mock, "GET", path).send().await.json();
        listed.as_array().unwrap().iter().map(|action| action["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("sobjects/Account/quickActions").await, ["Account.NewContact", "LogACall"]);
    assert_eq!(names("sobjects/Contact/quickActions").await, ["LogACall"]);
    assert_eq!(names("quickActions").await, ["LogACall"]);
    let account = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let path = "sobjects/account/quickActions/NewContact";
    let values = rest(&mock, "GET", &format!("{path}/defaultValues/{account}")).send().await.json();
    assert_eq!(values["AccountId"], account);
    let run = async |body: Value| rest(&mock, "POST", path).json(&body).send().await;
    let ran = run(json!({"contextId": &account[..15], "record": {"LastName": "Quick"}})).await.json();
    assert_eq!(ran["contextId"], account);
    let soql = "SELECT AccountId FROM Contact WHERE LastName = 'Quick'";
    assert_eq!(query(&mock, soql).await["records"][0]["AccountId"], account);

    let contact = one_id(&mock, "SELECT Id FROM Contact LIMIT 1").await;
    for (body, code) in [
        (json!({"record": {"LastName": "Quick"}}), "INVALID_INPUT"),
        (json!({"contextId": contact, "record": {"LastName": "Quick"}}), "INVALID_INPUT"),
        (json!({"contextId": "x", "record": {"LastName": "Quick"}}), "MALFORMED_ID"),
        (json!({"contextId": account, "record": {}}), "REQUIRED_FIELD_MISSING"),
        (json!({"contextId": account}), "JSON_PARSER_ERROR"),
    ] {
        assert_eq!(run(body.clone()).await.error(), (400, code.to_owned()), "{body}");
    }
    assert_eq!(mock.ledger().creates("Contact"), 1);
    let other = rest(&mock, "POST", "quickActions/Nothing").json(&json!({"record": {}})).send().await;
    assert_eq!(other.error(), (404, "NOT_FOUND".to_owned()));
}
