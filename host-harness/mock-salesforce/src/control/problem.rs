//! Errors of the control plane: where, what came, what was expected. A problem means that nothing was changed.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::ApiError;

/// Characters that are repeated of what came.
const MOST_REPEATED: usize = 200;

/// Why nothing was done.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Problem {
    #[serde(skip)]
    status: u16,
    /// Where in the request, such as `body.match.nth`, `query.limit` or `path.name`.
    place: String,
    /// What was there, cut after 200 characters.
    got: String,
    /// What belongs there.
    expected: String,
    /// All three in a sentence.
    message: String,
}

impl Problem {
    pub(super) fn new(
        status: u16,
        place: impl Into<String>,
        got: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        let (place, got, expected) = (place.into(), cut(&got.into()), expected.into());
        let message = format!("{place}: got {got}; expected {expected}");
        Self { status, place, got, expected, message }
    }

    /// 400.
    pub(super) fn wrong(place: impl Into<String>, got: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::new(400, place, got, expected)
    }

    /// 404: what the path names is not there.
    pub(super) fn not_found(place: &str, got: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::new(404, place, got, expected)
    }

    /// 409: what it asks for and what is there do not go together.
    pub(super) fn conflict(place: &str, got: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::new(409, place, got, expected)
    }

    /// What the org itself does not take.
    pub(super) fn of_org(place: impl Into<String>, got: impl Into<String>, error: &ApiError) -> Self {
        Self::new(error.status, place, got, format!("what the org takes ({}: {})", error.code, error.message))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(&self)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let scheme = header::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_REPEATED) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
