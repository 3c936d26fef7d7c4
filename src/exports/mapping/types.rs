//! `error`, whole, and the use of the API.

use super::wit;
use crate::core::api_usage::ApiUsage;
use crate::core::error::{Error, ErrorKind};

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
