//! What the query of a console page or a form says, or what was expected, without repeating any of it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use maud::html;
use serde::de::DeserializeOwned;

use super::page::plain_page;
use salesforce_actions::json::wrong;

const FORM: &str = "application/x-www-form-urlencoded";

/// The query of a page.
pub(super) struct Queried<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Queried<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Queried<T>, Response> {
        let query = wrong::read_form(parts.uri.query().unwrap_or_default().as_bytes());
        query.map(Queried).map_err(|words| not_understood(&format!("query: {words}")))
    }
}

/// A form that came as a body.
///
/// # Errors
/// What was expected instead.
pub(super) fn form<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, String> {
    let named = headers.get(header::CONTENT_TYPE).and_then(|named| named.to_str().ok()).unwrap_or_default();
    if !named.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM) {
        return Err(format!("expected Content-Type: {FORM}"));
    }
    wrong::read_form(body).map_err(|words| format!("form: {words}"))
}

/// A page for a request that is no page's of this console.
pub(super) fn not_understood(words: &str) -> Response {
    let content = html! {
        h1 { "Invalid request" }
        p id="error" { (words) }
        p { "Nothing was changed." }
    };
    plain_page(StatusCode::BAD_REQUEST, "Invalid request", &content)
}
