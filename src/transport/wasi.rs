//! WASI HTTP, and WASI's clock and random bytes.
//!
//! A call has one deadline, kept by polling every wait against the monotonic clock. Of a request's own timeouts only the one
//! for connecting is set, which is shorter, and only for reads. Every import and every call of the host costs an execution
//! part of a microsecond, so there is none that could be spared. The end of a handle is such a call: handles are dropped when
//! the next request begins, and those of the last one go with the instance.

use std::mem::ManuallyDrop;

use waki::bindings::wasi::clocks::monotonic_clock::{self, Instant};
use waki::bindings::wasi::http::outgoing_handler;
pub(super) use waki::bindings::wasi::http::types::ErrorCode;
use waki::bindings::wasi::http::types::{
    Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method as WasiMethod, OutgoingBody,
    OutgoingRequest, RequestOptions, Scheme as WasiScheme, http_error_code,
};
use waki::bindings::wasi::io::poll::{Pollable, poll};
use waki::bindings::wasi::io::streams::{InputStream, OutputStream, StreamError};
use waki::bindings::wasi::random::random;

use super::failure::failure;
use crate::ALLOCATOR;
use crate::core::call_options::CallOptions;
use crate::core::http::{Failure, Method, Request, Response, Transport};
use crate::core::oauth::RANDOM_BYTES;
use crate::core::origin::Scheme;

const NANOSECONDS_PER_MS: u64 = 1_000_000;

/// Nanoseconds for a connection, if the deadline allows as much. Salesforce is near or it is not there.
const LONGEST_CONNECT: u64 = 10_000 * NANOSECONDS_PER_MS;

/// Bytes to ask for at once: more than hosts buffer of a body, for each piece costs a call of the host.
const READ_SIZE: u64 = 1 << 20;

/// Bytes to set aside for a body that says it is as long: a claim alone must not use up the memory of the instance.
const MOST_RESERVED: u64 = 8 << 20;

/// Bytes to set aside for a body that does not say how long it is, until it is longer.
const LEAST_RESERVED: usize = 4 << 10;

/// WASI HTTP, until the deadline.
pub struct HttpTransport {
    /// Nanoseconds for all requests of the call, from the first one on.
    allowed: u64,
    /// None before the first request.
    deadline: Option<Instant>,
    /// Ready at the deadline; made for the first wait.
    alarm: ManuallyDrop<Option<Pollable>>,
    /// Of the last answer, read to its end.
    handles: ManuallyDrop<Option<Handles>>,
}

/// Children before their parents, for so they are dropped.
type Handles = (Pollable, FutureIncomingResponse, Fields, InputStream, IncomingBody, IncomingResponse);

/// Random bytes for an authorization.
pub fn random_bytes() -> [u8; RANDOM_BYTES] {
    let mut bytes = [0; RANDOM_BYTES];
    for (byte, drawn) in bytes.iter_mut().zip(random::get_random_bytes(RANDOM_BYTES as u64)) {
        *byte = drawn;
    }
    bytes
}

impl HttpTransport {
    /// The time of the call begins with its first request.
    pub fn start(options: &CallOptions) -> Self {
        Self {
            allowed: u64::from(options.deadline_ms) * NANOSECONDS_PER_MS,
            deadline: None,
            alarm: ManuallyDrop::default(),
            handles: ManuallyDrop::default(),
        }
    }

    fn remaining(&mut self) -> u64 {
        let now = monotonic_clock::now();
        self.deadline.get_or_insert(now + self.allowed).saturating_sub(now)
    }

    /// Waits for `pollable`. False if the deadline passes first.
    #[expect(
        unsafe_code,
        reason = "the buffer of a body grows in its place only while nothing was allocated behind it"
    )]
    fn wait(&mut self, pollable: &Pollable) -> bool {
        let deadline = self.deadline.unwrap_or_default();
        let alarm = self.alarm.get_or_insert_with(|| monotonic_clock::subscribe_instant(deadline));
        // SAFETY: handles are numbers, and the lists of them that go to the host and come back are not kept.
        unsafe { ALLOCATOR.lend(|| poll(&[pollable, alarm]).contains(&0)) }
    }
}

