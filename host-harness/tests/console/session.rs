//! Forms of other pages change nothing, and a session ends with its log-out.

use http::{Method, header};

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn only_the_consoles_own_forms_are_taken_until_the_log_out() {
    let stage = Stage::connected("Demo org").await;
    let browser = &stage.browser;
    let cookies = browser.cookies().await;
    let csrf = browser.evaluate("return document.querySelector('[name=csrf]').value").await;
    let csrf = csrf.as_str().unwrap().to_owned();
    let page = stage.download("/console/connections").await;
    let id = stage.text_of("#id").await;
    let path = format!("/console/connections/{id}/delete");
    let form = "application/x-www-form-urlencoded";
    let own = [(header::COOKIE, cookies.as_str()), (header::CONTENT_TYPE, form)];
    let foreign = [own[0].clone(), own[1].clone(), (header::ORIGIN, "https://evil.example")];
    let right = format!("csrf={csrf}");

    for (headers, body) in [(&own[..], ""), (&own, "csrf="), (&own, "csrf=wrong"), (&foreign, &right)] {
        let (status, text) = stage.send(Method::POST, &path, headers, body.to_owned()).await;
        assert_eq!(status, 403, "{body}: {text}");
        assert!(text.contains("Nothing was changed"), "{text}");
    }
    assert_eq!(stage.download("/console/connections").await, page);

    browser.press("Log out").await;
    browser.see("Token").await;
    let (status, text) = stage.send(Method::GET, "/console/connections", &own[..1], "").await;
    assert_eq!(status, 303, "{text}");
    let (status, text) = stage.send(Method::POST, &path, &own, right).await;
    assert_eq!(status, 403, "{text}");
    stage.go("/console/connections").await;
    browser.see("Log in").await;
    assert!(browser.url().await.contains("/console/login?next="));

    stage.log_in().await;
    browser.follow("Demo org").await;
    browser.see("active").await;
    stage.assert_quiet().await;
}
