//! The playground's query: where it stands, its parameters, its editor, and what of all that works without script.

use std::path::Path;

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::axe;
use crate::browser::Screen;
use crate::stage::Stage;

/// Text of the editor that is taken at once, without script in between.
const WRITTEN: &str = "return document.querySelector('textarea[data-soql]').value";

#[tokio::test(flavor = "multi_thread")]
async fn the_query_and_run_stand_together_above_the_fold() {
    let stage = Stage::connected("Demo org").await;
    stage.playground("soql-query").await;
    for query in ["", "SELECT Id FROM Account WHERE Name = :name AND Industry = :industry"] {
        if !query.is_empty() {
            stage.browser.fill("SOQL", query).await;
        }
        let boxes = "return ['.soql-editor', '#run'].map(css => {
            const { top, bottom, left, right } = document.querySelector(css).getBoundingClientRect();
            return { top, bottom, left, right };
        })";
        let boxes = stage.browser.evaluate(boxes).await;
        let [editor, run] = &boxes.as_array().unwrap()[..] else { panic!("{boxes}") };
        let at = |of: &Value, side: &str| of[side].as_f64().unwrap();
        assert!(at(editor, "top") > 0.0 && at(run, "bottom") <= 900.0 && at(run, "right") <= 1280.0, "{boxes}");
        assert!(
            at(editor, "bottom") - at(editor, "top") > 100.0 && at(run, "bottom") - at(run, "top") > 20.0,
            "{boxes}"
        );
        if query.is_empty() {
            let between = at(run, "top") - at(editor, "bottom");
            assert!((0.0..100.0).contains(&between), "{boxes}");
        }
    }
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_tabs_lead_to_run_and_the_editor_is_no_trap() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    stage.playground("soql-query").await;
    browser.evaluate("document.activeElement.blur(); scrollTo(0, 0)").await;
    browser.key(Key::Tab).await;
    assert_eq!(browser.evaluate("return document.activeElement.className").await, "skip");
    browser.key(Key::Enter).await;
    let mut passed = vec!["skip".to_owned()];
    let focused = "const { activeElement: there } = document; return there.id || there.className";
    while passed.last().is_none_or(|last| last != "run") {
        assert!(passed.len() < 9, "{passed:?}");
        browser.key(Key::Tab).await;
        passed.push(browser.evaluate(focused).await.as_str().unwrap().to_owned());
    }
    assert!(passed.contains(&"soql-editor".to_owned()), "{passed:?}");
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_appear_for_each_name_in_the_query_while_it_is_typed() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    stage.playground("soql-query").await;
    assert_eq!(parameters(&stage).await, json!([]));
    let query = "SELECT Name FROM Account WHERE Name != ':no \\':no' AND Industry = :industry AND Name LIKE :name \
                 AND Type IN :types AND CreatedDate > LAST_N_DAYS::days LIMIT :most";
    browser.fill("SOQL", query).await;
    let rows = json!([
        ["industry", "text", "one"],
        ["name", "like-contains", "one"],
        ["types", "text", "list"],
        ["days", "integer", "one"],
        ["most", "integer", "one"]
    ]);
    assert_eq!(parameters(&stage).await, rows);
    // What was typed for a name goes with it, and comes back with it.
    browser.fill("SOQL", "SELECT Name FROM Account WHERE Name LIKE :name").await;
    browser.fill("Value", "Global Energy").await;
    browser.fill("SOQL", "SELECT Name FROM Account").await;
    assert_eq!(parameters(&stage).await, json!([]));
    browser.fill("SOQL", "SELECT Name FROM Account WHERE Industry != :other AND Name LIKE :name LIMIT 3").await;
    assert_eq!(parameters(&stage).await, json!([["other", "text", "one"], ["name", "like-contains", "one"]]));
    stage.run("Succeeded").await;
    let sent = stage.text_of("#result-curl").await;
    assert!(sent.contains(r#"{"other":"","name":{"like-contains":"Global Energy"}}"#), "{sent}");
    assert_eq!(stage.text_of("#result-count").await, "3 of 3 records.");
    stage.assert_quiet().await;
}

/// The script finds the same names as the connector, which `the_connector_finds_these_placeholders` asks.
#[tokio::test(flavor = "multi_thread")]
async fn the_script_finds_the_placeholders_that_the_connector_binds() {
    let stage = Stage::start().await;
    stage.go("/console/login").await;
    let cases = std::fs::read_to_string(cases()).unwrap();
    let script = format!(
        "return import('/console/placeholders.js').then(({{ placeholders, tokens }}) => {cases}
            .map(([soql]) => [soql, placeholders(soql).map(({{ name }}) => name)]))"
    );
    let found = stage.browser.evaluate(&script).await;
    assert_eq!(found, serde_json::from_str::<Value>(&cases).unwrap());
    stage.assert_quiet().await;
}