impl Transport for HttpTransport {
    fn send(&mut self, request: &Request<'_>, max_response_bytes: u64) -> Result<Response, Failure> {
        let remaining = self.remaining();
        if remaining == 0 {
            return Err(Failure::DeadlineExceeded { sent: false });
        }
        drop(self.handles.take());
        let outgoing = outgoing_request(request)?;
        let body = outgoing.body().map_err(|()| Failure::Denied)?;
        let bytes = request.body.as_ref().map_or(&[][..], |body| &body.bytes);
        let stream = if bytes.is_empty() { None } else { Some(body.write().map_err(|()| Failure::Denied)?) };
        let handle =
            || outgoing_handler::handle(outgoing, timeouts(request.method, remaining)).map_err(|code| failure(&code));

        // A body that fits is complete before the request starts, so a host can send both in one packet.
        let permit = stream.as_ref().map_or(Ok(0), OutputStream::check_write);
        let future = if permit.is_ok_and(|permit| permit >= bytes.len() as u64) {
            if let Some(stream) = stream {
                stream.write(bytes).map_err(|_| Failure::Denied)?;
            }
            OutgoingBody::finish(body, None).map_err(|_| Failure::Denied)?;
            handle()?
        } else {
            let future = handle()?;
            // A write that fails says less than the answer, which is read all the same.
            if let Some(stream) = stream
                && self.write_all(&stream, bytes)?
            {
                drop(stream);
                drop(OutgoingBody::finish(body, None));
            }
            future
        };

        let arrival = future.subscribe();
        loop {
            if !self.wait(&arrival) {
                return Err(Failure::DeadlineExceeded { sent: true });
            }
            if let Some(answer) = future.get() {
                let incoming = answer.map_err(|()| Failure::Interrupted)?.map_err(|code| failure(&code))?;
                let (response, headers, stream, body) = self.read(&incoming, max_response_bytes)?;
                *self.handles = Some((arrival, future, headers, stream, body, incoming));
                return Ok(response);
            }
        }
    }

    fn pause(&mut self, milliseconds: u64) -> bool {
        let duration = milliseconds.saturating_mul(NANOSECONDS_PER_MS);
        let in_time = duration < self.remaining();
        if in_time {
            monotonic_clock::subscribe_duration(duration).block();
        }
        in_time
    }

    fn random(&mut self) -> u64 {
        random::get_random_u64()
    }
}

impl HttpTransport {
    /// Writes as fast as the host takes it. False if the host takes no more.
    fn write_all(&mut self, stream: &OutputStream, mut bytes: &[u8]) -> Result<bool, Failure> {
        while !bytes.is_empty() {
            let Ok(permit) = stream.check_write() else {
                return Ok(false);
            };
            if permit == 0 {
                if !self.wait(&stream.subscribe()) {
                    return Err(Failure::DeadlineExceeded { sent: true });
                }
                continue;
            }
            let permit = usize::try_from(permit).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at_checked(permit).unwrap_or((bytes, &[]));
            if stream.write(now).is_err() {
                return Ok(false);
            }
            bytes = later;
        }
        Ok(true)
    }

    fn read(
        &mut self,
        incoming: &IncomingResponse,
        max_response_bytes: u64,
    ) -> Result<(Response, Fields, InputStream, IncomingBody), Failure> {
        let status = incoming.status();
        let headers = incoming.headers();
        let body = incoming.consume().map_err(|()| Failure::Interrupted)?;
        let mut response = Response { status, headers: headers.entries(), body: Vec::new() };
        let declared = response.header("content-length").and_then(|length| length.parse::<u64>().ok());
        // Of a 304 it is how long the body would be (RFC 9110 section 8.6).
        let declared = declared.filter(|_| status != 304);
        if declared.is_some_and(|length| length > max_response_bytes) {
            return Err(Failure::ResponseTooLarge);
        }
        let stream = body.stream().map_err(|()| Failure::Interrupted)?;
        response.body = self.read_all(&stream, declared, max_response_bytes)?;
        // A host may not check this.
        if declared.is_some_and(|length| length != response.body.len() as u64) {
            return Err(Failure::Interrupted);
        }
        Ok((response, headers, stream, body))
    }

