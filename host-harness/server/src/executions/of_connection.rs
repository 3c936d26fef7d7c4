//! The end of an execution whose call failed, or whose connection could not be used or refreshed.

use std::time::Duration;

use super::ended::Completion;
use crate::connections::{CallError, ConnectionError};
use crate::tenants::TenantLimits;
use salesforce_actions::Effect;
use salesforce_runtime::bindings::types::Outcome;
use salesforce_runtime::{ExecutionError, HostFailureKind};

impl Completion {
    /// The call failed, or what it needs of its connection.
    pub(super) fn of_call(error: CallError, effect: Effect, limits: TenantLimits, duration: Duration) -> Completion {
        let (error, outcome) = match error {
            CallError::Execution(error) => return Completion::failed(&error, effect, limits, duration),
            // The call was not made.
            CallError::Connection(error) => (error, Outcome::NotSent),
            // The org refused the call for its session, so nothing came of it, whatever became of the refresh.
            CallError::Refresh(error) => (error, Outcome::Rejected),
        };
        match error {
            ConnectionError::OAuth(ExecutionError::Connector(mut error)) => {
                error.outcome = outcome;
                error.message = format!("the session has expired, and refreshing it failed: {}", error.message);
                Completion::failed(&ExecutionError::Connector(error), effect, limits, duration)
            }
            error => {
                let (kind, retryable) = meaning(&error);
                Completion::of_host(kind, outcome, retryable, &error.to_string(), effect, duration)
            }
        }
    }
}

/// What an execution's caller is told of an error that is not the component's, and whether the same request may succeed
/// later.
fn meaning(error: &ConnectionError) -> (&'static str, bool) {
    match error {
        ConnectionError::NotActive { .. } | ConnectionError::RefreshUnfinished => ("reauthorization-required", false),
        ConnectionError::RefreshUnderWay | ConnectionError::TokensWait => ("refresh-in-progress", true),
        ConnectionError::Suspended => ("tenant-suspended", false),
        ConnectionError::OAuth(ExecutionError::Host(failure)) => {
            let may_pass = matches!(failure.kind, HostFailureKind::Overloaded | HostFailureKind::DeadlineExceeded);
            (failure.kind.name(), may_pass)
        }
        ConnectionError::Store(_) | ConnectionError::RefreshBroken => ("host-failed", true),
        _ => ("host-failed", false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::ConnectionState;
    use crate::executions::{ExecutionResult, ExecutionState};
    use salesforce_runtime::HostFailure;
    use salesforce_runtime::bindings::types::{Error, ErrorKind};

    fn told(error: CallError) -> (Completion, serde_json::Value) {
        let ended = Completion::of_call(error, Effect::Writes, TenantLimits::default(), Duration::ZERO);
        let Some(ExecutionResult::Error(json)) = &ended.given else { panic!("{ended:?}") };
        let told = serde_json::from_str(json.get()).unwrap();
        (ended, told)
    }

    fn refused(kind: ErrorKind, outcome: Outcome, retryable: bool) -> ConnectionError {
        ConnectionError::OAuth(ExecutionError::Connector(Error {
            kind,
            outcome,
            retryable,
            retry_after_ms: None,
            message: "Salesforce refused".to_owned(),
            status: Some(400),
            problems: Vec::new(),
            detail: None,
            request_id: None,
        }))
    }

    #[test]
    fn a_call_refused_for_its_session_is_rejected_however_the_refresh_ended() {
        let overloaded =
            HostFailure { kind: HostFailureKind::Overloaded, outcome: Outcome::Unknown, message: "full".to_owned() };
        let state = ConnectionState::NeedsReauthorization;
        for (error, kind, retryable) in [
            (refused(ErrorKind::AccessDenied, Outcome::Rejected, false), "access-denied", false),
            (refused(ErrorKind::InvalidClient, Outcome::Rejected, false), "invalid-client", false),
            (refused(ErrorKind::Unavailable, Outcome::Unknown, true), "unavailable", true),
            (refused(ErrorKind::Unreachable, Outcome::NotSent, true), "unreachable", true),
            (refused(ErrorKind::RateLimited, Outcome::Rejected, true), "rate-limited", true),
            (ConnectionError::NotActive { state, reason: None }, "reauthorization-required", false),
            (ConnectionError::RefreshUnderWay, "refresh-in-progress", true),
            (ConnectionError::TokensWait, "refresh-in-progress", true),
            (ConnectionError::RefreshBroken, "host-failed", true),
            (ConnectionError::OAuth(ExecutionError::Host(overloaded)), "host-overloaded", true),
            (ConnectionError::Suspended, "tenant-suspended", false),
        ] {
            let (ended, told) = told(CallError::Refresh(error));
            assert_eq!((ended.state, ended.error_kind), (ExecutionState::Failed, Some(kind)));
            assert_eq!((&told["kind"], &told["outcome"]), (&kind.into(), &"rejected".into()), "{told}");
            assert_eq!(told["retryable"], retryable, "{told}");
        }
    }

    #[test]
    fn a_call_that_was_not_made_is_not_sent_and_not_to_be_repeated_before_the_user_has_allowed_it() {
        let state = ConnectionState::NeedsReauthorization;
        let (_, told) = told(CallError::Connection(ConnectionError::NotActive { state, reason: None }));
        assert_eq!((&told["outcome"], &told["retryable"]), (&"not-sent".into(), &false.into()));
    }
}
