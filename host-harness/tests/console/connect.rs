//! From the login to a connection: what a user sees of the authorization.

use mock_salesforce::MockSalesforce;

use crate::browser::Screen;
use crate::screenshot::screenshot;
use crate::stage::{CLIENT_SECRET, Stage, USERNAME};

#[tokio::test(flavor = "multi_thread")]
async fn a_user_connects_an_org() {
    let stage = Stage::start().await;
    let browser = &stage.browser;
    stage.log_in().await;
    browser.follow("New connection").await;
    browser.see("1. In Salesforce").await;
    assert_eq!(browser.find("#callback-url").await.text().await.unwrap(), stage.server.callback_url());
    let shown = browser.text().await;
    for scope in ["Manage user data via APIs (api)", "Perform requests at any time (refresh_token, offline_access)"] {
        assert!(shown.contains(scope), "{shown}");
    }
    stage.fill_in_set_up("Demo org").await;
    browser.evaluate("scrollTo(0, 0)").await;
    screenshot(browser, Screen::Desktop(1000, 1000), "setup").await;
    browser.press("Create and continue").await;
    browser.see("not authorized yet").await;
    stage.to_consent().await;
    browser.press("Allow").await;
    browser.see("Salesforce has allowed access: the connection is ready.").await;
    assert_eq!(browser.find("#state [data-state]").await.text().await.unwrap(), "active");
    assert_eq!(browser.find("#username").await.text().await.unwrap(), USERNAME);
    assert_eq!(stage.text_of("#requested").await, "api refresh_token id");
    assert_eq!(stage.text_of("#granted").await, "api refresh_token id", "as asked");
    assert_eq!(browser.find("#org").await.text().await.unwrap(), stage.mock.url());
    assert!(!browser.text().await.contains(CLIENT_SECRET));

    stage.mock.expire_access_tokens();
    browser.press("Refresh now").await;
    browser.see("The tokens were refreshed.").await;
    assert_eq!(refreshes(&stage.mock), 1);

    assert_eq!(stage.text_of("#usage").await, "not known before the first call");
    stage.playground("soql-query").await;
    browser.fill("SOQL", "SELECT COUNT() FROM Account").await;
    stage.run("Succeeded").await;
    assert_eq!(stage.text_of("#result-count").await, "The count is 2086.");
    stage.go("/console/connections").await;
    browser.follow("Demo org").await;
    browser.find("#usage meter").await;
    screenshot(browser, Screen::Desktop(1000, 760), "connection").await;
    stage.assert_quiet().await;

    browser.follow("Revoke").await;
    browser.press("Revoke").await;
    browser.see("The tokens were revoked at Salesforce and removed here.").await;
    assert_eq!(browser.find("#state [data-state]").await.text().await.unwrap(), "revoked");
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_denies_is_told_so() {
    let stage = Stage::start().await;
    let browser = &stage.browser;
    stage.log_in().await;
    stage.set_up("Demo org").await;
    stage.to_consent().await;
    stage.assert_quiet().await;
    browser.press("Deny").await;
    browser.see("Not connected").await;
    let told = browser.find("#error").await.text().await.unwrap();
    assert!(told.contains("access_denied") || told.contains("denied"), "{told}");
    // The page's own status is all that the browser logs.
    let errors = browser.expected_errors().await;
    assert!(matches!(&errors[..], [error] if error.contains("status of 400")), "{errors:?}");

    stage.go("/console/connections").await;
    browser.follow("Demo org").await;
    browser.see("not authorized yet").await;
    stage.assert_quiet().await;
}

fn refreshes(mock: &MockSalesforce) -> usize {
    mock.ledger().token_requests("refresh_token")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_my_domain_is_read_as_people_type_it_and_told_before_it_is_used() {
    let stage = Stage::start().await;
    let browser = &stage.browser;
    stage.log_in().await;
    stage.go("/console/connections/new").await;
    for (typed, told) in [
        ("Acme ", "https://acme.my.salesforce.com will be used."),
        ("acme--dev", "https://acme--dev.sandbox.my.salesforce.com will be used."),
        ("https://acme.lightning.force.com/lightning/page/home", "https://acme.my.salesforce.com will be used."),
        ("acme.my.salesforce.com.evil.example", "acme.my.salesforce.com.evil.example is not a host of Salesforce's"),
    ] {
        browser.fill("My Domain", typed).await;
        browser.see(told).await;
    }
    let chosen = "return document.querySelector('[name=environment]:checked').value";
    assert_eq!(browser.evaluate(chosen).await, "my-domain", "typing one chooses it");
    browser.fill("Name", "Acme").await;
    browser.fill("Consumer key", "3MVG9").await;
    browser.press("Create and continue").await;
    browser.see("Nothing was saved.").await;
    browser.fill("My Domain", " ACME").await;
    browser.press("Create and continue").await;
    browser.see("Salesforce asks you to log in and to allow access, at https://acme.my.salesforce.com").await;
    let errors = browser.expected_errors().await;
    assert!(matches!(&errors[..], [error] if error.contains("status of 422")), "{errors:?}");
}
