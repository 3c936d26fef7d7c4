//! `workflow:salesforce-host/egress`: a request and its answer in one call of the host. What may be sent, and what is kept of it, is
//! as for WASI HTTP.

mod failure;
mod types;

use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::uri::Uri;
use http::{Method, Request};
use salesforce_connector::core::http::Failure;
use tokio::time::{Instant, sleep};
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, WasmList};
use wasmtime_wasi::p2::bindings::random::random::Host as _;
use wasmtime_wasi::random::WasiRandomView as _;
use wasmtime_wasi_http::{RequestOptions, WasiHttpHooks as _};

use self::failure::failure;
use super::store::{FIELDS_BYTES, State};
use crate::egress::NoAnswer;

/// The types of WASI HTTP that the shared file names.
mod wasi {
    pub(super) use wasmtime_wasi_http::Error as ErrorCode;
}

const INTERFACE: &str = "workflow:salesforce-host/egress@0.1.0";

/// For a connection, of a read. Salesforce is near or it is not there.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

/// What is kept of an execution between its calls.
#[derive(Default)]
pub(super) struct Course {
    /// Until when it may send. None before the first request.
    deadline: Option<Instant>,
    /// The beginning of the next request's body.
    given: Vec<u8>,
    /// More was given than a request may have.
    is_too_large: bool,
}

impl Course {
    /// The body of the request that is sent now; none if it is too large.
    fn take_body(&mut self) -> Option<Bytes> {
        let body = std::mem::take(&mut self.given);
        (!std::mem::take(&mut self.is_too_large)).then(|| body.into())
    }
}

type Store<'a> = StoreContextMut<'a, State>;
type Answer = Result<types::Response, types::Failure>;

pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut egress = linker.instance(INTERFACE)?;
    egress.func_wrap_async("send", |store: Store<'_>, (request,): (types::Request,)| {
        Box::new(async move { Ok((send(store, request).await?,)) })
    })?;
    egress.func_wrap("give", |mut store: Store<'_>, (part,): (WasmList<u8>,)| {
        give(&mut store, &part);
        Ok(())
    })?;
    egress.func_wrap_async("pause", |store: Store<'_>, (milliseconds,): (u64,)| {
        Box::new(async move { Ok((pause(store.data().hosted.deadline, Duration::from_millis(milliseconds)).await,)) })
    })?;
    egress.func_wrap("random", |mut store: Store<'_>, (): ()| Ok((store.data_mut().random().get_random_u64()?,)))
}

/// Adds a part to the body of the next request.
fn give(store: &mut Store<'_>, part: &WasmList<u8>) {
    let most = store.data_mut().egress().most_body_bytes();
    let mut given = std::mem::take(&mut store.data_mut().hosted.given);
    let is_too_large = (given.len() + part.len()) as u64 > most;
    if is_too_large {
        given = Vec::new();
    } else {
        given.extend_from_slice(part.as_le_slice(&*store));
    }
    let course = &mut store.data_mut().hosted;
    course.given = given;
    course.is_too_large |= is_too_large;
}

async fn send(mut store: Store<'_>, asked: types::Request) -> wasmtime::Result<Answer> {
    let now = Instant::now();
    let allowed = Duration::from_millis(asked.deadline_ms.into());
    let deadline = *store.data_mut().hosted.deadline.get_or_insert(now + allowed);
    give(&mut store, &asked.body);
    let body = store.data_mut().hosted.take_body();
    if deadline <= now {
        return Ok(Err(types::Failure::Late));
    }
    let Some(body) = body else { return Ok(Err(types::Failure::RequestTooLarge)) };
    let is_forbidden = store.data_mut().egress().forbidden_header_filter();
    let Some(request) = request(&mut store, &asked, body, &*is_forbidden)? else {
        return Ok(Err(types::Failure::Denied));
    };
    // A host that runs it until the answer begins would say of a write that nothing was sent.
    let connect_timeout = (request.method() == Method::GET).then_some(LONGEST_CONNECT);
    let options = RequestOptions { connect_timeout, ..RequestOptions::default() };
    let exchange = store.data_mut().egress().exchange(request, options, asked.max_response_bytes, deadline);
    Ok(match exchange.await {
        Ok((head, body)) => Ok(types::Response {
            status: head.status.as_u16(),
            headers: told(&head.headers, |name| !is_forbidden(name)),
            body,
        }),
        Err(no_answer) => Err(no_answer.into()),
    })
}

