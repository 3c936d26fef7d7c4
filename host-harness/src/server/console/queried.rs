//! What the query of a console page says, or a page that says what was expected, without repeating any of it.

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use maud::html;
use serde::de::DeserializeOwned;

use super::page::plain_page;
use crate::json::wrong;

/// The query of a page.
pub(super) struct Queried<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Queried<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Queried<T>, Response> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Queried(asked)),
            Err(rejection) => Err(not_understood("query", &of_query(&rejection))),
        }
    }
}

/// What was expected of a query.
fn of_query(rejection: &QueryRejection) -> String {
    let text = rejection.body_text();
    wrong::words(text.strip_prefix("Failed to deserialize query string: ").unwrap_or_default())
}

/// What was expected of a form.
pub(super) fn of_form(rejection: &FormRejection) -> String {
    let text = rejection.body_text();
    let words = text.split_once(": ").map(|(_, words)| words).unwrap_or_default();
    format!("form: {}", wrong::words(words))
}

/// A page for a request that is no page's of this console.
pub(super) fn not_understood(what: &str, words: &str) -> Response {
    let content = html! {
        h1 { "Not understood" }
        p id="error" { (what) ": " (words) }
        p { "Nothing was changed." }
    };
    plain_page(StatusCode::BAD_REQUEST, "Not understood", &content)
}
