//! A sub-query with more rows than Salesforce sends at once.

use serde_json::json;

use crate::browser::Screen;
use crate::screenshot::screenshot;
use crate::stage::Stage;

const QUERY: &str = "SELECT Name, Industry, (SELECT FirstName, LastName, Email FROM Contacts) FROM Account \
                     WHERE ERP_Id__c < 'ERP-000004' ORDER BY ERP_Id__c";

#[tokio::test(flavor = "multi_thread")]
async fn f110_the_rest_of_a_sub_query_comes_into_its_cell() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    stage.playground("soql-query").await;
    browser.fill("SOQL", QUERY).await;
    stage.run("Succeeded").await;
    assert_eq!(stage.text_of("#result-table summary").await, "200 of 260");
    assert!(stage.text_of("#result-partial").await.starts_with("1 sub-query has more rows"));
    browser.evaluate("document.getElementById('result').scrollIntoView()").await;
    screenshot(browser, Screen::Desktop(1000, 560), "sub-query").await;

    let execution = stage.text_of("#result-execution").await;
    browser.find("#result-table button.rest").await.click().await.unwrap();
    let told = async || {
        let summary = browser.evaluate("return document.querySelector('#result-table summary').textContent").await;
        Ok((summary == "260 rows").then_some(()))
    };
    browser.wait("all rows", told).await;
    let rows = "return [...document.querySelectorAll('#result-table details:first-of-type table')].slice(0, 2)
        .map(table => table.tBodies[0].rows.length)";
    assert_eq!(
        browser.evaluate(rows).await,
        json!([50, 60]),
        "the first rows of the first page, and all of the second"
    );
    assert_eq!(browser.evaluate("return document.querySelectorAll('#result button.rest').length").await, json!(0));
    assert_eq!(stage.text_of("#result-execution").await, execution, "the result stays");
    let links = "return [...document.querySelectorAll('#result-table details a')].map(link => link.pathname)";
    let links: Vec<String> = serde_json::from_value(browser.evaluate(links).await).unwrap();
    let csv = stage.download(links.iter().find(|link| link.ends_with("csv")).unwrap()).await;
    assert_eq!(csv.lines().count(), 61);
    stage.assert_quiet().await;
}
