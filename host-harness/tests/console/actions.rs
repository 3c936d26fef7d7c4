//! The actions in the playground.

use fantoccini::key::Key;
use mock_salesforce::org::Org;
use serde_json::{Value, json};

use crate::browser::Screen;
use crate::screenshot::screenshot;
use crate::stage::Stage;

const QUERY: &str = "SELECT Name, Industry, Owner.Name, CreatedDate FROM Account \
                     WHERE Industry = :industry AND Name LIKE 'Global Energy%' ORDER BY Name LIMIT 12";

#[tokio::test(flavor = "multi_thread")]
async fn a_query_gives_a_table_that_sorts_and_downloads() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    stage.playground("soql-query").await;
    browser.fill("SOQL", QUERY).await;
    browser.fill("Value", "Energy").await;
    stage.run("Succeeded").await;
    let given = names(&stage).await;
    assert!(given.len() > 2, "{given:?}");
    browser.press("Name").await;
    assert_eq!(browser.find("#result-table th").await.attr("aria-sort").await.unwrap().unwrap(), "ascending");
    let ascending = names(&stage).await;
    assert!(ascending.is_sorted_by_key(|name| as_people_sort(name)), "{ascending:?}");
    browser.press("Name").await;
    assert_eq!(browser.find("#result-table th").await.attr("aria-sort").await.unwrap().unwrap(), "descending");
    assert!(names(&stage).await.iter().eq(ascending.iter().rev()), "{ascending:?}");
    browser.press("Name").await;
    browser.evaluate("scrollTo(0, 0)").await;
    screenshot(browser, Screen::Desktop(1000, 1150), "playground").await;

    let json: Value = serde_json::from_str(&stage.download(&link(&stage, "Download JSON").await).await).unwrap();
    assert_eq!(json["records"].as_array().unwrap().len(), given.len());
    assert!(json["records"].as_array().unwrap().iter().all(|record| record["Industry"] == "Energy"), "{json}");
    let csv = stage.download(&link(&stage, "Download CSV").await).await;
    assert_eq!(csv.lines().next(), Some("Name,Industry,Owner.Name,CreatedDate"));
    assert_eq!(csv.lines().count(), given.len() + 1);
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_made_changed_and_read() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    stage.playground("create-or-update-record").await;
    browser.fill("Object", "Account").await;
    browser.press("Run").await;
    let missing = "return document.querySelector('#playground-form input:invalid').name";
    assert_eq!(browser.evaluate(missing).await, json!("target"), "the browser asks what to do");
    browser.field("Create a record").await.click().await.unwrap();
    browser.fill("Field", "Name").await;
    browser.fill("Value", "Made here").await;
    stage.run("Succeeded").await;
    let id = stage.text_of("#result-table tbody td").await;
    assert_eq!(kept(&stage, &id, "Name"), "Made here");

    browser.field("Update by Id").await.click().await.unwrap();
    browser.fill("Record Id", &id).await;
    browser.fill("Value", "Changed here").await;
    let first = stage.text_of("#result-execution").await;
    browser.press("Run").await;
    another(&stage, &first).await;
    assert_eq!(kept(&stage, &id, "Name"), "Changed here");

    browser.field("Create or update by external Id").await.click().await.unwrap();
    browser.fill("External Id field", "ERP_Id__c").await;
    browser.fill("Its value", "made-in-the-console").await;
    browser.fill("Value", "Upserted here").await;
    let second = stage.text_of("#result-execution").await;
    browser.press("Run").await;
    another(&stage, &second).await;
    let upserted = stage.text_of("#result-table tbody td").await;
    assert_ne!(upserted, id);
    assert_eq!(kept(&stage, &upserted, "ERP_Id__c"), "made-in-the-console");
    assert_eq!(stage.mock.ledger().creates("Account"), 2);

    stage.playground("get-record-field-values").await;
    browser.fill("Object", "Account").await;
    browser.field("By Id").await.click().await.unwrap();
    browser.fill("Record Id", &upserted).await;
    browser.fill("Fields", "Name, ERP_Id__c, Owner.Name").await;
    stage.run("Succeeded").await;
    let table = stage.text_of("#result-table").await;
    assert!(table.contains("Owner.Name") && table.contains("Upserted here"), "{table}");
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_that_records_are_found_by_is_offered_as_a_key() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    stage.playground("create-or-update-record").await;
    browser.fill("Object", "Contact").await;
    browser.fill("Field", "LastName").await;
    browser.find("#external-fields[data-object='Contact']").await;
    let offered = "return [...document.querySelectorAll('#external-fields option')].map(option => option.value)";
    assert_eq!(browser.evaluate(offered).await, json!(["Id", "Email"]));
    browser.field("Create or update by external Id").await.click().await.unwrap();
    browser.fill("External Id field", "Email").await;
    browser.fill("Its value", "by.mail@example.com").await;
    browser.fill("Value", "Mail").await;
    stage.run("Succeeded").await;
    let made =
        stage.mock.org(|org: &mut Org| org.rows_by_external_id("Contact", "Email", "by.mail@example.com").unwrap());
    assert_eq!(made.len(), 1);
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_told_in_words_with_what_to_do() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    stage.playground("create-or-update-record").await;
    browser.fill("Object", "Invoice__c").await;
    browser.field("Create a record").await.click().await.unwrap();
    browser.field("As JSON").await.click().await.unwrap();
    browser.fill("Fields as JSON", r#"{"Amount__c": -1}"#).await;
    stage.run("Failed: Salesforce refused, and nothing was changed").await;
    let problems = stage.text_of("#result-problems").await;
    for told in ["FIELD_CUSTOM_VALIDATION_EXCEPTION", "Amount__c", "The amount must not be negative."] {
        assert!(problems.contains(told), "{problems}");
    }
    assert!(!stage.text_of("#result-advice").await.is_empty());
    assert_eq!(stage.mock.ledger().creates("Invoice__c"), 0);

    stage.playground("soql-query").await;
    browser.fill("SOQL", "SELECT Id FROM Account").await;
    browser.press("Options").await;
    browser.fill("Batch size", "many").await;
    stage.run("Not run").await;
    assert_eq!(stage.text_of("#form-error").await, "Batch size: expected a whole number, found \"many\".");
    assert_eq!(browser.field("Batch size").await.attr("aria-invalid").await.unwrap().as_deref(), Some("true"));
    // The page's own status is all that the browser logs.
    let errors = browser.expected_errors().await;
    assert!(matches!(&errors[..], [error] if error.contains("status of 422")), "{errors:?}");

    stage.playground("soql-query").await;
    browser.fill("SOQL", "SELECT Nothing__c FROM Account").await;
    stage.run("Failed: Salesforce refused, and nothing was changed").await;
    assert!(stage.text_of("#result-problems").await.contains("INVALID_FIELD"));
    assert_eq!(stage.text_of("#result-advice").await, "Correct the query where the problem says.");
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_are_picked_are_added_once_and_ctrl_enter_runs_it_from_any_field() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    stage.playground("get-record-field-values").await;
    browser.fill("Object", "Account").await;
    for name in ["Name", "Id", "Name"] {
        browser.fill("Field to add", name).await;
        browser.press("Add").await;
    }
    assert_eq!(browser.field("Fields").await.prop("value").await.unwrap().unwrap(), "Name, Id");
    browser.field("By external Id").await.click().await.unwrap();
    browser.fill("External Id field", "ERP_Id__c").await;
    browser.fill("Its value", "ERP-000001").await;
    browser.press_with_control(Key::Enter).await;
    browser.see("The record's values.").await;
    stage.assert_quiet().await;
}