    /// Reads to the end, into one buffer: `declared` is how long the body says it is. Of one that does not say it, no piece is
    /// asked for that is longer than the room left, for the buffer grows in its place before a piece comes and moves after.
    fn read_all(
        &mut self,
        stream: &InputStream,
        declared: Option<u64>,
        max_response_bytes: u64,
    ) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::with_capacity(declared.map_or(0, |length| length.min(MOST_RESERVED) as usize));
        loop {
            let mut wanted = READ_SIZE;
            if declared.is_none_or(|length| length > body.len() as u64) {
                if body.len() == body.capacity() {
                    body.reserve_exact(LEAST_RESERVED.max(body.len() / 2));
                }
                wanted = wanted.min((body.capacity() - body.len()) as u64);
            }
            match stream.read(wanted) {
                Ok(bytes) if bytes.is_empty() => {
                    if !self.wait(&stream.subscribe()) {
                        return Err(Failure::DeadlineExceeded { sent: true });
                    }
                }
                Ok(bytes) => {
                    if (body.len() + bytes.len()) as u64 > max_response_bytes {
                        return Err(Failure::ResponseTooLarge);
                    }
                    body.extend_from_slice(&bytes);
                    ALLOCATOR.give_back(bytes);
                    if declared == Some(body.len() as u64) {
                        return Ok(body);
                    }
                    // A peer that always has one more byte must not keep the call from its deadline.
                    if self.remaining() == 0 {
                        return Err(Failure::DeadlineExceeded { sent: true });
                    }
                }
                Err(StreamError::Closed) => {
                    body.shrink_to_fit();
                    return Ok(body);
                }
                Err(StreamError::LastOperationFailed(error)) => {
                    let code = http_error_code(&error);
                    return Err(match code.map(|code| failure(&code)) {
                        // An answer has begun, so the request has left, whatever the code says.
                        Some(known @ (Failure::HostTimeout | Failure::ResponseTooLarge)) => known,
                        _ => Failure::Interrupted,
                    });
                }
            }
        }
    }
}

fn outgoing_request(request: &Request<'_>) -> Result<OutgoingRequest, Failure> {
    let headers: Vec<_> = request.headers().into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    let outgoing = OutgoingRequest::new(Fields::from_list(&headers).map_err(|_| Failure::Denied)?);
    let method = match request.method {
        Method::Get => None, // what it is made with
        Method::Post => Some(WasiMethod::Post),
        Method::Put => Some(WasiMethod::Put),
        Method::Patch => Some(WasiMethod::Patch),
        Method::Delete => Some(WasiMethod::Delete),
    };
    let scheme = match request.origin.scheme() {
        Scheme::Http => WasiScheme::Http,
        Scheme::Https => WasiScheme::Https,
    };
    method
        .map_or(Ok(()), |method| outgoing.set_method(&method))
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(Some(request.origin.authority())))
        .and_then(|()| outgoing.set_path_with_query(Some(&request.path_and_query)))
        .map_err(|()| Failure::Denied)?;
    Ok(outgoing)
}

/// A host that does not know the timeout ignores it; the deadline holds all the same. Only reads have it: there are hosts
/// that run it until the answer begins, and then say that there was no connection when a record was written long ago.
fn timeouts(method: Method, remaining: u64) -> Option<RequestOptions> {
    if method != Method::Get {
        return None;
    }
    let options = RequestOptions::new();
    _ = options.set_connect_timeout(Some(remaining.min(LONGEST_CONNECT)));
    Some(options)
}
