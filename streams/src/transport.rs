//! Requests over WASI HTTP 0.3: the only module that knows it. `outgoing` and `incoming` are bodies that pass through.
//!
//! Everything here is lowered asynchronously: a host that is called synchronously waits for trailers that the component, which
//! waits for the host, never writes.

#[path = "../../src/transport/failure.rs"]
mod failure;
mod incoming;
mod outgoing;

use std::pin::pin;

use salesforce_connector::core::call_options::CallOptions;
use salesforce_connector::core::error::{Error, Result as Checked};
use salesforce_connector::core::http::{Body, BodyLength, Failure, Method, Request, Response};
use salesforce_connector::core::origin::Scheme;
use wit_bindgen::StreamResult;

use self::failure::failure;
pub(crate) use self::incoming::Incoming;
pub(crate) use self::outgoing::Outgoing;
use crate::both::{First, first};
use crate::deadline::Deadline;
use crate::world::http::client;
use crate::world::http::types::{
    ErrorCode, Fields, Method as WasiMethod, Request as WasiRequest, RequestOptions, Response as WasiResponse,
    Scheme as WasiScheme,
};
use crate::world::wit_future;

/// The types of WASI HTTP that the shared file names.
mod wasi {
    pub(super) use crate::world::http::types::ErrorCode;
}

/// Nanoseconds for a connection, if the deadline allows as much.
const LONGEST_CONNECT: u64 = 10_000_000_000;

/// Bytes to set aside for a body that says it is as long: a claim alone must not use up the memory of the instance.
const MOST_RESERVED: u64 = 8 << 20;

/// What is set aside is a multiple of it, so that the next body, which is a little longer, has room where one was.
const STEP: usize = 64 << 10;

/// Sends a request and reads the whole answer. Redirects are not followed. `room` is where the body goes, as far as it has room.
pub(crate) async fn send(
    request: &Request<'_>,
    max_response_bytes: u64,
    deadline: &mut Deadline,
    room: Vec<u8>,
) -> Result<Response, Failure> {
    let answer = open(request, deadline).await?;
    let whole = deadline.within(read(answer, max_response_bytes, room)).await;
    whole.ok_or(Failure::DeadlineExceeded { sent: true })?
}

/// Sends a request and waits for the head of its answer.
pub(crate) async fn open(request: &Request<'_>, deadline: &mut Deadline) -> Result<WasiResponse, Failure> {
    let remaining = deadline.remaining();
    if remaining == 0 {
        return Err(Failure::DeadlineExceeded { sent: false });
    }
    let (outgoing, body) = outgoing_request(request, remaining)?;
    let bytes = request.body.as_ref().map(|body| body.bytes.clone());
    let work = async {
        let mut sending = pin!(client::send(outgoing));
        let Some((mut body, bytes)) = body.zip(bytes) else { return sending.await };
        let handing_over = async {
            body.write(bytes).await;
            body.finish().await;
        };
        match first(sending.as_mut(), handing_over).await {
            First::One(answer) => answer,
            First::Other(()) => sending.await,
        }
    };
    let answer = deadline.within(work).await.ok_or(Failure::DeadlineExceeded { sent: true })?;
    answer.map_err(|code| failure(&code))
}

/// Sends a request whose body `feed` hands over while it goes out. The deadline is that of the answer, once it has. Beside the answer:
/// what `feed` gave; none if the answer came before it was done. An error of `feed` ends the request.
pub(crate) async fn put<T>(
    request: &Request<'_>,
    options: &CallOptions,
    feed: impl AsyncFnOnce(&mut Outgoing) -> Checked<T>,
) -> Checked<(Result<Response, Failure>, Option<T>)> {
    let (outgoing, body) = match outgoing_request(request, LONGEST_CONNECT) {
        Ok((outgoing, Some(body))) => (outgoing, body),
        _ => return Ok((Err(Failure::Denied), None)),
    };
    let (mut fed, mut deadline) = (None, None);
    let answer = {
        let mut sending = pin!(client::send(outgoing));
        let feeding = async {
            let mut body = body;
            fed = Some(feed(&mut body).await?);
            body.finish().await;
            Ok::<(), Box<Error>>(())
        };
        match first(sending.as_mut(), feeding).await {
            First::One(answer) => Some(answer),
            First::Other(handed_over) => {
                handed_over?;
                deadline.insert(Deadline::start(options)).within(sending).await
            }
        }
    };
    let whole = async {
        let answer = answer.ok_or(Failure::DeadlineExceeded { sent: true })?.map_err(|code| failure(&code))?;
        read(answer, options.max_response_bytes, Vec::new()).await
    };
    let whole = deadline.unwrap_or_else(|| Deadline::start(options)).within(whole).await;
    Ok((whole.unwrap_or(Err(Failure::DeadlineExceeded { sent: true })), fed))
}

