//! `types`: what the other interfaces share.

use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, Result};
use crate::transport::WasiTransport;
use crate::world::exports::workflow::salesforce::types as wit;

/// Runs a call; its error becomes the one of the WIT in one place.
pub(super) fn answer<T>(call: impl FnOnce() -> Result<T>) -> Result<T, wit::Error> {
    call().map_err(|error| (*error).into())
}

/// Starts a call to an org.
pub(super) fn call(
    on: &wit::Connection,
    options: wit::CallOptions,
) -> Result<(WasiTransport, Connection, CallOptions)> {
    let (transport, options) = start(options)?;
    let connection = Connection::parse(&on.instance_url, &on.access_token, on.api_version.as_deref())?;
    Ok((transport, connection, options))
}

/// Parses the options and starts the call's deadline.
pub(super) fn start(options: wit::CallOptions) -> Result<(WasiTransport, CallOptions)> {
    let options = CallOptions::parse(options.deadline_ms, options.max_response_bytes, options.attempts)?;
    Ok((WasiTransport::start(&options), options))
}

impl From<ApiUsage> for wit::ApiUsage {
    fn from(usage: ApiUsage) -> Self {
        Self { used: usage.used, allowed: usage.allowed }
    }
}

impl From<Error> for wit::Error {
    fn from(error: Error) -> Self {
        Self {
            kind: error.kind.into(),
            outcome: error.outcome.into(),
            retryable: error.retryable,
            retry_after_ms: error.retry_after_ms,
            message: error.message,
            status: error.status,
            problems: error.problems.into_iter().map(Into::into).collect(),
            detail: error.detail,
            request_id: error.request_id,
        }
    }
}

impl From<ErrorKind> for wit::ErrorKind {
    fn from(kind: ErrorKind) -> Self {
        macro_rules! same {
            ($($case:ident)*) => {
                match kind { $(ErrorKind::$case => Self::$case,)* }
            };
        }
        same! {
            InvalidArgument RequestTooLarge DeniedByHost Unreachable Insecure Interrupted Timeout ResponseTooLarge
            InvalidResponse SessionExpired ReauthorizationRequired RefreshInProgress AccessDenied InvalidClient
            UntrustedAuthorization NotFound Deleted Ambiguous PreconditionFailed InvalidQuery CursorExpired InvalidRecord
            Duplicate Locked Forbidden RateLimited LimitExceeded WrongState RolledBack NotRun Unavailable Rejected
        }
    }
}
