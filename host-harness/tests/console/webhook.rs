//! A tenant sets its webhook, tries it, and removes it.

use mock_salesforce::wire::{Step, Wire};

use crate::axe;
use crate::browser::Screen;
use crate::pages::look;
use crate::screenshot::screenshot;
use crate::stage::Stage;

const HERE: &str = "/console/account/webhook";

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_set_tried_and_removed() {
    let stage = Stage::start().await;
    let browser = &stage.browser;
    let answer = Step::write("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
    let receiver = Wire::start([vec![Step::Read, answer]]).await.unwrap();
    let url = format!("http://{}/hook", receiver.address());
    stage.log_in().await;
    stage.go("/console/account").await;
    assert_eq!(stage.text_of("#webhook-state").await, "No webhook is set.");
    browser.follow("Webhook settings").await;
    browser.fill("URL", &url).await;
    browser.fill("Percent of the daily API requests", "101").await;
    browser.press("Set the webhook").await;
    browser.see("expected a whole number from 1 to 100").await;
    browser.fill("Percent of the daily API requests", "90").await;
    browser.press("Set the webhook").await;
    browser.see("Copy it now").await;
    let secret = stage.text_of("#new-secret").await;
    assert!(secret.starts_with("whsec_"));
    axe::load(browser).await;
    assert_eq!(axe::violations(browser).await, Vec::<String>::new());
    screenshot(browser, Screen::SmallPhone, "webhook-secret").await;
    browser.look_with(Screen::Desktop(1280, 900)).await;
    browser.follow("Back").await;
    browser.see("Nothing was sent yet.").await;

    browser.press("Send a test").await;
    browser.see("the receiver did not answer with 2xx (status 503)").await;
    assert!(stage.text_of("#last-attempt").await.contains("webhook.test"));
    let counts = (stage.text_of("#waiting").await, stage.text_of("#dropped").await);
    assert_eq!((receiver.requests().len(), counts), (1, ("0".to_owned(), "0".to_owned())));
    screenshot(browser, Screen::Desktop(1280, 900), "webhook").await;
    assert_eq!(look(&stage, HERE).await, Vec::<String>::new());
    browser.follow("Delete").await;
    browser.press("Delete").await;
    browser.find("#set-webhook").await;
    assert!(!browser.text().await.contains("Send a test"));
    let errors = browser.expected_errors().await;
    assert!(errors.iter().all(|error| error.contains("422")), "{errors:?}");
}