#[test]
fn the_connector_finds_these_placeholders() {
    use salesforce_connector::core::soql::{Argument, Parameter, Value as Bound, bind};

    let cases: Vec<(String, Vec<String>)> = serde_json::from_str(&std::fs::read_to_string(cases()).unwrap()).unwrap();
    assert!(cases.len() > 20);
    for (soql, expected) in cases {
        let mut bound: Vec<Parameter> = Vec::new();
        // It asks for one after the other.
        while let Err(error) = bind(&soql, &bound) {
            let asked = error.message.strip_prefix("soql: the placeholder :");
            let Some(name) = asked.and_then(|rest| rest.strip_suffix(" has no parameter")) else { break };
            let argument = Argument::One(Bound::Integer(1));
            bound.push(Parameter { name: name.to_owned(), argument });
        }
        let names: Vec<_> = bound.into_iter().map(|parameter| parameter.name).collect();
        assert_eq!(names, expected, "{soql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_editor_colours_completes_and_runs() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    stage.playground("soql-query").await;
    browser.find(".soql-editor").await.click().await.unwrap();
    let focused = "return document.activeElement.className";
    assert_eq!(browser.evaluate(focused).await, "soql-editor", "all of it takes the focus");
    browser.fill("SOQL", "SELECT Name FROM Acco").await;
    take(&stage, "Account").await;
    assert_eq!(browser.evaluate(WRITTEN).await, "SELECT Name FROM Account");
    browser.type_text(" WHERE Indus").await;
    take(&stage, "Industry").await;
    browser.type_text(" = 'Energy' AND Owner.Userna").await;
    take(&stage, "Username").await;
    browser.type_text(" != :nobody LIMIT 2").await;
    let written = "SELECT Name FROM Account WHERE Industry = 'Energy' AND Owner.Username != :nobody LIMIT 2";
    assert_eq!(browser.evaluate(WRITTEN).await, written);
    for (look, text) in [("keyword", "SELECT"), ("literal", "'Energy'"), ("placeholder", ":nobody"), ("number", "2")] {
        let script = format!(
            "const {{ shadowRoot }} = document.querySelector('.soql-editor');
             return [...shadowRoot.querySelectorAll('.soql-{look}')].map(({{ textContent }}) => textContent)"
        );
        let texts = browser.evaluate(&script).await;
        assert!(texts.as_array().unwrap().contains(&json!(text)), "{look}: {texts}");
    }
    let ink = "const { shadowRoot } = document.querySelector('.soql-editor');
        return getComputedStyle(shadowRoot.querySelector('.soql-keyword')).color";
    let light = browser.evaluate(ink).await;
    browser.prefer_dark(true).await;
    assert_ne!(browser.evaluate(ink).await, light, "in the dark it has the colours of the dark");
    browser.press_with_control(Key::Enter).await;
    browser.see("2 of 2 records.").await;
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_a_hostile_org_are_not_offered_and_change_nothing() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    stage.playground("soql-query").await;
    let script = "
        const answer = (body) => Promise.resolve(new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } }));
        const evil = '<img src=x onerror=alert(1)>';
        window.fetch = () => answer({ objects: [
            { name: evil, label: 'x', queryable: true }, { name: \"A' OR :x\", label: 'x', queryable: true },
            { name: 'Accessible__c', label: evil.repeat(50), queryable: true }] });";
    browser.evaluate(script).await;
    browser.fill("SOQL", "SELECT Id FROM Acc").await;
    offered(&stage, "Accessible__c").await;
    let list = "const { shadowRoot } = document.querySelector('.soql-editor');
        const items = [...shadowRoot.querySelectorAll('.cm-tooltip li')];
        return [items.length, items[0].querySelectorAll('img').length, items[0].textContent.length < 100]";
    assert_eq!(browser.evaluate(list).await, json!([1, 0, true]));
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_the_text_and_the_rows_are_there_and_run() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    browser.run_scripts(false).await;
    stage.go("/console/playground?action=soql-query").await;
    browser.fill("SOQL", "SELECT Name FROM Account WHERE Industry = :industry LIMIT 2").await;
    browser.fill("Name", "industry").await;
    browser.fill("Value", "Energy").await;
    browser.press("Run").await;
    browser.see("2 of 2 records.").await;
    // The browser brings the connection from now on.
    stage.go("/console/playground?action=user-info").await;
    let chosen = browser.field("Connection").await.prop("value").await.unwrap().unwrap();
    assert!(!chosen.is_empty());
    browser.run_scripts(true).await;
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_can_be_tried_from_its_page_and_a_count_is_told_plainly() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    let id = stage.text_of("#id").await;
    browser.follow("Try it").await;
    browser.find(".soql-editor").await;
    let chosen = browser.field("Connection").await.prop("value").await.unwrap().unwrap();
    assert_eq!(chosen, id);
    browser.fill("SOQL", "SELECT COUNT() FROM Account").await;
    stage.run("Succeeded").await;
    assert_eq!(stage.text_of("#result-count strong").await, "2086");
    browser.fill("SOQL", "SELECT COUNT() FROM Account WHERE Name = 'nobody'").await;
    browser.press("Run").await;
    browser.see("The count is 0.").await;
    stage.assert_quiet().await;
}

