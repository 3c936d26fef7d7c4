//! The log of executions, with its chart.

use serde_json::json;

use crate::browser::Screen;
use crate::screenshot::screenshot;
use crate::stage::Stage;

const EXECUTIONS: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn executions_are_listed_and_pictured() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    let connection = stage.text_of("#id").await;
    for number in 0..EXECUTIONS {
        let rows = 1 + 37 * (number % 9);
        let (soql, state) = match number % 6 {
            5 => ("SELECT Nothing__c FROM Account".to_owned(), "failed"),
            _ => (format!("SELECT Id, Name FROM Account LIMIT {rows}"), "succeeded"),
        };
        let body = json!({"connection": connection, "action": "soql-query", "input": {"query": {"soql": soql}}});
        assert_eq!(stage.execute(&body).await["state"], state);
    }
    browser.follow("Executions").await;
    let shown = "return [document.querySelectorAll('#executions tbody tr').length,
        document.querySelectorAll('#latency > path.good').length, document.querySelectorAll('#latency > path.bad').length]";
    browser.find("#latency").await;
    let failed = EXECUTIONS / 6;
    let succeeded = EXECUTIONS - failed;
    assert_eq!(browser.evaluate(shown).await, json!([EXECUTIONS, succeeded, failed]));
    assert_eq!(stage.text_of("#count-succeeded").await, succeeded.to_string());
    assert_eq!(stage.text_of("#count-failed").await, failed.to_string());
    screenshot(browser, Screen::Desktop(1000, 860), "executions").await;

    browser.choose("State", "failed").await;
    browser.press("Show").await;
    browser
        .wait("the failed ones alone", async || {
            Ok((browser.evaluate(shown).await == json!([failed, 0, failed])).then_some(()))
        })
        .await;
    browser.find("#executions tbody a").await.click().await.unwrap();
    browser.see("It did not do what was asked, and nothing was changed.").await;
    assert_eq!(stage.text_of("#outcome #error-kind").await, "invalid-query");
    assert!(stage.text_of("#error").await.contains("INVALID_FIELD"));
    stage.assert_quiet().await;
}
