//! The connection that a browser used last, in a cookie of its own until it closes: an id, which counts only among the active
//! connections of whoever is logged in.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use cookie::{Cookie, SameSite};

use super::super::session::cookies;
use crate::app::App;
use crate::ids::ConnectionId;

const COOKIE: &str = "harness_connection";

/// The id that the browser brings.
pub(super) fn read(headers: &HeaderMap) -> Option<ConnectionId> {
    cookies(headers).find(|cookie| cookie.name() == COOKIE)?.value().parse().ok()
}

/// Lets the browser bring this id from now on.
pub(super) fn keep(app: &App, response: &mut Response, id: &ConnectionId) {
    let cookie = Cookie::build((COOKIE, id.to_string()))
        .path("/console/playground")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.is_secure())
        .build();
    if let Ok(cookie) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
