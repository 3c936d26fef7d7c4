//! The first page: how things stand, and what to do next.

use serde_json::json;

use crate::browser::Screen;
use crate::screenshot::screenshot;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_tells_how_things_stand() {
    let stage = Stage::start().await;
    let browser = &stage.browser;
    stage.go("/console/login").await;
    browser.see("Salesforce connector").await;
    browser.find(".mark img").await;
    stage.log_in().await;
    assert!(browser.text().await.contains("Connect a Salesforce org"));
    assert_eq!(browser.evaluate("return document.querySelector('nav [aria-current]').textContent").await, "Overview");

    stage.set_up("Demo org").await;
    stage.to_consent().await;
    browser.press("Allow").await;
    browser.see("the connection is ready").await;
    let connection = stage.text_of("#id").await;
    browser.follow("Overview").await;
    browser.see("Run an action").await;
    assert!(stage.text_of("#connections").await.contains("not known before the first call"));

    for (soql, state) in [
        ("SELECT Id FROM Account LIMIT 3", "succeeded"),
        ("SELECT Nothing__c FROM Account", "failed"),
        ("SELECT Name FROM Account LIMIT 200", "succeeded"),
    ] {
        let body = json!({"connection": connection, "action": "soql-query", "input": {"query": {"soql": soql}}});
        assert_eq!(stage.execute(&body).await["state"], state);
    }
    browser.follow("Overview").await;
    browser.find("#connections meter").await;
    assert_eq!(stage.text_of("#count-failed").await, "1");
    browser.find("#latency path.bad").await;
    screenshot(browser, Screen::Desktop(1000, 860), "overview").await;
    let failures = stage.text_of("#failures").await;
    assert!(failures.contains("invalid-query") && failures.contains("Demo org"), "{failures}");
    browser.find("#failures a").await.click().await.unwrap();
    browser.see("It did not do what was asked").await;
    stage.go("/console/").await;
    browser.follow("All failures").await;
    browser.find("#filters").await;
    assert!(browser.url().await.ends_with("/console/executions?error=any"));
    assert_eq!(browser.evaluate("return document.querySelectorAll('#executions tbody tr').length").await, 1);
    stage.assert_quiet().await;
}
