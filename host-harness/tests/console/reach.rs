//! For everybody: without a mouse, on a phone, in the dark. `pages` looks at every page; this follows a user through some.

use fantoccini::key::Key;

use crate::browser::Screen;
use crate::screenshot::screenshot;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_keyboard_is_enough() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    browser.tab_to("Log out").await;
    browser.key(Key::Enter).await;
    browser.see("Token").await;
    browser.tab_to("Token").await;
    browser.type_text(&stage.token).await;
    browser.key(Key::Enter).await;
    browser.see("New connection").await;
    browser.tab_to("Playground").await;
    browser.key(Key::Enter).await;
    browser.find(".with-script:not([hidden])").await;
    browser.tab_to("SOQL").await;
    browser.type_text("SELECT Name FROM Account LIMIT 2").await;
    browser.tab_to("Run").await;
    browser.key(Key::Enter).await;
    browser.see("2 of 2 records.").await;
    browser
        .wait("the focus on the result", async || {
            let focused = browser.evaluate("return document.activeElement.id").await;
            Ok((focused == "result").then_some(()))
        })
        .await;
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wider_than_a_phone_and_the_dark_is_dark() {
    let stage = Stage::start().await;
    let browser = &stage.browser;
    browser.look_with(Screen::Phone).await;
    browser.prefer_dark(true).await;
    stage.go("/console/login").await;
    fits(&stage).await;
    stage.log_in().await;
    stage.set_up("A connection with a name so long that no phone has room for it").await;
    fits(&stage).await;
    stage.to_consent().await;
    browser.press("Allow").await;
    browser.see("Salesforce has allowed access: the connection is ready.").await;
    fits(&stage).await;
    stage.playground("soql-query").await;
    browser.fill("SOQL", "SELECT Name, Industry, AnnualRevenue, Owner.Name FROM Account ORDER BY Name LIMIT 8").await;
    stage.run("Succeeded").await;
    fits(&stage).await;
    browser.evaluate("document.getElementById('result').scrollIntoView()").await;
    screenshot(browser, Screen::Phone, "phone").await;
    browser.find("#result-execution").await.click().await.unwrap();
    browser.see("It did what was asked.").await;
    fits(&stage).await;
    stage.go("/console/executions").await;
    fits(&stage).await;

    browser.prefer_dark(false).await;
    assert!(brightness(&stage).await > 200);
    stage.assert_quiet().await;
}

/// The page is as wide as the phone, and dark.
async fn fits(stage: &Stage) {
    let wide = "return [...document.querySelectorAll('body *')]
        .filter(element => element.getBoundingClientRect().right > innerWidth && !element.closest('.scroll'))
        .map(element => element.outerHTML.slice(0, 120))";
    let width = stage.browser.evaluate("return document.documentElement.scrollWidth").await;
    let url = stage.browser.url().await;
    assert!(width.as_u64().unwrap() <= 390, "{url}: {width}: {}", stage.browser.evaluate(wide).await);
    assert!(brightness(stage).await < 60, "{url}");
}

/// Of the page's ground: its brightest channel, up to 255.
async fn brightness(stage: &Stage) -> u64 {
    let script = "return Math.max(...getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number))";
    stage.browser.evaluate(script).await.as_u64().unwrap()
}
