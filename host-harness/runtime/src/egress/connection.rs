//! One HTTP/1.1 connection, driven by whoever waits for its answer, and by nobody while it is idle.

use std::pin::Pin;
use std::task::Context;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};

use super::request_body::RequestBody;
use super::socket::Socket;

/// A request that hyper has taken over, until the head of its answer. Advances only while its connection is driven.
pub(crate) type Sending =
    Pin<Box<dyn Future<Output = Result<Response<Incoming>, TrySendError<Request<RequestBody>>>> + Send>>;

/// A connection to an origin, for one request after the other.
pub(crate) struct Connection {
    requests: http1::SendRequest<RequestBody>,
    /// None when it has ended.
    wire: Option<Box<http1::Connection<Socket, RequestBody>>>,
}

impl Connection {
    /// A connection on which nothing was sent yet.
    pub(crate) fn new(requests: http1::SendRequest<RequestBody>, wire: http1::Connection<Socket, RequestBody>) -> Self {
        Self { requests, wire: Some(Box::new(wire)) }
    }

    /// Hands a request to hyper. Nothing leaves before the connection is driven.
    pub(crate) fn send(&mut self, request: Request<RequestBody>) -> Sending {
        Box::pin(self.requests.try_send_request(request))
    }

    /// Reads and writes what can be. What comes of it is told to whoever has the request or the body; that includes
    /// errors.
    pub(crate) fn drive(&mut self, context: &mut Context<'_>) {
        if let Some(wire) = &mut self.wire
            && Pin::new(wire).poll(context).is_ready()
        {
            self.wire = None;
        }
    }

    /// True if it waits for a request: it is open, and the last answer was read to its end.
    pub(crate) fn is_idle(&self) -> bool {
        self.wire.is_some() && self.requests.is_ready()
    }
}