/// What stands on no page as it is loaded: the menu, what the editor offers, parameters, results and what is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_wrong_with_the_playground_in_use() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    let mut found = Vec::new();
    for (screen, is_dark) in [
        (Screen::Desktop(1280, 900), false),
        (Screen::Desktop(1280, 900), true),
        (Screen::Phone, false),
        (Screen::Phone, true),
        (Screen::Desktop(320, 800), false),
        (Screen::Desktop(320, 800), true),
    ] {
        browser.look_with(screen).await;
        browser.prefer_dark(is_dark).await;
        stage.playground("soql-query").await;
        axe::load(browser).await;
        let mut look = async |what: &str| {
            let broken = axe::violations(browser).await;
            found.extend(broken.into_iter().map(|rule| format!("{what} on {screen:?}, dark: {is_dark}: {rule}")));
        };
        browser.find("#choose-action").await.click().await.unwrap();
        look("the menu").await;
        browser.find("#choose-action").await.click().await.unwrap();
        stage.run("Not run").await;
        let marked = "const { shadowRoot } = document.querySelector('.soql-editor');
            return [shadowRoot.querySelector('[role=textbox]').ariaInvalid, shadowRoot.querySelectorAll('.wrong').length]";
        assert_eq!(browser.evaluate(marked).await, json!(["true", 1]), "it is marked where it is missing");
        look("a missing query").await;
        browser.fill("SOQL", "SELECT Id, Name FROM Account WHERE Name LIKE :name AND Indus").await;
        offered(&stage, "Industry").await;
        look("the editor").await;
        browser.fill("SOQL", "SELECT Id, Name FROM Account WHERE Name LIKE :name LIMIT 3").await;
        browser.press("Options").await;
        stage.run("Succeeded").await;
        look("a result").await;
    }
    assert_eq!(found, Vec::<String>::new());
    // The status of what was not run is in the browser's log.
    assert!(browser.expected_errors().await.iter().all(|error| error.contains("status of 422")));
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wider_than_a_small_phone() {
    let stage = Stage::connected("Demo org").await;
    stage.browser.look_with(Screen::Desktop(320, 800)).await;
    for action in ["soql-query", "create-or-update-record", "get-record-field-values"] {
        stage.playground(action).await;
        if action == "soql-query" {
            stage
                .browser
                .fill("SOQL", "SELECT Id, Name, Industry FROM Account WHERE Name LIKE :a_long_name_of_one")
                .await;
        }
        stage.browser.find("#choose-action").await.click().await.unwrap();
        let width = stage.browser.evaluate("return document.documentElement.scrollWidth").await;
        assert!(width.as_u64().unwrap() <= 320, "{action}: {width}");
    }
    stage.browser.key(Key::Escape).await;
    assert_eq!(stage.browser.evaluate("return document.activeElement.id").await, "choose-action", "it closes");
    stage.assert_quiet().await;
}

fn cases() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("server/src/console/playground/placeholders.json")
}

/// Name, type and whether it is a list, of each row that is shown.
async fn parameters(stage: &Stage) -> Value {
    let script = "return [...document.querySelectorAll('[data-rows] .line')]
        .filter(line => line.checkVisibility())
        .map(line => ['name', 'type', 'many'].map(part => line.querySelector(`[name$='.${part}']`).value))";
    stage.browser.evaluate(script).await
}

/// Waits until the first of what the editor offers is this.
async fn offered(stage: &Stage, name: &str) {
    let script = "const { shadowRoot } = document.querySelector('.soql-editor');
        const first = shadowRoot.querySelector('.cm-tooltip li[aria-selected] .cm-completionLabel');
        return first ? first.textContent : ''";
    let first = async || Ok((stage.browser.evaluate(script).await == name).then_some(()));
    stage.browser.wait(format!("\"{name}\" to be offered"), first).await;
}

/// Takes the first of what the editor offers, by the mouse: keys count a moment later, lest they take what nobody has seen.
async fn take(stage: &Stage, name: &str) {
    offered(stage, name).await;
    let editor = stage.browser.find(".soql-editor").await.shadow_root().await.unwrap();
    editor.find(Locator::Css(".cm-tooltip li[aria-selected]")).await.unwrap().click().await.unwrap();
}
