//! Names that somebody else chose are text on every page.

use serde_json::json;

use crate::stage::Stage;

const NAME: &str = "<script>alert(1)</script>";

#[tokio::test(flavor = "multi_thread")]
async fn names_with_markup_are_text() {
    let stage = Stage::connected(NAME).await;
    let browser = &stage.browser;
    shown_as_text(&stage, "h1").await;
    stage.go("/console/connections").await;
    shown_as_text(&stage, "#connections").await;

    stage.playground("create-or-update-record").await;
    shown_as_text(&stage, "#connection").await;
    browser.fill("Object", "Account").await;
    browser.field("Create a record").await.click().await.unwrap();
    browser.fill("Field", "Name").await;
    browser.fill("Value", NAME).await;
    stage.run("Succeeded").await;
    shown_as_text(&stage, "#result-curl").await;

    stage.playground("soql-query").await;
    browser.fill("SOQL", "SELECT Name FROM Account WHERE Name = :name").await;
    browser.fill("Value", NAME).await;
    stage.run("Succeeded").await;
    shown_as_text(&stage, "#result-table").await;
    shown_as_text(&stage, "#result-json").await;
    browser.find("#result-execution").await.click().await.unwrap();
    browser.see("It did what was asked.").await;
    shown_as_text(&stage, "#result").await;
    shown_as_text(&stage, "#facts").await;
    stage.go("/console/executions").await;
    shown_as_text(&stage, "#executions").await;
    stage.assert_quiet().await;
}

/// The element tells the name, and no script of the page has any text of its own.
async fn shown_as_text(stage: &Stage, css: &str) {
    let text = stage.text_of(css).await;
    assert!(text.contains(NAME), "{css}: {text}");
    let scripts = "return [...document.scripts].filter(script => script.textContent || !script.src).length";
    assert_eq!(stage.browser.evaluate(scripts).await, json!(0), "{css}");
}