/// False, at once, if it would be too late then, or nothing was sent.
async fn pause(deadline: Option<Instant>, wait: Duration) -> bool {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    let in_time = left.is_some_and(|left| wait < left);
    if in_time {
        sleep(wait).await;
    }
    in_time
}

/// The request, if it can be one.
fn request(
    store: &mut Store<'_>,
    asked: &types::Request,
    body: Bytes,
    is_forbidden: &dyn Fn(&HeaderName) -> bool,
) -> wasmtime::Result<Option<Request<Bytes>>> {
    let Some(headers) = headers(store, &asked.headers, is_forbidden)? else { return Ok(None) };
    let uri = [asked.origin.to_str(&*store)?, asked.path_and_query.to_str(&*store)?].concat();
    let Ok(uri) = Uri::try_from(uri) else { return Ok(None) };
    let mut request = Request::new(body);
    *request.method_mut() = match asked.method {
        types::Method::Get => Method::GET,
        types::Method::Post => Method::POST,
        types::Method::Put => Method::PUT,
        types::Method::Patch => Method::PATCH,
        types::Method::Delete => Method::DELETE,
    };
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(Some(request))
}

/// Within the same bounds as fields of WASI HTTP.
fn headers(
    store: &mut Store<'_>,
    asked: &types::Headers,
    is_forbidden: &dyn Fn(&HeaderName) -> bool,
) -> wasmtime::Result<Option<HeaderMap>> {
    let (mut headers, mut bytes) = (HeaderMap::with_capacity(8), 0);
    for index in 0..asked.len() {
        let Some(header) = asked.get(&mut *store, index) else { return Ok(None) };
        let (name, value) = header?;
        let (name, value) = (name.to_str(&*store)?, value.as_le_slice(&*store));
        bytes += name.len() + value.len();
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value)) else {
            return Ok(None);
        };
        if bytes > FIELDS_BYTES || is_forbidden(&name) || headers.try_append(name, value).is_err() {
            return Ok(None);
        }
    }
    Ok(Some(headers))
}

fn told(headers: &HeaderMap, is_told: impl Fn(&HeaderName) -> bool) -> Vec<(String, Vec<u8>)> {
    let told = headers.iter().filter(|(name, _)| is_told(name));
    told.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

impl From<NoAnswer> for types::Failure {
    fn from(no_answer: NoAnswer) -> Self {
        let failure = match no_answer {
            NoAnswer::Late(sent) => Failure::DeadlineExceeded { sent },
            NoAnswer::Unanswered(error) => failure(&error),
            // An answer has begun, so the request has left, whatever the error says.
            NoAnswer::BrokenOff(error) => match failure(&error) {
                known @ (Failure::HostTimeout | Failure::ResponseTooLarge) => known,
                _ => Failure::Interrupted,
            },
        };
        match failure {
            Failure::Unreachable => Self::Unreachable,
            Failure::Insecure => Self::Insecure,
            Failure::Denied => Self::Denied,
            Failure::DeadlineExceeded { sent: false } => Self::Late,
            Failure::Interrupted => Self::Interrupted,
            Failure::HostTimeout => Self::HostTimeout,
            Failure::DeadlineExceeded { sent: true } => Self::DeadlineExceeded,
            Failure::ResponseTooLarge => Self::ResponseTooLarge,
            Failure::RequestTooLarge => Self::RequestTooLarge,
        }
    }
}
