//! How an execution ended: with what its component gave, or with what this host says in its place.

use std::time::Duration;

use serde::Serialize;
use serde_json::value::to_raw_value;

use super::{ExecutionResult, ExecutionState};
use crate::clock;
use crate::connections::CallError;
use crate::tenants::TenantLimits;
use salesforce_actions::json::{ErrorView, bounded};
use salesforce_actions::{Answer, Effect};
use salesforce_runtime::bindings::types::{ApiUsage, Outcome};
use salesforce_runtime::names;
use salesforce_runtime::{ExecutionError, HostFailure, HostFailureKind};

/// How an execution ended.
#[derive(Debug)]
pub(super) struct Completion {
    pub(super) state: ExecutionState,
    pub(super) outcome: Option<&'static str>,
    pub(super) error_kind: Option<&'static str>,
    pub(super) finished_at: i64,
    pub(super) duration: Duration,
    pub(super) records: u64,
    pub(super) usage: Option<ApiUsage>,
    /// For the log alone.
    pub(super) request_id: Option<String>,
    pub(super) given: Option<ExecutionResult>,
}

/// An error that is not the component's own, in the form of one.
#[derive(Serialize)]
struct HostErrorView<'a> {
    kind: &'static str,
    outcome: &'static str,
    retryable: bool,
    message: &'a str,
}

impl Completion {
    pub(super) fn new(
        called: Result<Answer, CallError>,
        effect: Effect,
        limits: TenantLimits,
        duration: Duration,
    ) -> Completion {
        match called {
            Ok(answer) => {
                let (records, usage) = (answer.records(), answer.usage());
                match answer.into_json(limits.result_bytes()) {
                    Ok(json) => Completion {
                        records: records.into(),
                        usage,
                        given: Some(ExecutionResult::Value(json)),
                        ..Completion::bare(ExecutionState::Succeeded, duration)
                    },
                    Err(failure) => Completion::not_given(failure, effect, limits, duration),
                }
            }
            Err(error) => Completion::of_call(error, effect, limits, duration),
        }
    }

    /// What the component gave cannot be passed on.
    pub(super) fn not_given(
        mut failure: HostFailure,
        effect: Effect,
        limits: TenantLimits,
        duration: Duration,
    ) -> Completion {
        if failure.kind == HostFailureKind::ResourceExhausted {
            failure.message = format!(
                "the result is larger than this tenant's {} KiB: ask for less at once (records, fields), or stream the \
                 query (Accept: application/x-ndjson)",
                limits.result_kib
            );
        }
        Completion::failed(&ExecutionError::Host(failure), effect, limits, duration)
    }

    pub(super) fn duration_us(&self) -> i64 {
        i64::try_from(self.duration.as_micros()).unwrap_or(i64::MAX)
    }

    pub(super) fn records_in_log(&self) -> i64 {
        i64::try_from(self.records).unwrap_or(i64::MAX)
    }

    pub(super) fn cancelled(effect: Effect, duration: Duration) -> Completion {
        if effect == Effect::Writes {
            let words = "it was cancelled while it was being sent";
            return Completion::of_host("cancelled", Outcome::Unknown, false, words, effect, duration);
        }
        Completion::bare(ExecutionState::Cancelled, duration)
    }

    pub(super) fn bare(state: ExecutionState, duration: Duration) -> Completion {
        Completion {
            state,
            outcome: None,
            error_kind: None,
            finished_at: clock::now(),
            duration,
            records: 0,
            usage: None,
            request_id: None,
            given: None,
        }
    }

    pub(super) fn failed(
        error: &ExecutionError,
        effect: Effect,
        limits: TenantLimits,
        duration: Duration,
    ) -> Completion {
        match error {
            ExecutionError::Connector(error) => match bounded(&ErrorView::new(error), limits.result_bytes()) {
                Ok(json) => Completion {
                    outcome: Some(names::outcome(error.outcome)),
                    error_kind: Some(names::error_kind(error.kind)),
                    request_id: error.request_id.clone(),
                    given: Some(ExecutionResult::Error(json)),
                    ..Completion::bare(state_of(error.outcome, effect), duration)
                },
                Err(_) => {
                    let words = format!("the component's error is larger than this tenant's {} KiB", limits.result_kib);
                    Completion::of_host("host-resource-exhausted", error.outcome, false, &words, effect, duration)
                }
            },
            ExecutionError::Host(failure) => {
                let kind = failure.kind.name();
                Completion::of_host(kind, failure.outcome, failure.is_retryable(), &failure.message, effect, duration)
            }
        }
    }

    pub(super) fn of_host(
        kind: &'static str,
        outcome: Outcome,
        retryable: bool,
        message: &str,
        effect: Effect,
        duration: Duration,
    ) -> Completion {
        let view = HostErrorView { kind, outcome: names::outcome(outcome), retryable, message };
        Completion {
            outcome: Some(view.outcome),
            error_kind: Some(kind),
            given: json(&view),
            ..Completion::bare(state_of(outcome, effect), duration)
        }
    }
}

/// A read whose outcome is unknown has failed and changed nothing.
fn state_of(outcome: Outcome, effect: Effect) -> ExecutionState {
    if outcome == Outcome::Unknown && effect == Effect::Writes {
        ExecutionState::Unknown
    } else {
        ExecutionState::Failed
    }
}

fn json(view: &impl Serialize) -> Option<ExecutionResult> {
    to_raw_value(view).ok().map(ExecutionResult::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_that_trapped_is_not_to_be_called_again_blindly() {
        for (kind, outcome, retryable) in [
            (HostFailureKind::Trapped, Outcome::NotSent, "false"),
            (HostFailureKind::Trapped, Outcome::Unknown, "false"),
            (HostFailureKind::Overloaded, Outcome::NotSent, "true"),
        ] {
            let failure = ExecutionError::Host(HostFailure { kind, outcome, message: "it failed".to_owned() });
            let ended = Completion::failed(&failure, Effect::Reads, TenantLimits::default(), Duration::ZERO);
            let Some(ExecutionResult::Error(error)) = ended.given else { panic!("an error") };
            assert!(error.get().contains(&format!(r#""retryable":{retryable}"#)), "{error}");
        }
    }
}
