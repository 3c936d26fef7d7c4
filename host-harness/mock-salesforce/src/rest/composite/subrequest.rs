//! One request inside of another, sent to the router of all resources.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;

use super::Composite;
use crate::ApiError;
use crate::answer::Writes;
use crate::ledger::Write;
use crate::pipeline::without_trailing_slash;
use crate::rest::call::{Call, LongQuery};
use crate::rest::told_allowed_methods;
use crate::rest::version::Version;

/// The longest that [`Uri`] takes, in bytes. A query in SOQL may be longer.
const LONGEST_URI: usize = 65_534;

/// What the client wants done.
#[derive(Debug, Clone)]
pub(super) struct Subrequest {
    pub(super) method: Method,
    /// Path and query, from the root.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Value>,
}

/// What became of it.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Null when there is none.
    pub(super) body: Value,
    pub(super) writes: Vec<Write>,
}

impl Answered {
    pub(super) fn refused(error: &ApiError) -> Self {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
        Self { status, headers: HeaderMap::new(), body: error.body(), writes: Vec::new() }
    }

    /// Whether it failed, or a record of a collection did.
    pub(super) fn failed(&self) -> bool {
        let item_failed = |item: &Value| item.get("success") == Some(&Value::Bool(false));
        self.status.as_u16() >= 300 || self.body.as_array().is_some_and(|items| items.iter().any(item_failed))
    }
}

impl Composite {
    /// Answers a subrequest as the same request alone would be answered. It is not counted against the day's allowance.
    pub(super) async fn answer(&self, call: &Call, subrequest: Subrequest) -> Answered {
        let method = subrequest.method.clone();
        match request(call, subrequest) {
            Ok(request) => {
                let resources = TowerToHyperService::new(self.resources.clone());
                let answered: Result<Response, Infallible> = resources.call(request).await;
                match answered {
                    Ok(response) => read(told_allowed_methods(&method, response)).await,
                    Err(never) => match never {},
                }
            }
            Err(error) => Answered::refused(&error),
        }
    }
}

/// Session, `Accept` and `Content-Type` are those of the request around.
fn request(call: &Call, subrequest: Subrequest) -> Result<Request<Body>, ApiError> {
    let (path, query) = subrequest.target.split_once('?').unwrap_or((&subrequest.target, ""));
    let is_long = subrequest.target.len() > LONGEST_URI;
    let uri: Uri = if is_long { path } else { &subrequest.target }.parse().map_err(|_| ApiError::not_found())?;
    let version = Version::parse(uri.path().split('/').nth(3).unwrap_or_default())?;
    let body = subrequest.body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let mut request = Request::new(body);
    let of_its_own = Call::new(version, call.bearer.clone(), &subrequest.headers);
    request.extensions_mut().insert(Call { entry: call.entry.clone(), ..of_its_own });
    if is_long {
        request.extensions_mut().insert(LongQuery(query.to_owned()));
    }
    *request.method_mut() = subrequest.method;
    *request.uri_mut() = without_trailing_slash(uri);
    *request.headers_mut() = subrequest.headers;
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(request)
}

async fn read(mut response: Response) -> Answered {
    let writes = response.extensions_mut().remove().map(|Writes(writes)| writes).unwrap_or_default();
    let (parts, body) = response.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            let error = ApiError::new(500, "UNKNOWN_EXCEPTION", error.to_string());
            return Answered { writes, ..Answered::refused(&error) };
        }
    };
    // What is not JSON, the bytes of a blob, has no place in an answer that is.
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Answered { status: parts.status, headers: parts.headers, body, writes }
}
