//! What the other tests rest on: that the browser tells of errors, of the screen and of the user's preferences.

use axum::Router;
use axum::http::header;
use axum::response::Html;
use axum::routing::get;
use serde_json::json;

use crate::browser::{Browser, Screen};
use crate::site::Site;

const PAGE: &str = r##"<!doctype html><html lang="en"><title>Page</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/style.css">
<form><label>Kind <select name="kind"><option>Account<option>Contact</select></label>
<label for="file">Component</label><input id="file" type="file">
<label hidden>Text <input id="hidden"></label>
<label for="text">Text</label><textarea id="text">before</textarea></form>
<a href="#there">Go there</a><p id="there">shown</p><p hidden>not shown</p>"##;

const STYLE: &str = "body{background:white}@media(prefers-color-scheme:dark){body{background:black}}";

async fn site() -> Site {
    let page = |script: &str| {
        let html = Html(format!("{PAGE}{script}"));
        get(async move || ([(header::CONTENT_SECURITY_POLICY, "default-src 'self'")], html))
    };
    let style = get(async || ([(header::CONTENT_TYPE, "text/css")], STYLE));
    let router = Router::new()
        .route("/", page(""))
        .route("/violation", page("<script>document.title = 'ran'</script>"))
        .route("/missing", page("<script src=missing.js></script>"))
        .route("/style.css", style);
    Site::start(router).await
}

#[tokio::test(flavor = "multi_thread")]
async fn controls_are_found_by_name_and_filled_in() {
    let (site, browser) = (site().await, Browser::start().await);
    browser.go(&site.url("/")).await;
    browser.choose("Kind", "Contact").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("component.wasm");
    std::fs::write(&file, b"\0asm").unwrap();
    browser.attach("Component", &file).await;
    browser.fill("Text", "after").await;
    let filled = "const [form] = document.forms; return [form.kind.value, form.file.files[0].size, form.text.value]";
    assert_eq!(browser.evaluate(filled).await, json!(["Contact", 4, "after"]));
    assert_eq!(browser.field("Text").await.tag_name().await.unwrap(), "textarea", "what is hidden has no name");
    browser.follow("Go there").await;
    assert_eq!(browser.url().await, site.url("/#there"));
    assert_eq!(browser.find("#there").await.text().await.unwrap(), "shown");
    assert!(!browser.text().await.contains("not shown"));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_and_violations_of_the_policy_are_told() {
    let (site, browser) = (site().await, Browser::start().await);
    browser.go(&site.url("/")).await;
    assert_eq!(browser.errors().await, Vec::<String>::new());
    for (path, expected) in [("/violation", "Content Security Policy"), ("/missing", "404")] {
        browser.go(&site.url(path)).await;
        let errors = browser.expected_errors().await;
        assert!(matches!(&errors[..], [error] if error.contains(expected)), "{path}: {errors:?}");
    }
    assert_eq!(browser.errors().await, Vec::<String>::new(), "they are told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn screens_and_preferences_are_what_was_asked_for() {
    let (site, browser) = (site().await, Browser::start().await);
    let seen = "return [innerWidth, innerHeight, devicePixelRatio, getComputedStyle(document.body).backgroundColor]";
    let (white, black) = ("rgb(255, 255, 255)", "rgb(0, 0, 0)");
    browser.go(&site.url("/")).await;
    assert_eq!(browser.evaluate(seen).await, json!([1280, 900, 1, white]));
    browser.look_with(Screen::Phone).await;
    browser.prefer_dark(true).await;
    assert_eq!(browser.evaluate(seen).await, json!([390, 844, 1, black]));
    browser.go(&site.url("/missing")).await;
    assert_eq!(browser.evaluate(seen).await, json!([390, 844, 1, black]), "through navigations");
    browser.look_with(Screen::Desktop(1000, 700)).await;
    browser.prefer_dark(false).await;
    assert_eq!(browser.evaluate(seen).await, json!([1000, 700, 1, white]));
}
