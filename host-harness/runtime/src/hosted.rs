//! `workflow:salesforce-host/egress`: a request and its answer in one call of the host. What may be sent, and what is kept of it, is
//! as for WASI HTTP.

#[path = "../../../src/transport/failure.rs"]
mod failure;

use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::uri::Uri;
use http::{Method, Request};
use salesforce_connector::core::http::Failure;
use tokio::time::{Instant, sleep};
use wasmtime::component::{HasSelf, Linker};
use wasmtime_wasi::p2::bindings::random::random::Host as _;
use wasmtime_wasi::random::WasiRandomView;
use wasmtime_wasi_http::{RequestOptions, WasiHttpHooks as _};

use self::bindings::workflow::salesforce_host::egress;
use self::failure::failure;
use super::store::{FIELDS_BYTES, State};
use crate::egress::{ExecutionEgress, NoAnswer};

/// The types of WASI HTTP that the shared file names.
mod wasi {
    pub(super) use wasmtime_wasi_http::Error as ErrorCode;
}

#[allow(missing_docs, unreachable_pub, unused_qualifications, reason = "generated; wit/ holds the documentation")]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/host",
        world: "workflow:salesforce-host/host",
        imports: { default: async | trappable },
        require_store_data_send: true,
    });
}

/// For a connection, of a read. Salesforce is near or it is not there.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    egress::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}

impl egress::Host for State {
    async fn send(&mut self, asked: egress::Request) -> wasmtime::Result<Result<egress::Response, egress::Failure>> {
        let now = Instant::now();
        let allowed = Duration::from_millis(asked.deadline_ms.into());
        let deadline = *self.deadline.get_or_insert(now + allowed);
        if deadline <= now {
            return Ok(Err(egress::Failure::Late));
        }
        let most = asked.max_response_bytes;
        let Some(request) = request(asked, self.egress()) else { return Ok(Err(egress::Failure::Denied)) };
        // A host that runs it until the answer begins would say of a write that nothing was sent.
        let connect_timeout = (request.method() == Method::GET).then_some(LONGEST_CONNECT);
        let options = RequestOptions { connect_timeout, ..RequestOptions::default() };
        let answer = self.egress().exchange(request, options, most, deadline).await;
        let is_told = self.egress().forbidden_header_filter();
        Ok(match answer {
            Ok((head, body)) => Ok(egress::Response {
                status: head.status.as_u16(),
                headers: told(&head.headers, |name| !is_told(name)),
                body: body.into(),
            }),
            Err(no_answer) => Err(no_answer.into()),
        })
    }

    async fn pause(&mut self, milliseconds: u64) -> wasmtime::Result<bool> {
        let wait = Duration::from_millis(milliseconds);
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let in_time = left.is_some_and(|left| wait < left);
        if in_time {
            sleep(wait).await;
        }
        Ok(in_time)
    }

    async fn random(&mut self) -> wasmtime::Result<u64> {
        WasiRandomView::random(self).get_random_u64()
    }
}

/// The request, if it can be one.
fn request(asked: egress::Request, egress: &mut ExecutionEgress) -> Option<Request<Bytes>> {
    let is_forbidden = egress.forbidden_header_filter();
    let bytes: usize = asked.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > FIELDS_BYTES {
        return None;
    }
    let mut headers = HeaderMap::with_capacity(asked.headers.len() + 2);
    for (name, value) in asked.headers {
        let name = HeaderName::try_from(name).ok().filter(|name| !is_forbidden(name))?;
        headers.try_append(name, HeaderValue::try_from(value).ok()?).ok()?;
    }
    let mut request = Request::new(asked.body.into());
    *request.method_mut() = match asked.method {
        egress::Method::Get => Method::GET,
        egress::Method::Post => Method::POST,
        egress::Method::Put => Method::PUT,
        egress::Method::Patch => Method::PATCH,
        egress::Method::Delete => Method::DELETE,
    };
    *request.uri_mut() = Uri::try_from(asked.origin + &asked.path_and_query).ok()?;
    *request.headers_mut() = headers;
    Some(request)
}

fn told(headers: &HeaderMap, is_told: impl Fn(&HeaderName) -> bool) -> Vec<(String, Vec<u8>)> {
    let told = headers.iter().filter(|(name, _)| is_told(name));
    told.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

impl From<NoAnswer> for egress::Failure {
    fn from(no_answer: NoAnswer) -> Self {
        let failure = match no_answer {
            NoAnswer::Late => Failure::DeadlineExceeded { sent: true },
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
