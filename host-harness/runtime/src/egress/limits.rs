//! Limits of HTTP requests. A component may ask for shorter timeouts, never for longer ones.

use std::time::Duration;

/// Limits of the requests of all executions of a runtime.
#[derive(Clone, Debug)]
pub struct EgressLimits {
    /// Resolving a host name. Default: 5 seconds.
    pub dns_timeout: Duration,
    /// From a finished request to a connection it can go out on: name, TCP and TLS. Default: 10 seconds.
    pub connect_timeout: Duration,
    /// From the connection to the end of the response's header section. Default: 120 seconds; Salesforce itself gives
    /// up after 600.
    pub first_byte_timeout: Duration,
    /// Between two pieces of a response body, while the component waits for one. Default: 30 seconds.
    pub between_bytes_timeout: Duration,
    /// Requests that one execution may have open at the same time, from the request to the end of the response's body;
    /// one more fails. Default: 8. With the sizes below it bounds what an execution makes the host hold.
    pub requests_at_once: usize,
    /// Bytes of a request's body, and of all bodies together that an execution has the host hold at the same moment: each is
    /// held until its answer begins. Default: 16 MiB.
    pub request_body_bytes: u64,
    /// Bytes of a response body. Default: 64 MiB.
    pub response_body_bytes: u64,
    /// Bytes of a body, of a request or of a response, where bodies pass through and are not held: with WASI 0.3. There it stands in
    /// the place of the two above. Default: 3 GiB; Salesforce's largest files have 2 GB.
    pub streamed_body_bytes: u64,
    /// How long the other side may take nothing of a request body that passes through. Default: 30 seconds.
    pub write_timeout: Duration,
    /// How long a component may give nothing of a request body that it has begun and that passes through. Default: 120 seconds.
    pub body_timeout: Duration,
    /// Bytes of a response's header section. Default: 64 KiB; at least 8 KiB.
    pub response_header_bytes: usize,
    /// Lines in a response's header section. Default: 128.
    pub response_headers: usize,
    /// Idle connections kept for each origin. Default: 256, as many as executions at once: with fewer, a burst makes
    /// connections that it has had a moment before.
    pub idle_connections: usize,
    /// How long an idle connection is kept. Default: 30 seconds, less than servers and load balancers wait, so that a
    /// request seldom meets a connection that is just being closed.
    pub idle_timeout: Duration,
}

impl Default for EgressLimits {
    fn default() -> Self {
        Self {
            dns_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(120),
            between_bytes_timeout: Duration::from_secs(30),
            requests_at_once: 8,
            request_body_bytes: 16 << 20,
            response_body_bytes: 64 << 20,
            streamed_body_bytes: 3 << 30,
            write_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(120),
            response_header_bytes: 64 << 10,
            response_headers: 128,
            idle_connections: 256,
            idle_timeout: Duration::from_secs(30),
        }
    }
}
