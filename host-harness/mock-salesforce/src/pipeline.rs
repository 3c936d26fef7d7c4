//! One request from arrival to answer: the ledger, scripted faults, limits of size, then the router.

use std::convert::Infallible;
use std::future::pending;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use crate::answer::{self, Writes};
use crate::fault::{FRAMING, Fault, Faults};
use crate::ledger::{Entry, Ledger, OpenEntry};
use crate::lock::lock;
use crate::site::Site;
use crate::watch::Watcher;
use crate::wire::Step;
use crate::{control, redact, rest};

/// The largest URI, and the largest sum of URI and headers, in bytes.
const HEAD_LIMIT: usize = 16_384;
/// The largest body, in bytes: 50 MB, as the REST API documents it for most resources.
const BODY_LIMIT: usize = 50 * 1024 * 1024;
/// The largest upload of a job of the Bulk API, in bytes: what 150 MB in base64 hold.
const BULK_LIMIT: usize = 112 * 1024 * 1024;

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Abandoned {
    /// In an orderly way.
    #[error("the connection is closed without an answer")]
    Closed,
    /// With a reset.
    #[error("the connection is reset without an answer")]
    Reset,
    /// After these steps below HTTP.
    #[error("a script is played in place of an answer")]
    Wire(Vec<Step>),
}

/// What every request passes.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) site: Arc<Site>,
    pub(crate) ledger: Arc<Mutex<Ledger>>,
    pub(crate) faults: Arc<Mutex<Faults>>,
    pub(crate) watcher: Option<Watcher>,
    pub(crate) router: Router,
    /// The control plane, which is no part of the org: its requests meet no fault and stand in no ledger.
    pub(crate) control: Option<Router>,
}

impl Pipeline {
    /// Answers one request, or says how its connection shall end.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Result<Response, Abandoned> {
        if let Some(control) = self.control.clone().filter(|_| control::owns(request.uri().path())) {
            let router = TowerToHyperService::new(control);
            let answered: Result<_, Infallible> = router.call(request.map(Body::new)).await;
            return match answered {
                Ok(response) => Ok(response),
                Err(never) => match never {},
            };
        }
        let (mut parts, body) = request.into_parts();
        let body = match Limited::new(body, self.body_limit(&parts)).collect().await {
            Ok(body) => Some(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => None,
            Err(_) => return Err(Abandoned::Closed),
        };
        if let Some(watcher) = &self.watcher {
            watcher.see(&parts, body.as_ref());
        }
        let sequence = lock(&self.ledger).arrive(entry(&parts, body.as_ref()));
        parts.uri = with_one_leading_slash(parts.uri);
        let fault = lock(&self.faults).take(parts.method.as_str(), &parts.uri, sequence);
        let work = self.work(parts, body, sequence);
        let response = match fault {
            None => work.await,
            Some(Fault::Delay(time)) => {
                tokio::time::sleep(time).await;
                work.await
            }
            Some(Fault::Answer { status, headers, body }) => scripted(status, headers, body),
            Some(Fault::Replace(body)) => {
                let mut response = answer::json(StatusCode::OK, &body);
                answer::decorate(&mut response, self.site.now());
                work.await;
                response
            }
            Some(Fault::Hang) => pending().await,
            Some(Fault::HangAfterWork) => {
                work.await;
                pending().await
            }
            Some(Fault::Close) => return Err(Abandoned::Closed),
            Some(Fault::CloseAfterWork) => {
                work.await;
                return Err(Abandoned::Closed);
            }
            Some(Fault::Reset) => return Err(Abandoned::Reset),
            Some(Fault::ResetAfterWork) => {
                work.await;
                return Err(Abandoned::Reset);
            }
            Some(Fault::Wire(steps)) => return Err(Abandoned::Wire(steps)),
            Some(Fault::WireAfterWork(steps)) => {
                work.await;
                return Err(Abandoned::Wire(steps));
            }
        };
        lock(&self.ledger).answered(sequence, response.status().as_u16());
        Ok(response)
    }

    fn body_limit(&self, parts: &Parts) -> usize {
        if parts.uri.path().contains("/jobs/ingest/") {
            BULK_LIMIT
        } else {
            rest::blobs::limit(&self.site, parts).unwrap_or(BODY_LIMIT)
        }
    }

