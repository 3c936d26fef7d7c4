//! The HTML pages of the authorization: login, consent, and what went wrong. Not for deciding which comes.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{DOCTYPE, Markup, html};

use super::apps::App;
use super::browser::AuthorizationRequest;
use crate::answer;
use crate::org::User;

/// Where the login form goes.
pub(crate) const LOGIN_PATH: &str = "/login";
/// The consent page, under the name Salesforce gives it.
pub(crate) const CONSENT_PATH: &str = "/setup/secur/RemoteAccessAuthorizationPage.apexp";

/// The login page. `complaint` says why the last attempt failed.
pub(crate) fn login(source: &str, username: &str, complaint: Option<&str>) -> Response {
    page(
        StatusCode::OK,
        "Login | Mock Salesforce",
        &html! {
            h1 { "Log in to Mock Salesforce" }
            @if let Some(complaint) = complaint { p id="error" class="error" { (complaint) } }
            form id="login_form" method="post" action=(LOGIN_PATH) {
                input type="hidden" name="source" value=(source);
                label for="username" { "Username" }
                input id="username" type="email" name="username" value=(username) autocomplete="username" required;
                label for="password" { "Password" }
                input id="password" type="password" name="password" autocomplete="current-password" required;
                button id="Login" type="submit" { "Log In" }
            }
        },
    )
}

/// The consent page.
pub(crate) fn consent(source: &str, app: &App, request: &AuthorizationRequest, user: &User) -> Response {
    page(
        StatusCode::OK,
        "Allow Access? | Mock Salesforce",
        &html! {
            h1 { "Allow Access?" }
            p { strong { (app.client_id) } " is asking to:" }
            ul { @for text in request.scopes.descriptions() { li { (text) } } }
            p { "Do you want to allow access for " strong { (user.username) } "?" }
            form id="consent_form" method="post" action=(CONSENT_PATH) {
                input type="hidden" name="source" value=(source);
                button id="oaapprove" type="submit" name="decision" value="allow" { "Allow" }
                button id="oadeny" type="submit" name="decision" value="deny" { "Deny" }
            }
        },
    )
}

/// The page that ends an authorization which must not be sent back to any callback URL.
pub(crate) fn error(code: &str, description: &str) -> Response {
    page(
        StatusCode::BAD_REQUEST,
        "OAuth Error | Mock Salesforce",
        &html! {
            h1 { "OAuth Error" }
            p { "We can't authorize you because of an OAuth error. For more information, contact your Salesforce administrator." }
            p id="oauth-error" { "error=" (code) "&error_description=" (description) }
        },
    )
}

fn page(status: StatusCode, title: &str, content: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (STYLE) }
            }
            body { main { (content) } }
        }
    };
    answer::html(status, page)
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;background:#f4f6f9;color:#16325c}\
main{max-width:26rem;margin:4rem auto;padding:2rem;background:#fff;border:1px solid #d8dde6;border-radius:.25rem}\
h1{font-size:1.4rem;margin-top:0}label,input,button{display:block;width:100%;box-sizing:border-box}\
input,button{padding:.5rem;margin-bottom:1rem;font:inherit}button{background:#0070d2;color:#fff;border:0;border-radius:.25rem}\
.error{color:#c23934}";

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn what_a_client_sends_cannot_become_markup() {
        let response = login("\"><script>", "<b>@example.com", Some("<i>"));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(!body.contains("<script>") && !body.contains("<b>") && !body.contains("<i>"));
        assert!(body.contains("&lt;b&gt;@example.com"));
    }
}
