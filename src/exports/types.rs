//! `types`: what the other interfaces share.

use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::Result;
use crate::transport::HttpTransport;
use crate::world::exports::workflow::salesforce::types as wit;

/// Runs a call; its error becomes the one of the WIT in one place.
pub(super) fn answer<T>(call: impl FnOnce() -> Result<T>) -> Result<T, wit::Error> {
    call().map_err(|error| (*error).into())
}

/// Starts a call to an org.
pub(super) fn call(
    on: &wit::Connection,
    options: wit::CallOptions,
) -> Result<(HttpTransport, Connection, CallOptions)> {
    let (transport, options) = start(options)?;
    let connection = Connection::parse(&on.instance_url, &on.access_token, on.api_version.as_deref())?;
    Ok((transport, connection, options))
}

/// Parses the options and starts the call's deadline.
pub(super) fn start(options: wit::CallOptions) -> Result<(HttpTransport, CallOptions)> {
    let options = CallOptions::parse(options.deadline_ms, options.max_response_bytes, options.attempts)?;
    Ok((HttpTransport::start(&options), options))
}
