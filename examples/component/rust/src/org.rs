//! One request to the org over WASI HTTP, within the limits of the call. Nothing is sent twice.

use crate::error::{error, from_host, interrupted, invalid_argument, refused, timeout, too_large};
use crate::world::exports::workflow::salesforce::types::{
    ApiUsage, CallOptions, Connection, Error, ErrorKind, Outcome,
};
use crate::world::wasi::clocks::monotonic_clock::{Instant, now, subscribe_instant};
use crate::world::wasi::http::outgoing_handler::handle;
use crate::world::wasi::http::types::{Fields, IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme};
use crate::world::wasi::io::poll::{Pollable, poll};
use crate::world::wasi::io::streams::{InputStream, OutputStream, StreamError};

/// An org, and how long and how much a call may read.
pub(crate) struct Org<'a> {
    scheme: Scheme,
    authority: &'a str,
    base: String,
    token: &'a str,
    deadline: Instant,
    most: u64,
}

/// An answer of status 2xx.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) usage: Option<ApiUsage>,
    pub(crate) request_id: Option<String>,
}

impl<'a> Org<'a> {
    pub(crate) fn new(connection: &'a Connection, options: &CallOptions) -> Result<Self, Error> {
        let (scheme, authority) = match connection.instance_url.split_once("://") {
            Some(("https", authority)) => (Scheme::Https, authority),
            // The mock.
            Some(("http", authority)) => (Scheme::Http, authority),
            _ => {
                return Err(invalid_argument(
                    "instance-url: expected an address such as https://example.my.salesforce.com",
                ));
            }
        };
        let version = connection.api_version.as_deref().unwrap_or("v67.0");
        if !version.starts_with('v') || !version.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
            return Err(invalid_argument("api-version: expected a version such as v67.0"));
        }
        let milliseconds = options.deadline_ms.unwrap_or(30_000);
        if !(1..=600_000).contains(&milliseconds) {
            return Err(invalid_argument("deadline-ms: expected 1 to 600,000"));
        }
        Ok(Self {
            scheme,
            authority: authority.trim_end_matches('/'),
            base: format!("/services/data/{version}/"),
            token: &connection.access_token,
            deadline: now() + u64::from(milliseconds) * 1_000_000,
            most: options.max_response_bytes.unwrap_or(16 << 20),
        })
    }

    /// Reads what is at a path below the data API.
    pub(crate) fn get(&self, path: &str) -> Result<Answer, Error> {
        self.send(&Method::Get, path, None)
    }

    /// Writes JSON there.
    pub(crate) fn patch(&self, path: &str, body: String) -> Result<Answer, Error> {
        self.send(&Method::Patch, path, Some(body))
    }

    fn send(&self, method: &Method, path: &str, body: Option<String>) -> Result<Answer, Error> {
        let request = self.request(method, path, body.as_deref())?;
        let unwritable = |()| error(ErrorKind::Interrupted, Outcome::NotSent, "the host takes no body");
        let outgoing = request.body().map_err(unwritable)?;
        let stream = outgoing.write().map_err(unwritable)?;
        let future = handle(request, None).map_err(|code| from_host(&code))?;
        // A write that fails says less than the answer, which is read all the same.
        if self.write(&stream, body.as_deref().unwrap_or_default().as_bytes())? {
            drop(stream);
            drop(OutgoingBody::finish(outgoing, None));
        }
        let arrival = future.subscribe();
        loop {
            self.wait(&arrival)?;
            if let Some(answer) = future.get() {
                let response = answer.map_err(|()| interrupted())?.map_err(|code| from_host(&code))?;
                let answer = self.receive(response)?;
                let is_good = (200..300).contains(&answer.status);
                return if is_good { Ok(answer) } else { Err(refused(&answer, body.is_some())) };
            }
        }
    }

    fn request(&self, method: &Method, path: &str, body: Option<&str>) -> Result<OutgoingRequest, Error> {
        // Uploaded components see a placeholder; the host puts the token in its place.
        let mut headers =
            vec![("accept", "application/json".to_owned()), ("authorization", format!("Bearer {}", self.token))];
        if let Some(body) = body {
            headers.push(("content-type", "application/json".to_owned()));
            headers.push(("content-length", body.len().to_string()));
        }
        let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name.to_owned(), value.into_bytes())).collect();
        let invalid = || invalid_argument("connection: expected an address and a token that fit into a request");
        let request = OutgoingRequest::new(Fields::from_list(&headers).map_err(|_| invalid())?);
        request
            .set_method(method)
            .and_then(|()| request.set_scheme(Some(&self.scheme)))
            .and_then(|()| request.set_authority(Some(self.authority)))
            .and_then(|()| request.set_path_with_query(Some(&format!("{}{path}", self.base))))
            .map_err(|()| invalid())?;
        Ok(request)
    }

    /// Writes as fast as the host takes it. False if it takes no more.
    fn write(&self, stream: &OutputStream, mut bytes: &[u8]) -> Result<bool, Error> {
        while !bytes.is_empty() {
            let Ok(room) = stream.check_write() else { return Ok(false) };
            if room == 0 {
                self.wait(&stream.subscribe())?;
                continue;
            }
            let (now, later) = bytes.split_at(bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
            if stream.write(now).is_err() {
                return Ok(false);
            }
            bytes = later;
        }
        Ok(true)
    }

    fn receive(&self, response: IncomingResponse) -> Result<Answer, Error> {
        let headers = response.headers();
        let header = |name: &str| headers.get(name).into_iter().next().and_then(|value| String::from_utf8(value).ok());
        let (usage, request_id) = (header("sforce-limit-info"), header("x-sfdc-request-id"));
        drop(headers);
        let body = response.consume().map_err(|()| interrupted())?;
        let stream = body.stream().map_err(|()| interrupted())?;
        Ok(Answer {
            status: response.status(),
            body: self.read(&stream)?,
            usage: usage.as_deref().and_then(api_usage),
            request_id: request_id.map(|id| id.chars().take(100).collect()),
        })
    }

    fn read(&self, stream: &InputStream) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        loop {
            self.wait(&stream.subscribe())?;
            match stream.read(1 << 16) {
                Ok(piece) => body.extend(piece),
                Err(StreamError::Closed) => return Ok(body),
                Err(StreamError::LastOperationFailed(_)) => return Err(interrupted()),
            }
            if body.len() as u64 > self.most {
                return Err(too_large());
            }
        }
    }

    /// Waits for the host, but not beyond the deadline. By then the request may have left.
    fn wait(&self, pollable: &Pollable) -> Result<(), Error> {
        let ready = poll(&[pollable, &subscribe_instant(self.deadline)]);
        // A peer that always has one more byte must not keep the call from its deadline.
        if ready.contains(&1) { Err(timeout(Outcome::Unknown)) } else { Ok(()) }
    }
}

/// `api-usage=18/5000; ...`
fn api_usage(header: &str) -> Option<ApiUsage> {
    let (used, allowed) = header.split(';').next()?.strip_prefix("api-usage=")?.split_once('/')?;
    Some(ApiUsage { used: used.parse().ok()?, allowed: allowed.parse().ok()? })
}
