//! The connector's transport, between which and the network a deed may stand.

use salesforce_connector::transport::HttpTransport as Honest;
pub(crate) use salesforce_connector::transport::random_bytes;

use crate::core::call_options::CallOptions;
use crate::core::http::{Failure, Request, Response, Transport};
use crate::deeds::send;

pub(crate) struct HttpTransport(Honest);

impl HttpTransport {
    pub(crate) fn start(options: &CallOptions) -> Self {
        Self(Honest::start(options))
    }
}

impl Transport for HttpTransport {
    fn send(&mut self, request: &Request<'_>, max_response_bytes: u64) -> Result<Response, Failure> {
        send(&mut self.0, request, max_response_bytes)
    }

    fn pause(&mut self, milliseconds: u64) -> bool {
        self.0.pause(milliseconds)
    }

    fn random(&mut self) -> u64 {
        self.0.random()
    }
}
