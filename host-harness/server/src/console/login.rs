//! `/console/login` and `/console/logout`: a session for the holder of a token.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use cookie::Cookie;
use maud::html;
use serde::Deserialize;

use super::page::{failed_page, forbidden_page, plain_page};
use super::queried;
use super::request::{Posted, is_from_here};
use super::session;
use crate::api::Problem;
use crate::app::App;
use crate::local_path::LocalPath;
use crate::tenants::{ApiToken, Principal};
use salesforce_runtime::secret::Secret;

pub(super) fn router() -> Router<App> {
    Router::new().route("/console/login", get(ask).post(log_in)).route("/console/logout", post(log_out))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    next: String,
}

#[derive(Deserialize)]
struct LogIn {
    token: Secret,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct Nothing {}

async fn ask(queried::Queried(Asked { next }): queried::Queried<Asked>) -> Response {
    login_page(StatusCode::OK, &next, None)
}

async fn log_in(State(app): State<App>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    // Without a session there is no CSRF token yet: who logs a browser in must be looking at this page.
    if !is_from_here(&headers, app.public_url()) {
        return forbidden_page("The login did not come from this console's login page.");
    }
    let Ok(body) = body else { return queried::not_understood("login: expected a form with a token") };
    let LogIn { token, next } = match queried::form(&headers, &body) {
        Ok(form) => form,
        Err(words) => return queried::not_understood(&format!("login: {words}")),
    };
    match open(&app, &token).await {
        Ok(Some(cookie)) => {
            let next: Option<LocalPath> = next.parse().ok();
            with_cookie(Redirect::to(next.as_ref().map_or("/console/", LocalPath::as_str)), &cookie)
        }
        Ok(None) => {
            login_page(StatusCode::FORBIDDEN, &next, Some("This server does not know this token, or it was revoked."))
        }
        Err(problem) => failed_page(&problem),
    }
}

async fn open(app: &App, token: &Secret) -> Result<Option<Cookie<'static>>, Problem> {
    let Some(token) = ApiToken::parse(token.expose().trim()) else { return Ok(None) };
    let id = token.id().to_owned();
    match app.tenants.authenticate(token).await? {
        Some(Principal::Tenant(tenant)) if tenant.suspended_at.is_some() => Err(Problem::suspended()),
        Some(principal) => Ok(Some(session::open(app, id, &principal).await?)),
        None => Ok(None),
    }
}

async fn log_out(State(app): State<App>, headers: HeaderMap, Posted(session, Nothing {}): Posted<Nothing>) -> Response {
    let closing = async {
        let cookie = session::close(&app, &headers).await?;
        Ok(with_cookie(Redirect::to("/console/login"), &cookie))
    };
    session.shown(closing).await
}

fn with_cookie(redirect: Redirect, cookie: &Cookie<'_>) -> Response {
    let mut response = redirect.into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn login_page(status: StatusCode, next: &str, error: Option<&str>) -> Response {
    let content = html! {
        h1 { "Log in" }
        form id="login" method="post" action="/console/login" class="stack" {
            input type="hidden" name="next" value=(next);
            @if let Some(error) = error { p id="error" class="error" role="alert" { (error) } }
            div class="field" {
                label for="token" { "Token" }
                input id="token" name="token" type="password" autocomplete="off" required autofocus
                    aria-describedby="token-hint";
                p id="token-hint" class="hint" {
                    "A tenant's or an administrator's. The first start of the server wrote one of each to its data directory: "
                    code { "tenant-token" } " and " code { "admin-token" } "."
                }
            }
            button id="log-in" type="submit" { "Log in" }
        }
    };
    plain_page(status, "Log in", &content)
}
