//! The connection URL: where a browser starts an authorization, and where Salesforce sends it back.
//!
//! Both are for browsers, so both answer with pages.

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use cookie::{Cookie, SameSite};
use maud::html;

use super::CONNECTION_PATH;
use super::app::App;
use super::connections::{BrowserCookies, COOKIES_LIVE, ConnectionError, FailedAuthorization};
use super::console::{cookies, plain_page};
use salesforce_runtime::secret::Secret;

/// The cookies that bind callbacks to the browser that began begin with it.
const BROWSER_COOKIE: &str = "harness_browser_";
/// Before the name where browsers speak TLS: then no other host can plant the cookie (RFC 6265bis section 4.1.3.2).
const HOST_ONLY: &str = "__Host-";
/// Where tickets lead.
const START_PATH: &str = "/connect";

pub(super) fn router() -> Router<App> {
    Router::new().route(CONNECTION_PATH, get(callback)).route(&format!("{START_PATH}/{{ticket}}"), get(start))
}

/// The link that starts an authorization in a browser.
pub(super) fn start_url(app: &App, ticket: &Secret) -> String {
    format!("{}{START_PATH}/{}", app.public_url(), ticket.expose())
}

async fn start(State(app): State<App>, Path(ticket): Path<String>, headers: HeaderMap) -> Response {
    match app.connections.start(&ticket, browser_cookies(&app, &headers)).await {
        Ok(started) => {
            let name = format!("{}{}", cookie_prefix(&app), started.cookie.key);
            let cookie = Cookie::build((name, started.cookie.value.expose().to_owned()))
                .path("/")
                .http_only(true)
                // Salesforce sends the browser back from another site, by a top-level GET.
                .same_site(SameSite::Lax)
                .secure(app.is_secure())
                .max_age(cookie::time::Duration::seconds(COOKIES_LIVE))
                .build();
            let mut response = Redirect::to(&started.url).into_response();
            if let Ok(cookie) = HeaderValue::from_str(&cookie.to_string()) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            response
        }
        Err(error) => failed(&error.into()),
    }
}

async fn callback(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let Some(query) = query else {
        let page = html! {
            h1 { "This is the connection URL" }
            p { "Enter it as the callback URL of a Salesforce connected app: " code { (app.connections.callback_url()) } }
        };
        return plain_page(StatusCode::OK, "Connection URL", &page);
    };
    match app.connections.complete(&query, &browser_cookies(&app, &headers)).await {
        Ok(arrival) if arrival.return_to.is_empty() => {
            let page = html! {
                h1 { "Connected" }
                p { strong { (arrival.connection.name) } " is connected. You can close this page." }
            };
            plain_page(StatusCode::OK, "Connected", &page)
        }
        Ok(arrival) => Redirect::to(&arrival.return_to).into_response(),
        Err(failure) => failed(&failure),
    }
}

fn cookie_prefix(app: &App) -> String {
    format!("{}{BROWSER_COOKIE}", if app.is_secure() { HOST_ONLY } else { "" })
}

fn browser_cookies(app: &App, headers: &HeaderMap) -> BrowserCookies {
    let prefix = cookie_prefix(app);
    let keyed = cookies(headers).filter_map(|cookie| {
        let key = cookie.name().strip_prefix(&prefix)?.to_owned();
        Some((key, Secret::from(cookie.value().to_owned())))
    });
    BrowserCookies(keyed.collect())
}

fn failed(failure: &FailedAuthorization) -> Response {
    let FailedAuthorization { error, begun } = failure;
    let status = match error {
        ConnectionError::TokensWait => StatusCode::SERVICE_UNAVAILABLE,
        ConnectionError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    if status.is_server_error() {
        tracing::error!(%error, "an authorization failed");
    }
    let page = html! {
        h1 { "Not connected" }
        p id="error" { (error) }
        @match begun {
            _ if matches!(error, ConnectionError::TokensWait) => {
                p id="next" { "The connection becomes active as soon as they are stored. Look there again later, before you begin again." }
            }
            Some((connection, return_to)) => {
                p { "Nothing was changed. Go back to begin again, or to correct what the reason names." }
                p { a id="back" href=(back(connection, return_to)) { "Back to the connection" } }
            }
            None => { p { "Nothing was changed. Go back to where you came from and begin again." } }
        }
    };
    plain_page(status, "Not connected", &page)
}

/// Where the authorization was begun: the console's page of the connection, unless a program began it that has pages of
/// its own on this host.
fn back(connection: &str, return_to: &str) -> String {
    if return_to.is_empty() || return_to.starts_with("/console/") {
        format!("/console/connections/{connection}")
    } else {
        return_to.to_owned()
    }
}
