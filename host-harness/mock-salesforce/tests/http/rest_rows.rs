//! Records by Id: create, read, update, delete, relationships, conditions.

use serde_json::{Value, json};

use crate::client::encode;
use crate::fixture::*;

async fn new_account(mock: &mock_salesforce::MockSalesforce, name: &str) -> String {
    let answer = rest(mock, "POST", "sobjects/Account").json(&json!({"Name": name})).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_record_has_an_id_a_location_and_its_values() {
    let mock = mock().await;
    let answer = rest(&mock, "POST", "sobjects/account/").json(&json!({"Name": "Böhm & Söhne"})).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let body = answer.json();
    let id = body["id"].as_str().unwrap();
    assert_eq!(body, json!({"id": id, "success": true, "errors": []}));
    assert_eq!(answer.header("location"), format!("/services/data/v67.0/sobjects/Account/{id}"));
    let row = rest(&mock, "GET", &format!("sobjects/Account/{id}?fields=Name,Website")).send().await.json();
    assert_eq!((&row["Name"], &row["Website"]), (&json!("Böhm & Söhne"), &Value::Null));
    assert_eq!(row["attributes"]["type"], "Account");
    assert_eq!(mock.ledger().creates("Account"), 1);
}

#[tokio::test]
async fn digits_survive_the_way_in_and_out() {
    let mock = mock().await;
    let text = "{\"Ledger_Sequence__c\":9007199254740993,\"Exchange_Rate__c\":123456789.123456789}";
    let answer = rest(&mock, "POST", "sobjects/Invoice__c").raw("application/json", text).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let row = rest(&mock, "GET", &format!("sobjects/Invoice__c/{id}")).send().await.text();
    assert!(row.contains("\"Ledger_Sequence__c\":9007199254740993"), "{row}");
    assert!(row.contains("\"Exchange_Rate__c\":123456789.123456789"), "{row}");
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let mock = mock().await;
    let id = new_account(&mock, "Before").await;
    let path = format!("sobjects/Account/{}", &id[..15]);
    let answer = rest(&mock, "PATCH", &path).json(&json!({"Name": "After"})).send().await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert_eq!(rest(&mock, "GET", &path).send().await.json()["Name"], "After");
    let ledger = mock.ledger();
    let kinds: Vec<String> = ledger.writes().map(|write| format!("{:?} {}", write.kind, write.id)).collect();
    assert_eq!(kinds, [format!("Create {id}"), format!("Update {id}")]);
}

#[tokio::test]
async fn deleted_and_unknown_records_are_told_apart() {
    let mock = mock().await;
    let id = new_account(&mock, "Short-lived").await;
    let path = format!("sobjects/Account/{id}");
    assert_eq!(rest(&mock, "DELETE", &path).send().await.status, 204);
    let unknown = "sobjects/Account/001000000000000AAA";
    for method in ["GET", "PATCH", "DELETE"] {
        let send = async |path: &str| {
            let request = rest(&mock, method, path);
            let request = if method == "PATCH" { request.json(&json!({"Name": "x"})) } else { request };
            request.send().await.error()
        };
        assert_eq!(send(&path).await, (404, "ENTITY_IS_DELETED".to_owned()), "{method}");
        assert_eq!(send(unknown).await, (404, "NOT_FOUND".to_owned()), "{method}");
    }
}

#[tokio::test]
async fn a_delete_answers_as_the_recorded_one_did() {
    let mock = mock().await;
    let (id, other) = (new_account(&mock, "Short-lived").await, new_account(&mock, "Conditional").await);
    let answer = rest(&mock, "DELETE", &format!("sobjects/Account/{}", &id[..15])).send().await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    for name in ["content-type", "sforce-limit-info"] {
        assert!(!answer.headers.contains_key(name), "{name}");
    }
    let path = format!("sobjects/Account/{other}");
    let long_ago = ("if-unmodified-since", "Mon, 15 Jun 2015 12:00:00 GMT");
    let answer = rest(&mock, "DELETE", &path).header(long_ago.0, long_ago.1).send().await;
    assert_eq!(answer.status, 204, "a delete knows no conditions");
    let again = rest(&mock, "DELETE", &path).send().await;
    assert_eq!(
        (again.error(), again.message()),
        ((404, "ENTITY_IS_DELETED".to_owned()), "entity is deleted".to_owned())
    );
    assert!(again.headers.contains_key("sforce-limit-info"));
    let malformed = rest(&mock, "DELETE", "sobjects/Account/nonsense").send().await;
    assert_eq!(malformed.error(), (400, "MALFORMED_ID".to_owned()));
    assert_eq!(mock.ledger().writes().filter(|write| format!("{:?}", write.kind) == "Delete").count(), 2);
}

#[tokio::test]
async fn what_others_need_is_not_deleted() {
    let mock = mock().await;
    let id = new_account(&mock, "Needed").await;
    let case = rest(&mock, "POST", "sobjects/Case").json(&json!({"Subject": "x", "AccountId": id})).send().await;
    assert_eq!(case.status, 201, "{}", case.text());
    let answer = rest(&mock, "DELETE", &format!("sobjects/Account/{id}")).send().await;
    assert_eq!(answer.error(), (400, "DELETE_FAILED".to_owned()));
    assert_eq!(rest(&mock, "GET", &format!("sobjects/Account/{id}")).send().await.status, 200);
}

#[tokio::test]
async fn what_the_org_refuses_changes_nothing() {
    let mock = mock().await;
    let before = mock.org(|org| org.count("Account"));
    for (body, code) in [
        (json!({}), "REQUIRED_FIELD_MISSING"),
        (json!({"Name": "x".repeat(256)}), "STRING_TOO_LONG"),
        (json!({"Name": "x", "Nothing__c": 1}), "INVALID_FIELD"),
    ] {
        let answer = rest(&mock, "POST", "sobjects/Account").json(&body).send().await;
        assert_eq!(answer.error(), (400, code.to_owned()));
    }
    let unknown = rest(&mock, "POST", "sobjects/Nothing__c").json(&json!({})).send().await;
    assert_eq!(unknown.error(), (404, "NOT_FOUND".to_owned()));
    let field =
        rest(&mock, "GET", &format!("sobjects/Account/{}?fields=Name,Nothing__c", new_account(&mock, "x").await));
    assert_eq!(field.send().await.error(), (400, "INVALID_FIELD".to_owned()));
    assert_eq!(mock.org(|org| org.count("Account")), before + 1);
    assert_eq!(mock.ledger().creates("Account"), 1);
}

#[tokio::test]
async fn a_locked_record_says_so() {
    let mock = mock().await;
    let id = new_account(&mock, "Locked").await;
    mock.org(|org| org.lock(&id)).unwrap();
    let path = format!("sobjects/Account/{id}");
    let update = || rest(&mock, "PATCH", &path).json(&json!({"Name": "x"})).send();
    assert_eq!(update().await.error().1, "UNABLE_TO_LOCK_ROW");
    mock.org(|org| org.unlock(&id)).unwrap();
    assert_eq!(update().await.status, 204);
}

#[tokio::test]
async fn relationships_lead_to_parents_and_children() {
    let mock = mock().await;
    let soql = "SELECT Id, AccountId FROM Contact WHERE AccountId != null LIMIT 1";
    let contact = query(&mock, soql).await["records"][0].clone();
    let (id, account) = (contact["Id"].as_str().unwrap(), contact["AccountId"].as_str().unwrap());
    let parent = rest(&mock, "GET", &format!("sobjects/Contact/{id}/Account?fields=Id,Name")).send().await.json();
    assert_eq!(parent["Id"], account);
    let children = rest(&mock, "GET", &format!("sobjects/Account/{account}/Contacts?fields=Id")).send().await.json();
    let ids: Vec<&Value> = children["records"].as_array().unwrap().iter().map(|record| &record["Id"]).collect();
    assert!(ids.contains(&&json!(id)));
    assert_eq!(children["totalSize"], ids.len());
    let unknown = rest(&mock, "GET", &format!("sobjects/Account/{account}/Nothing")).send().await;
    assert_eq!(unknown.error(), (404, "NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn conditions_on_reads_and_updates() {
    let mock = mock().await;
    let path = format!("sobjects/Account/{}", new_account(&mock, "Conditional").await);
    let read = rest(&mock, "GET", &path).send().await;
    let (at, etag) = (read.header("last-modified").to_owned(), read.header("etag").to_owned());
    assert_eq!(at, "Mon, 15 Jun 2026 12:00:00 GMT");
    let before = "Mon, 15 Jun 2026 11:59:59 GMT";
    for (name, value, status) in [
        ("if-modified-since", at.as_str(), 304),
        ("if-modified-since", before, 200),
        ("if-unmodified-since", at.as_str(), 200),
        ("if-unmodified-since", before, 412),
        ("if-none-match", etag.as_str(), 304),
        ("if-match", "\"other\"", 412),
    ] {
        let answer = rest(&mock, "GET", &path).header(name, value).send().await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {value}");
    }
    for (name, value, status) in
        [("if-unmodified-since", before, 412), ("if-match", "\"other\"", 412), ("if-match", etag.as_str(), 204)]
    {
        let answer = rest(&mock, "PATCH", &path).header(name, value).json(&json!({"Name": "x"})).send().await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {value}");
    }
    let contact = one_id(&mock, "SELECT Id FROM Contact LIMIT 1").await;
    let contact = rest(&mock, "GET", &format!("sobjects/Contact/{contact}")).send().await;
    assert_eq!(contact.header("etag"), "", "only accounts have one");
}

#[tokio::test]
async fn duplicates_are_refused_unless_told() {
    let mock = mock().await;
    let soql = "SELECT LastName, Email FROM Contact WHERE Email != null LIMIT 1";
    let known = query(&mock, soql).await["records"][0].clone();
    let body = json!({"LastName": known["LastName"], "Email": known["Email"]});
    let answer = rest(&mock, "POST", "sobjects/Contact").json(&body).send().await;
    assert_eq!(answer.error(), (400, "DUPLICATES_DETECTED".to_owned()), "{}", answer.text());
    assert_eq!(answer.json()[0]["duplicateResult"]["allowSave"], true);
    let header = ("sforce-duplicate-rule-header", "allowSave=true; includeRecordDetails=true");
    let answer = rest(&mock, "POST", "sobjects/Contact").header(header.0, header.1).json(&body).send().await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn names_with_anything_in_them_come_back_whole() {
    let mock = mock().await;
    let name = "O'Brien \"&\" <script> 100% _ \\ 東京";
    let id = new_account(&mock, name).await;
    let row = rest(&mock, "GET", &format!("sobjects/Account/{id}?fields={}", encode("Name"))).send().await.json();
    assert_eq!(row["Name"], name);
}

#[tokio::test]
async fn errors_of_writes_always_have_fields() {
    let mock = mock().await;
    let known = query(&mock, "SELECT Id FROM Account LIMIT 1").await["records"][0]["Id"].as_str().unwrap().to_owned();
    let contact = |account: &str| json!({"LastName": "x", "AccountId": account});
    let send = async |body: Value| rest(&mock, "POST", "sobjects/Contact").json(&body).send().await.json();
    let unseen = send(contact("0015g00000zzzzz")).await;
    let told = json!([{
        "message": "insufficient access rights on cross-reference id",
        "errorCode": "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "fields": [],
    }]);
    assert_eq!(unseen, told);
    assert_eq!(send(contact("nonsense")).await[0]["fields"], json!(["AccountId"]));
    assert_eq!(send(contact("nonsense")).await[0]["errorCode"], "MALFORMED_ID");
    let compound = rest(&mock, "PATCH", &format!("sobjects/Account/{known}")).json(&json!({"CreatedDate": ""}));
    assert_eq!(compound.send().await.error(), (400, "INVALID_FIELD_FOR_INSERT_UPDATE".to_owned()));
    let id = new_account(&mock, "Short-lived").await;
    for status in [204, 404] {
        let answer = rest(&mock, "DELETE", &format!("sobjects/Account/{id}")).send().await;
        assert_eq!(answer.status, status);
        if status == 404 {
            let gone = json!([{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}]);
            assert_eq!(answer.json(), gone);
        }
    }
}

#[tokio::test]
async fn only_text_may_be_empty() {
    let mock = mock().await;
    let send =
        async |object: &str, body: Value| rest(&mock, "POST", &format!("sobjects/{object}")).json(&body).send().await;
    for (object, field) in [("Contact", "Birthdate"), ("Invoice__c", "Paid_At__c"), ("Invoice__c", "Amount__c")] {
        let answer = send(object, json!({"LastName": "x", field: ""})).await;
        let answer = if object == "Contact" { answer } else { send(object, json!({field: ""})).await };
        assert_eq!(answer.error(), (400, "JSON_PARSER_ERROR".to_owned()), "{field}");
    }
    let tags = send("Invoice__c", json!({"Tags__c": ["Export"]})).await;
    assert!(tags.message().starts_with("Cannot deserialize instance of multipicklist from START_ARRAY value ["));
    assert_eq!(send("Contact", json!({"LastName": "x", "Title": ""})).await.status, 201);
}

#[tokio::test]
async fn an_inactive_user_owns_nothing_new() {
    let mock = mock().await;
    let user = mock.org(|org| org.users()[1].id.clone());
    let path = format!("sobjects/User/{user}");
    assert_eq!(rest(&mock, "PATCH", &path).json(&json!({"IsActive": false})).send().await.status, 204);
    let refused = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "X", "OwnerId": user})).send().await;
    assert_eq!(refused.error(), (400, "INACTIVE_OWNER_OR_USER".to_owned()));
    let told = format!("operation performed with inactive user [{}] as owner of account", &user[..15]);
    assert_eq!(refused.message(), told);
    let account = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let change = rest(&mock, "PATCH", &format!("sobjects/Account/{account}"));
    assert_eq!(change.json(&json!({"OwnerId": user})).send().await.error().1, "INACTIVE_OWNER_OR_USER");
}

#[tokio::test]
async fn a_post_stands_for_the_method_that_it_names() {
    let mock = mock().await;
    let account = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let path = |method: &str| format!("sobjects/Account/{account}?_HttpMethod={method}");
    let changed = rest(&mock, "POST", &path("PATCH")).json(&json!({"Name": "By POST"})).send().await;
    assert_eq!(changed.status, 204, "{}", changed.text());
    let row = rest(&mock, "GET", &format!("sobjects/Account/{account}?fields=Name")).send().await.json();
    assert_eq!(row["Name"], "By POST");
    let contact = rest(&mock, "POST", "sobjects/Contact").json(&json!({"LastName": "Gone"})).send().await.json();
    let contact = format!("sobjects/Contact/{}?_HttpMethod=DELETE", contact["id"].as_str().unwrap());
    assert_eq!(rest(&mock, "POST", &contact).send().await.status, 204);
    assert_eq!(rest(&mock, "POST", &path("GET")).json(&json!({})).send().await.status, 405);
}

#[tokio::test]
async fn a_parent_is_written_along_its_relationship() {
    let mock = mock().await;
    let account = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "Parent"})).send().await.json();
    let account = account["id"].as_str().unwrap().to_owned();
    let body = json!({"LastName": "Child", "AccountId": account});
    let contact = rest(&mock, "POST", "sobjects/Contact").json(&body).send().await.json();
    let path = format!("sobjects/Contact/{}/Account", contact["id"].as_str().unwrap());
    let changed = rest(&mock, "PATCH", &path).json(&json!({"Name": "Renamed"})).send().await;
    assert_eq!(changed.status, 204, "{}", changed.text());
    assert_eq!(rest(&mock, "GET", &path).send().await.json()["Name"], "Renamed");
    let children = format!("sobjects/Account/{account}/Contacts");
    assert_eq!(rest(&mock, "DELETE", &children).send().await.status, 405);
    let nothing = format!("sobjects/Account/{account}/Parent");
    assert_eq!(rest(&mock, "DELETE", &nothing).send().await.status, 404);
    assert_eq!(rest(&mock, "DELETE", &path).send().await.status, 204);
    let gone = rest(&mock, "GET", &format!("sobjects/Account/{account}")).send().await;
    assert_eq!(gone.error(), (404, "ENTITY_IS_DELETED".to_owned()));
}

#[tokio::test]
async fn blanks_are_no_name() {
    let mock = mock().await;
    let blank = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "  "})).send().await;
    assert_eq!(blank.error(), (400, "REQUIRED_FIELD_MISSING".to_owned()));
}

#[tokio::test]
async fn the_ledger_has_what_a_delete_takes_along() {
    let mock = mock().await;
    let account = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "Parent"})).send().await.json();
    let body = json!({"LastName": "Child", "AccountId": account["id"]});
    let contact = rest(&mock, "POST", "sobjects/Contact").json(&body).send().await.json();
    let path = format!("sobjects/Account/{}", account["id"].as_str().unwrap());
    assert_eq!(rest(&mock, "DELETE", &path).send().await.status, 204);
    let ledger = mock.ledger();
    let deleted: Vec<_> = ledger.writes().skip(2).map(|write| (write.object.as_str(), write.id.as_str())).collect();
    let id = |made: &Value| made["id"].as_str().unwrap().to_owned();
    assert_eq!(deleted, [("Account", id(&account).as_str()), ("Contact", id(&contact).as_str())]);
}
