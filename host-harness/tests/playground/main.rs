//! The console's playground over HTTP, as a browser without script uses it, against a mock org.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod links;
mod pickers;
mod stage;
mod tables;

use serde_json::Value;
use stage::Stage;

const DESCRIBE_CONTACT: &str = "/services/data/v67.0/sobjects/Contact/describe";

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap_or_else(|| panic!("no {name} in {list}"))
}

#[tokio::test]
async fn pickers_are_filled_from_the_org_once_and_heal_an_expired_session() {
    let stage = Stage::start().await;
    let fields = |object: &str| format!("/console/playground/fields?connection={}&object={object}", stage.connection);
    let objects = stage.get(&format!("/console/playground/objects?connection={}", stage.connection)).await.json();
    let account = named(&objects["objects"], "Account");
    assert_eq!((&account["label"], &account["queryable"]), (&"Account".into(), &true.into()));
    let described = stage.get(&fields("Account")).await.json();
    assert_eq!(named(&described["fields"], "ERP_Id__c")["external_id"], true);
    assert_eq!(named(&described["fields"], "OwnerId")["relationship_name"], "Owner");

    stage.mock.expire_access_tokens();
    let contact = stage.get(&fields("Contact")).await.json();
    assert_eq!(contact["object"]["name"], "Contact");
    assert_eq!(stage.mock.ledger().token_requests("refresh_token"), 1);
    // Refused, then answered; the second time it is known.
    let asked = stage.mock.ledger().requests("GET", DESCRIBE_CONTACT);
    assert_eq!(stage.get(&fields("Contact")).await.json(), contact);
    assert_eq!(stage.mock.ledger().requests("GET", DESCRIBE_CONTACT), asked);

    assert_eq!(stage.get(&fields("..%2Fquery")).await.status, 400);
    assert_eq!(stage.get(&fields("Nothing__c")).await.status, 404);
    let nobodys = "/console/playground/objects?connection=01932b3c-0000-7000-8000-000000000000";
    assert_eq!(stage.get(nobodys).await.status, 404);
    assert_eq!(stage.get("/console/playground/objects?connection=another").await.status, 400);
}

#[tokio::test]
async fn a_query_is_run_page_by_page_and_can_be_downloaded() {
    let stage = Stage::start().await;
    let query = [
        ("action", "soql-query"),
        ("query.soql", "SELECT Name, Owner.Name, (SELECT Id FROM Contacts) FROM Account WHERE Name != :n ORDER BY Id"),
        ("query.parameters.name", "n"),
        ("query.parameters.type", "text"),
        ("query.parameters.many", "one"),
        ("query.parameters.value", "it's"),
        ("query.batch-size", "200"),
    ];
    let first = stage.run(&query).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.element("result-state"), "Succeeded");
    assert!(first.element("result-table").starts_with("NameOwner.NameContacts"), "{first:?}");
    assert!(first.element("result-wit").contains("argument: one(text(\"it's\"))"));
    assert!(first.element("result-curl").contains("it'\\''s"));
    assert!(first.text.contains("&lt;b&gt;org&lt;/b&gt;") && !first.text.contains("<b>org"));

    let id = first.element("result-execution");
    let json = stage.get(&format!("/console/executions/{id}/result.json")).await;
    assert!(json.headers["content-disposition"].to_str().unwrap().contains("attachment"));
    let rows = json.json()["records"].as_array().unwrap().len();
    let csv = stage.get(&format!("/console/executions/{id}/result.csv")).await.text;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap(), vec!["Name", "Owner.Name", "Contacts"]);
    assert_eq!(reader.records().map(Result::unwrap).count(), rows);

    let cursor = first.value("next-page");
    let second = stage.run(&[&query[..], &[("cursor", &cursor)]].concat()).await;
    assert_eq!(second.element("result-state"), "Succeeded");
    assert!(second.element("result-wit").starts_with("next-page("));
    assert_ne!(second.element("result-table"), first.element("result-table"));
    // The form is the query's still.
    assert!(second.text.contains("SELECT Name, Owner.Name"));
    assert!(second.text.contains("<details open><summary id=\"more-options\">"), "what is set is seen");
}