    /// The answer without any fault. What it changed is in the ledger when it returns.
    async fn work(&self, mut parts: Parts, body: Option<Bytes>, sequence: u64) -> Response {
        let mut response = match (refusal(&parts), body) {
            (Some(status), _) => bad_message(status),
            (None, None) => bad_message(StatusCode::PAYLOAD_TOO_LARGE),
            (None, Some(body)) => {
                parts.uri = without_trailing_slash(parts.uri);
                parts.method = method(&parts);
                parts.extensions.insert(OpenEntry { ledger: Arc::clone(&self.ledger), sequence });
                let (method, is_data) = (parts.method.clone(), parts.uri.path().starts_with("/services/data"));
                let router = TowerToHyperService::new(self.router.clone());
                let answered: Result<_, Infallible> = router.call(Request::from_parts(parts, Body::from(body))).await;
                match answered {
                    Ok(response) if is_data => rest::told_allowed_methods(&method, response),
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
        };
        if let Some(Writes(writes)) = response.extensions_mut().remove() {
            lock(&self.ledger).changed(sequence, writes);
        }
        answer::decorate(&mut response, self.site.now());
        response
    }
}

/// The method that a client means which can send no PATCH or DELETE: `POST ...?_HttpMethod=PATCH`.
///
/// Source: REST API Developer Guide, "Update a Record".
fn method(parts: &Parts) -> Method {
    let meant = || {
        let mut pairs = form_urlencoded::parse(parts.uri.query()?.as_bytes());
        let (_, name) = pairs.find(|(name, _)| name == "_HttpMethod")?;
        [Method::PATCH, Method::DELETE].into_iter().find(|method| name.eq_ignore_ascii_case(method.as_str()))
    };
    let is_data = parts.method == Method::POST && parts.uri.path().starts_with("/services/data/");
    is_data.then(meant).flatten().unwrap_or_else(|| parts.method.clone())
}

/// Salesforce's command line joins an origin that ends in a slash with a path that begins with one, and orgs answer it.
fn with_one_leading_slash(uri: Uri) -> Uri {
    match uri.path().strip_prefix("//") {
        Some(rest) => with_path(&uri, &format!("/{}", rest.trim_start_matches('/'))),
        None => uri,
    }
}

/// Salesforce's resources answer with and without a slash at the end of their path.
pub(crate) fn without_trailing_slash(uri: Uri) -> Uri {
    match uri.path().strip_suffix('/').filter(|shorter| !shorter.is_empty()) {
        Some(shorter) => with_path(&uri, shorter),
        None => uri,
    }
}

fn with_path(uri: &Uri, path: &str) -> Uri {
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    Uri::try_from(target).unwrap_or_else(|_| uri.clone())
}

fn refusal(parts: &Parts) -> Option<StatusCode> {
    let uri = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let headers: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if uri > HEAD_LIMIT {
        Some(StatusCode::URI_TOO_LONG)
    } else if uri + headers > HEAD_LIMIT {
        Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    } else {
        None
    }
}

/// What the server in front of Salesforce's own code says, in HTML.
fn bad_message(status: StatusCode) -> Response {
    let reason = status.canonical_reason().unwrap_or_default();
    let page = format!("<h1>Bad Message {}</h1><pre>reason: {reason}</pre>", status.as_u16());
    answer::html(status, page)
}

fn scripted(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let framing = |name: &str| FRAMING.iter().any(|known| name.eq_ignore_ascii_case(known));
    for (name, value) in headers.into_iter().filter(|(name, _)| !framing(name)) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn entry(parts: &Parts, body: Option<&Bytes>) -> Entry {
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kept = match body.map(|body| String::from_utf8_lossy(body)) {
        Some(text) if content_type.starts_with("application/json") => Some(text.into_owned()),
        Some(text) if content_type.starts_with("application/x-www-form-urlencoded") => Some(redact::parameters(&text)),
        _ => None,
    };
    Entry {
        sequence: 0,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: redact::parameters(parts.uri.query().unwrap_or("")),
        headers: redact::headers(&parts.headers),
        body_length: body.map_or(0, Bytes::len),
        body: kept,
        status: None,
        writes: Vec::new(),
    }
}