/// An answer without its body.
fn head(answer: &WasiResponse) -> Response {
    Response { status: answer.get_status_code(), headers: answer.get_headers().copy_all(), body: Vec::new() }
}

/// What the end of a body says that has none.
fn broken(code: &ErrorCode) -> Failure {
    match failure(code) {
        // An answer has begun, so the request has left, whatever the code says.
        known @ (Failure::HostTimeout | Failure::ResponseTooLarge) => known,
        _ => Failure::Interrupted,
    }
}

/// Reads an answer to its end, into `room` as far as that goes.
pub(crate) async fn read(answer: WasiResponse, max_response_bytes: u64, room: Vec<u8>) -> Result<Response, Failure> {
    let mut response = head(&answer);
    let declared = response.header("content-length").and_then(|length| length.parse::<u64>().ok());
    if declared.is_some_and(|length| length > max_response_bytes) {
        return Err(Failure::ResponseTooLarge);
    }
    // Dropped, it says that this side has no error.
    let (_, no_error) = wit_future::new(|| Ok(()));
    let (mut contents, end) = WasiResponse::consume_body(answer, no_error);
    let mut body = with_room(room, declared.map_or(0, |length| length.min(MOST_RESERVED) as usize));
    loop {
        if body.len() == body.capacity() {
            body.reserve_exact((body.len() / 2).max(1).next_multiple_of(STEP));
        }
        let (result, read) = contents.read(body).await;
        body = read;
        if body.len() as u64 > max_response_bytes {
            return Err(Failure::ResponseTooLarge);
        }
        if result == StreamResult::Dropped {
            break;
        }
    }
    // The stream has ended; this says whether the body has.
    end.await.map_err(|code| broken(&code))?;
    if declared.is_some_and(|length| length != body.len() as u64) {
        return Err(Failure::Interrupted);
    }
    response.body = body;
    Ok(response)
}

/// An empty body with room for so many bytes, and for one that would be too many. The old room is let go before there is new.
fn with_room(mut room: Vec<u8>, length: usize) -> Vec<u8> {
    room.clear();
    if room.capacity() > length {
        return room;
    }
    drop(room);
    Vec::with_capacity((length + 1).next_multiple_of(STEP))
}

/// A request, and where its body is handed over if it has one.
fn outgoing_request(request: &Request<'_>, remaining: u64) -> Result<(WasiRequest, Option<Outgoing>), Failure> {
    let headers: Vec<_> = request.headers().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let headers = Fields::from_list(&headers).map_err(|_| Failure::Denied)?;
    let has_body = |body: &Body| !body.bytes.is_empty() || request.body_length != BodyLength::Whole;
    let (body, (contents, end)) = if request.body.as_ref().is_some_and(has_body) {
        let (body, reader) = Outgoing::new();
        (Some(body), reader)
    } else {
        (None, Outgoing::none())
    };
    let options = RequestOptions::new();
    _ = options.set_connect_timeout(Some(remaining.min(LONGEST_CONNECT)));
    let (outgoing, _) = WasiRequest::new(headers, contents, end, Some(options));
    let method = match request.method {
        Method::Get => WasiMethod::Get,
        Method::Post => WasiMethod::Post,
        Method::Put => WasiMethod::Put,
        Method::Patch => WasiMethod::Patch,
        Method::Delete => WasiMethod::Delete,
    };
    let scheme = match request.origin.scheme() {
        Scheme::Http => WasiScheme::Http,
        Scheme::Https => WasiScheme::Https,
    };
    outgoing
        .set_method(&method)
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(Some(request.origin.authority())))
        .and_then(|()| outgoing.set_path_with_query(Some(&request.path_and_query)))
        .map_err(|()| Failure::Denied)?;
    Ok((outgoing, body))
}
