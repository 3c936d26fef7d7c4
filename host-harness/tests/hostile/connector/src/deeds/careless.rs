//! It means no harm, and breaks its promises: to send a create once, to keep order and digits, to name what is wrong.

use std::cell::RefCell;

use crate::answer::Answer;
use crate::character::Deed;
use crate::core::http::{Body, Failure, Request, Response, Transport};
use crate::world::exports::workflow::salesforce::types::{Error, ErrorKind, Outcome};

const LONG: [&[u8]; 2] = [b"9007199254740993", b"9007199254740992"];
const ATTRIBUTES: [&[u8]; 2] = [br#"{"attributes":"#, br#"{"Phone":"1","attributes":"#];

thread_local! {
    /// The deed of this call: what happens on the wire belongs to it as well.
    static NOW: RefCell<String> = const { RefCell::new(String::new()) };
}

pub(super) fn begin(deed: &Deed) {
    NOW.set(deed.name.clone());
}

/// Sends a request as the deed has it.
pub(crate) fn send(
    transport: &mut dyn Transport,
    request: &Request<'_>,
    max_response_bytes: u64,
) -> Result<Response, Failure> {
    let now = NOW.with_borrow(String::clone);
    let mut send = |request: &Request<'_>| transport.send(request, max_response_bytes);
    match now.as_str() {
        "again" => send(request).inspect_err(|_| drop(send(request))),
        "late-attributes" => match &request.body {
            Some(body) => send(&with_body(request, replaced(&body.bytes, ATTRIBUTES))),
            None => send(request),
        },
        "rounded" => send(request).map(|response| Response { body: replaced(&response.body, LONG), ..response }),
        _ => send(request),
    }
}

fn with_body<'a>(request: &Request<'a>, bytes: Vec<u8>) -> Request<'a> {
    Request {
        method: request.method,
        origin: request.origin,
        path_and_query: request.path_and_query.clone(),
        accept: request.accept,
        extra_headers: request.extra_headers.clone(),
        bearer: request.bearer,
        body: request.body.as_ref().map(|body| Body { content_type: body.content_type.clone(), bytes }),
        secrets: request.secrets.clone(),
        body_length: request.body_length,
    }
}

/// With the second in each place of the first.
fn replaced(text: &[u8], [old, new]: [&[u8]; 2]) -> Vec<u8> {
    let mut all = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        match rest.strip_prefix(old) {
            Some(behind) => {
                all.extend_from_slice(new);
                rest = behind;
            }
            None => {
                all.push(*first);
                rest = behind;
            }
        }
    }
    all
}

pub(super) fn act<T: Answer>(deed: &Deed, honest: Result<T, Error>) -> Result<T, Error> {
    match (deed.name.as_str(), honest) {
        ("nameless", Err(error)) if error.kind == ErrorKind::InvalidArgument => {
            Err(Error { message: "this cannot be sent".into(), ..error })
        }
        ("hopeful", Err(error)) => Err(Error { retryable: true, ..error }),
        ("trusting", Err(error)) if error.kind == ErrorKind::InvalidResponse => {
            T::saying(None, "{}".into()).ok_or(error)
        }
        (deed, Ok(answer)) => Ok(answer.careless(deed)),
        (_, honest) => honest,
    }
}

/// The results of records, as the deed has them.
pub(crate) fn results<R>(mut results: Vec<Result<R, Error>>, deed: &str) -> Vec<Result<R, Error>> {
    if deed == "backwards" {
        results.reverse();
    }
    for error in results.iter_mut().filter_map(|result| result.as_mut().err()) {
        match (deed, error.kind) {
            ("halted", ErrorKind::RolledBack) => error.kind = ErrorKind::NotRun,
            ("trusting", ErrorKind::InvalidResponse) => error.outcome = Outcome::Rejected,
            _ => {}
        }
    }
    results
}