#[tokio::test]
async fn records_are_saved_and_read_and_what_the_org_holds_stays_text() {
    let stage = Stage::start().await;
    let evil = "<script>alert(1)</script>";
    let saved = stage
        .run(&[
            ("action", "create-or-update-record"),
            ("object", "Account"),
            ("target", "create"),
            ("fields.name", "Name"),
            ("fields.type", "text"),
            ("fields.value", evil),
        ])
        .await;
    assert_eq!(saved.element("result-state"), "Succeeded", "{saved:?}");
    let execution = saved.element("result-execution");
    let id = stage.get(&format!("/console/executions/{execution}/result.json")).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let read = stage
        .run(&[
            ("action", "get-record-field-values"),
            ("object", "Account"),
            ("key", "id"),
            ("key.id", &id),
            ("fields", "Name, Id"),
        ])
        .await;
    assert_eq!(read.element("result-table"), format!("NameId{evil}{id}"));
    assert!(!read.text.contains(evil), "{read:?}");
}

#[tokio::test]
async fn what_goes_wrong_is_told_with_what_to_do() {
    let stage = Stage::start().await;
    let refused = stage.run(&[("action", "soql-query"), ("query.soql", "SELECT Nothing FROM Account")]).await;
    assert_eq!(refused.element("result-state"), "Failed: Salesforce refused, and nothing was changed");
    assert_eq!(refused.element("result-kind"), "invalid-query");
    assert_eq!(refused.element("result-advice"), "Correct the query where the problem says.");

    let wrong = stage.run(&[("action", "soql-query"), ("query.soql", ""), ("query.max-records", "5")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.element("form-error").contains("SOQL: expected a query"));
    assert!(wrong.text.contains("name=\"query.max-records\" value=\"5\""), "{wrong:?}");

    let unbound = [
        ("action", "soql-query"),
        ("query.soql", "SELECT Id FROM Account"),
        ("query.parameters.name", "n"),
        ("query.parameters.type", "integer"),
        ("query.parameters.value", "x"),
    ];
    let unbound = stage.run(&unbound).await;
    assert_eq!(unbound.status, 422);
    assert!(unbound.element("form-error").contains("n: expected an integer"), "{unbound:?}");
    assert!(unbound.text.contains("<fieldset id=\"input.query.parameters\" class=\"rows wrong\""), "{unbound:?}");

    let before = stage.mock.ledger().entries().count();
    let key = [("object", "Account"), ("fields", "Name"), ("key", "id"), ("key.id", "001")];
    let read = [&[("action", "get-record-field-values")], &key[..]].concat();
    for (fields, words) in [
        (
            &[("action", "soql-query"), ("query.soql", "SELECT Id FROM Account"), ("query.batch-size", "5")][..],
            "Batch size: expected 200",
        ),
        (&read, "Record Id: expected a record Id"),
        (
            &[("action", "soql-query"), ("query.soql", "SELECT Id FROM Account WHERE Name = :n")],
            "SOQL: the placeholder :n",
        ),
    ] {
        let refused = stage.run(fields).await;
        assert_eq!(refused.element("result-kind"), "invalid-argument");
        assert!(refused.element("result-error").starts_with(words), "{words}: {refused:?}");
    }
    let form = [("csrf", "wrong"), ("connection", stage.connection.as_str()), ("query.soql", "SELECT Id FROM Account")];
    assert_eq!(stage.post("/console/playground", &form).await.status, 403);
    assert_eq!(stage.mock.ledger().entries().count(), before);
    assert_eq!(stage.get("/console/executions/none/result.csv").await.status, 404);
}

#[tokio::test]
async fn every_action_has_a_form_and_what_it_gives_is_shown() {
    let stage = Stage::start().await;
    for (action, heading) in [
        ("user-info", "Who the connection belongs to."),
        ("explain", "How Salesforce would run the query"),
        ("get-record-field-values", "Reads chosen fields of one record."),
        ("create-or-update-record", "Creates a record, updates one by Id, or upserts one by external Id."),
        ("next-page", "The page behind a cursor."),
    ] {
        let page = stage.get(&format!("/console/playground?action={action}")).await;
        assert!(page.element("action-summary").starts_with(heading), "{page:?}");
        assert!(page.text.contains(&format!("id=\"action-{action}\"")), "{page:?}");
    }
    let user = stage.run(&[("action", "user-info")]).await;
    assert_eq!(user.element("result-state"), "Succeeded", "{user:?}");
    assert!(user.element("result-table").contains("alind@example.org"), "{user:?}");
    assert!(user.element("result-curl").contains(r#""action":"user-info","input":{}"#), "{user:?}");
    let plans = stage.run(&[("action", "explain"), ("query.soql", "SELECT Id FROM Account")]).await;
    assert_eq!(plans.element("result-state"), "Succeeded", "{plans:?}");
    assert!(plans.element("result-table").contains("relativeCost"), "{plans:?}");
    let id = plans.element("result-execution");
    let csv = stage.get(&format!("/console/executions/{id}/result.csv")).await;
    assert!(csv.text.starts_with("cardinality") || csv.text.contains("relativeCost"), "{csv:?}");
    // Where no action is named, the form is that of the first that asks for something.
    let first = stage.get("/console/playground").await;
    assert!(first.text.contains("name=\"query.soql\""), "{first:?}");
    let gone = format!("/console/playground?component={}", "ab".repeat(32));
    assert_eq!(stage.get(&gone).await.status, 400);
}

#[tokio::test]
async fn nothing_is_run_that_nobody_asked_for() {
    let stage = Stage::start().await;
    let before = stage.mock.ledger().entries().count();
    let query = ("query.soql", "SELECT Id FROM Account");
    let create = [("action", "create-or-update-record"), ("object", "Account"), ("fields.name", "Name")];
    for (fields, status, words) in [
        (&[query][..], 400, "expected an action"),
        (&[("action", "soql-qery"), query], 404, "there is no such action"),
        (
            &[("action", "soql-query"), query, ("query.include-deletd", "yes")],
            422,
            "the nearest is query.include-deleted (Include deleted).<",
        ),
        (&[("action", "soql-query"), query, ("query.include-deleted", "no")], 422, "expected yes or nothing"),
        (&create, 422, "What to do: expected one of those that are offered, found nothing"),
    ] {
        let answer = stage.run(fields).await;
        assert!(answer.status == status && answer.text.contains(words), "{fields:?}: {answer:?}");
    }
    assert_eq!(stage.mock.ledger().entries().count(), before);
    let unknown = stage.get("/console/playground?action=nothing").await;
    assert!(unknown.status == 404 && unknown.text.contains("there is no such action"), "{unknown:?}");
    // The form of another component is shown all the same, where it has no action of this name.
    let shown = stage.run(&[("action", "nothing"), ("show", "component"), ("misspelt", "x")]).await;
    assert!(shown.status == 200 && shown.text.contains("name=\"query.soql\""), "{shown:?}");
}

#[tokio::test]
async fn a_form_is_filled_in_from_the_log() {
    let stage = Stage::start().await;
    let asked = [
        ("action", "get-record-field-values"),
        ("object", "Account"),
        ("key", "external-id"),
        ("key.external-id.field", "ERP_Id__c"),
        ("key.external-id.value", "ERP-000001"),
        ("fields", "Name, Owner.Name"),
    ];
    let first = stage.run(&asked).await;
    assert_eq!(first.element("result-state"), "Succeeded", "{first:?}");
    let page = stage.get(&format!("/console/playground?from={}", first.element("result-execution"))).await;
    for filled in [
        "name=\"object\" value=\"Account\"",
        "name=\"key\" value=\"external-id\" checked",
        "name=\"key.external-id.value\" value=\"ERP-000001\"",
        ">Name, Owner.Name</textarea>",
    ] {
        assert!(page.text.contains(filled), "{filled}: {page:?}");
    }
}

#[tokio::test]
async fn a_key_runs_once_for_the_playground_and_the_api() {
    let stage = Stage::start().await;
    let fields =
        [("action", "soql-query"), ("query.soql", "SELECT Id FROM Account LIMIT 1"), ("idempotency-key", "k-1")];
    let first = stage.run(&fields).await;
    let again = stage.run(&fields).await;
    assert!(again.text.contains("recorded before"));
    let id = first.element("result-execution");
    assert!(again.element("result-execution").starts_with(&id));
    let other =
        [("action", "soql-query"), ("query.soql", "SELECT Id FROM Account LIMIT 2"), ("idempotency-key", "k-1")];
    assert_eq!(stage.run(&other).await.status, 422);
    // What curl sends is the same request: the API answers with the same execution.
    let curl = first.element("result-curl");
    let body = curl.split("--data-raw '").nth(1).unwrap().trim_end_matches('\'');
    let answer = stage.api_with_key("/v1/executions", body, "k-1").await;
    assert_eq!((answer.json()["id"].as_str(), answer.headers.contains_key("idempotency-replayed")), (Some(&*id), true));
}
