//! The host's `egress.send`: `wit/host/`.

use crate::core::call_options::CallOptions;
use crate::core::http::{Failure, Method, Request, Response, Transport};
use crate::core::oauth::RANDOM_BYTES;
use bindings::workflow::salesforce_host::egress;

/// Generated from `wit/host/`, and a part of the component's world beside [`crate::world`].
mod bindings {
    wit_bindgen::generate!({
        path: "wit/host",
        world: "workflow:salesforce-host/host",
        ownership: Borrowing { duplicate_if_necessary: false },
    });
}

/// Bytes of a body that one call hands over.
const PART: usize = 1 << 20;

/// What the host adds to every request.
const ADDED_BY_HOST: &str = "content-length";

/// The host's egress. It keeps the deadline of the call.
pub struct HttpTransport {
    deadline_ms: u32,
}

/// Random bytes for an authorization.
pub fn random_bytes() -> [u8; RANDOM_BYTES] {
    let mut bytes = [0; RANDOM_BYTES];
    for chunk in bytes.chunks_mut(size_of::<u64>()) {
        for (byte, drawn) in chunk.iter_mut().zip(egress::random().to_le_bytes()) {
            *byte = drawn;
        }
    }
    bytes
}

impl HttpTransport {
    /// The time of the call begins with its first request.
    pub fn start(options: &CallOptions) -> Self {
        Self { deadline_ms: options.deadline_ms }
    }
}

impl Transport for HttpTransport {
    fn send(&mut self, request: &Request<'_>, max_response_bytes: u64) -> Result<Response, Failure> {
        let headers = request.headers();
        let headers = headers.iter().filter(|(name, _)| *name != ADDED_BY_HOST);
        let headers: Vec<(&str, &[u8])> = headers.map(|(name, value)| (*name, value.as_slice())).collect();
        let mut body = request.body.as_ref().map_or(&[][..], |body| &body.bytes);
        while let Some((part, rest)) = body.split_at_checked(PART).filter(|(_, rest)| !rest.is_empty()) {
            egress::give(part);
            body = rest;
        }
        let answer = egress::send(egress::Request {
            method: match request.method {
                Method::Get => egress::Method::Get,
                Method::Post => egress::Method::Post,
                Method::Put => egress::Method::Put,
                Method::Patch => egress::Method::Patch,
                Method::Delete => egress::Method::Delete,
            },
            origin: &request.origin.url(),
            path_and_query: &request.path_and_query,
            headers: &headers,
            body,
            max_response_bytes,
            deadline_ms: self.deadline_ms,
        });
        match answer {
            Ok(egress::Response { status, headers, body }) => Ok(Response { status, headers, body }),
            Err(failure) => Err(match failure {
                egress::Failure::Unreachable => Failure::Unreachable,
                egress::Failure::Insecure => Failure::Insecure,
                egress::Failure::Denied => Failure::Denied,
                egress::Failure::Late => Failure::DeadlineExceeded { sent: false },
                egress::Failure::Interrupted => Failure::Interrupted,
                egress::Failure::HostTimeout => Failure::HostTimeout,
                egress::Failure::DeadlineExceeded => Failure::DeadlineExceeded { sent: true },
                egress::Failure::ResponseTooLarge => Failure::ResponseTooLarge,
                egress::Failure::RequestTooLarge => Failure::RequestTooLarge,
            }),
        }
    }

    fn pause(&mut self, milliseconds: u64) -> bool {
        egress::pause(milliseconds)
    }

    fn random(&mut self) -> u64 {
        egress::random()
    }
}
