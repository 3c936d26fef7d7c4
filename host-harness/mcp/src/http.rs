//! Streamable HTTP, one request at a time: no sessions, each answer is JSON.

use std::convert::Infallible;
use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use http_body::Body;
use http_body_util::combinators::BoxBody;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

use crate::agent::Agent;
use crate::host::Host;

/// Bytes of a request: what an agent writes is short.
pub const REQUEST_BYTES: usize = 1 << 20;

/// Answers a request to the endpoint.
///
/// Whoever calls this knows whose request it is, and that no page of another site makes a browser send it: the `Origin` is
/// theirs to check. If the future is dropped, since the client has gone, the call that runs is cancelled.
pub async fn serve_http<H: Host, B>(host: H, request: http::Request<B>) -> http::Response<BoxBody<Bytes, Infallible>>
where
    B: Body + Send + 'static,
    B::Error: Display,
{
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(REQUEST_BYTES)
        // Without a token a page that reaches this under another name gets nothing.
        .disable_allowed_hosts()
        .disable_allowed_origins();
    let host = Arc::new(host);
    let agent = move || Ok(Agent(Arc::clone(&host)));
    StreamableHttpService::new(agent, Arc::new(NeverSessionManager::default()), config).handle(request).await
}
