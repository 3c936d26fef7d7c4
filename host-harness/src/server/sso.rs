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
use super::connections::ConnectionError;
use super::console::{cookie_value, plain_page};
use crate::secret::Secret;

/// The cookie that binds a callback to the browser that began.
const BROWSER_COOKIE: &str = "harness_browser";
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
    let browser = cookie_value(&headers, BROWSER_COOKIE);
    match app.connections.start(&ticket, browser.as_deref()).await {
        Ok(started) => {
            let cookie = Cookie::build((BROWSER_COOKIE, started.browser.expose().to_owned()))
                .path("/")
                .http_only(true)
                // Salesforce sends the browser back from another site, by a top-level GET.
                .same_site(SameSite::Lax)
                .secure(app.is_secure())
                .build();
            let mut response = Redirect::to(&started.url).into_response();
            if let Ok(cookie) = HeaderValue::from_str(&cookie.to_string()) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            response
        }
        Err(error) => failed(&error),
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
    let browser = cookie_value(&headers, BROWSER_COOKIE);
    match app.connections.complete(&query, browser.as_deref()).await {
        Ok(arrival) if arrival.return_to.is_empty() => {
            let page = html! {
                h1 { "Connected" }
                p { strong { (arrival.connection.name) } " is connected. You can close this page." }
            };
            plain_page(StatusCode::OK, "Connected", &page)
        }
        Ok(arrival) => Redirect::to(&arrival.return_to).into_response(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &ConnectionError) -> Response {
    let status = match error {
        ConnectionError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    if status.is_server_error() {
        tracing::error!(%error, "an authorization failed");
    }
    let page = html! {
        h1 { "Not connected" }
        p id="error" { (error) }
        p { "Nothing was changed. Go back to where you came from and begin again." }
    };
    plain_page(status, "Not connected", &page)
}
