//! What every request to the control plane passes: its token; and what is answered where there is no such resource.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::problem::Problem;
use super::{Steering, document, input};

/// The resources behind the token, and their description before it.
pub(super) fn routes(
    resources: Router<Arc<Steering>>,
    description: String,
    steering: &Arc<Steering>,
) -> Router<Arc<Steering>> {
    let description = async move || ([(header::CONTENT_TYPE, "application/json")], description.clone());
    resources
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(Arc::clone(steering), gate))
        .route(document::PATH, get(description))
        .layer(DefaultBodyLimit::max(input::MOST_BYTES))
}

async fn gate(State(steering): State<Arc<Steering>>, request: Request, next: Next) -> Response {
    let given = bearer(request.headers());
    if given.is_some_and(|given| steering.token.matches(given)) {
        return next.run(request).await;
    }
    let got = if given.is_some() { "another token" } else { "none" };
    let expected = "Bearer and the token of the control plane, which is no session of the org";
    Problem::new(401, "header Authorization", got, expected).into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

async fn no_such_path(uri: Uri) -> Problem {
    Problem::new(404, "path", uri.path(), format!("a path of {}", document::PATH))
}

async fn no_such_method(method: Method, uri: Uri) -> Problem {
    let expected = format!("a method that {} names for {}", document::PATH, uri.path());
    Problem::new(405, "method", method.as_str(), expected)
}