/// A name and the number at its end, which counts as a number.
fn as_people_sort(name: &str) -> (String, u32) {
    let (words, number) = name.rsplit_once(' ').unwrap();
    (words.to_owned(), number.parse().unwrap())
}

/// The first column of the result.
async fn names(stage: &Stage) -> Vec<String> {
    let script = "return [...document.querySelectorAll('#result-table tbody tr')].map(row => row.cells[0].textContent)";
    serde_json::from_value(stage.browser.evaluate(script).await).unwrap()
}

async fn link(stage: &Stage, name: &str) -> String {
    let script = format!("return [...document.links].find(link => link.textContent === {}).pathname", json!(name));
    stage.browser.evaluate(&script).await.as_str().unwrap().to_owned()
}

/// Waits for the result of an execution that is not this one.
async fn another(stage: &Stage, execution: &str) {
    let script = format!(
        "const told = document.getElementById('result-execution');
         return told !== null && told.textContent !== {}",
        json!(execution)
    );
    let told = async || Ok(stage.browser.evaluate(&script).await.as_bool().unwrap().then_some(()));
    stage.browser.wait("another result", told).await;
    assert_eq!(stage.text_of("#result-state").await, "Succeeded", "{}", stage.text_of("#result").await);
}

/// What the org holds in a field of an account.
fn kept(stage: &Stage, id: &str, field: &str) -> Value {
    stage
        .mock
        .org(|org: &mut Org| org.row("Account", id, Some(&[field]), "v67.0").unwrap().get(field).cloned().unwrap())
}
