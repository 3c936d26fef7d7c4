//! Uploaded components: verified, reported, run.

use salesforce_runtime::component::CONNECTOR;

use crate::browser::Screen;
use crate::screenshot::screenshot;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_component_is_uploaded_verified_and_run() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    browser.follow("Components").await;
    browser.attach("Component (.wasm)", &stage.file("mine.wasm", CONNECTOR)).await;
    browser.fill("Name (optional)", "My connector").await;
    browser.press("Upload and verify").await;
    browser.see("It passed every check and may run").await;
    assert_eq!(browser.find("#state [data-state]").await.text().await.unwrap(), "accepted");
    let verdicts = stage.text_of("#verdicts").await;
    assert!(verdicts.contains(" 0 failed, 0 not run"), "{verdicts}");
    assert_eq!(stage.text_of("#bytes").await, CONNECTOR.len().to_string());
    assert!(stage.text_of("#actions").await.contains("create-or-update-record: Creates a record, updates one by Id"));
    screenshot(browser, Screen::Desktop(1000, 860), "component").await;

    let digest = stage.text_of("#digest").await;
    stage.playground("soql-query").await;
    stage.choose_component(&format!("My connector ({}…)", &digest[..12])).await;
    browser.fill("SOQL", "SELECT Name FROM Account LIMIT 3").await;
    stage.run("Succeeded").await;
    assert!(browser.text().await.contains("3 of 3 records."));
    browser.find("#result-execution").await.click().await.unwrap();
    browser.see("It did what was asked.").await;
    assert!(browser.text().await.contains(&digest));
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_component_is_refused_with_its_report() {
    let stage = Stage::start().await;
    let browser = &stage.browser;
    stage.log_in().await;
    browser.follow("Components").await;
    browser.attach("Component (.wasm)", &stage.file("garbage.wasm", b"no component at all")).await;
    browser.press("Upload and verify").await;
    browser.see("It may not run: it failed its verification.").await;
    assert_eq!(browser.find("h1").await.text().await.unwrap(), "garbage.wasm");
    let failures = browser.find("#failures").await.text().await.unwrap();
    for told in ["component", "Upload a component, not a core module or another file.", "harness verify component.wasm"]
    {
        assert!(failures.contains(told), "{told}: {failures}");
    }
    let first = "const [facts, failures] = ['facts', 'failures'].map(id => document.getElementById(id).getBoundingClientRect().top);
        return failures < facts && failures < innerHeight";
    assert_eq!(browser.evaluate(first).await, true, "what failed stands on top");
    // The checks that were not run are folded.
    let rows = "return [document.querySelectorAll('#report tbody tr').length, document.querySelectorAll('#not-run li').length]";
    let rows: [usize; 2] = serde_json::from_value(browser.evaluate(rows).await).unwrap();
    assert!(rows[0] < 5 && rows[1] > 20, "{rows:?}");
    assert!(!browser.text().await.contains("oauth-refresh-once"));
    browser.press(&format!("{} checks were not run", rows[1])).await;
    browser.see("oauth-refresh-once").await;
    stage.assert_quiet().await;
    stage.go("/console/components").await;
    browser.find("#components [data-state=refused]").await;
    stage.assert_quiet().await;
}
