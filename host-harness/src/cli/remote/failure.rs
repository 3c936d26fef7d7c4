//! What a server says when it does not do what was asked, and what it means that it says nothing.

use std::fmt::Display;
use std::time::Duration;

use http::StatusCode;
use http::header::{HeaderMap, RETRY_AFTER};
use salesforce_actions::json::RemoteError;
use salesforce_runtime::ExecutionError;
use salesforce_runtime::egress::Origin;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cli::exit_code::Exit;
use crate::cli::failure::{Effect, Failure};
use salesforce_runtime::bindings::types::Outcome;

/// A failure that is the server's own, or of the way to it.
#[derive(Debug)]
pub(crate) struct ServerFailure {
    pub(crate) kind: String,
    pub(crate) message: String,
    /// What became of it at Salesforce.
    pub(crate) outcome: Outcome,
    pub(crate) effect: Effect,
    pub(crate) advice: Option<String>,
    /// It is how an execution ended.
    pub(crate) is_of_an_execution: bool,
    exit: Exit,
}

/// `application/problem+json` (RFC 9457), as the server tells it.
#[derive(Deserialize)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    detail: String,
    advice: Option<String>,
    error: Option<Box<RawValue>>,
}

impl Problem {
    /// The problem in a body; none if it is something else.
    pub(super) fn parse(body: &str) -> Option<Problem> {
        serde_json::from_str(body).ok()
    }

    /// Its stable name.
    pub(super) fn name(&self) -> &str {
        self.kind.rsplit('#').next().unwrap_or_default()
    }

    /// The error that it carries.
    pub(super) fn error(&self) -> Option<&RawValue> {
        self.error.as_deref()
    }

    /// A problem means that nothing was begun, but for one: a server that failed may have failed afterwards.
    pub(super) fn into_failure(self, headers: &HeaderMap, effect: Effect) -> Failure {
        let name = self.name().to_owned();
        if name == "salesforce-failed"
            && let Some(Ok(error)) = self.error().map(|error| RemoteError::parse(error.get()))
        {
            return told(error, effect);
        }
        let (exit, outcome) = match name.as_str() {
            "unauthorized" | "forbidden" | "tenant-suspended" | "connection-not-active" => {
                (Exit::Authentication, Outcome::NotSent)
            }
            "still-running" | "internal" => (Exit::Host, Outcome::Unknown),
            "too-large" | "rate-limited" | "quota-exceeded" => (Exit::Limit, Outcome::NotSent),
            "component-refused" => (Exit::MayNotRun, Outcome::NotSent),
            "shutting-down" => (Exit::Network, Outcome::NotSent),
            "conflict" => (Exit::Failed, Outcome::NotSent),
            _ => (Exit::Usage, Outcome::NotSent),
        };
        let advice = match name.as_str() {
            "unauthorized" | "forbidden" => Some(
                "Put a tenant's token of this server into HARNESS_TOKEN, or name its file with --token-file."
                    .to_owned(),
            ),
            "connection-not-active" => Some(
                "Run `harness login` with the same --server and --connection-name; its user has to allow access."
                    .to_owned(),
            ),
            "rate-limited" | "shutting-down" => {
                let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).unwrap_or("a few");
                Some(format!("Try again in {seconds} s; nothing was begun."))
            }
            _ => self.advice,
        };
        ServerFailure {
            kind: name,
            message: format!("{}: {}", self.title, self.detail),
            outcome,
            effect,
            advice,
            is_of_an_execution: false,
            exit,
        }
        .into()
    }
}

/// An error that an execution was told to have ended with.
pub(super) fn told(error: RemoteError, effect: Effect) -> Failure {
    match error {
        RemoteError::Connector(error) => Failure::Call(ExecutionError::Connector(error), effect),
        RemoteError::Other { kind, outcome, message } => {
            ServerFailure { kind, message, outcome, effect, advice: None, is_of_an_execution: true, exit: Exit::Host }
                .into()
        }
    }
}

impl ServerFailure {
    /// How the process ends because of it.
    pub(crate) fn exit(&self) -> Exit {
        let unknown = self.effect == Effect::Write && self.outcome == Outcome::Unknown;
        if unknown { Exit::OutcomeUnknown } else { self.exit }
    }

    /// An execution that ended without a result or an error to tell.
    pub(super) fn ended(state: &str, kind: Option<String>, effect: Effect) -> ServerFailure {
        let outcome = match effect {
            Effect::Read => Outcome::NotSent,
            Effect::Write => Outcome::Unknown,
        };
        ServerFailure {
            kind: kind.unwrap_or_else(|| state.to_owned()),
            message: format!("the execution ended as {state}, without a result"),
            outcome,
            effect,
            advice: None,
            is_of_an_execution: true,
            exit: Exit::Host,
        }
    }

    /// An execution with this idempotency key has done it, too long ago.
    pub(super) fn no_longer_kept(id: &str) -> ServerFailure {
        ServerFailure {
            kind: "result-not-kept".to_owned(),
            message: format!("execution {id} has succeeded, and its result is no longer kept"),
            outcome: Outcome::NotSent,
            effect: Effect::Read,
            advice: Some("It was done before, and now nothing was sent. For another request use a new key.".to_owned()),
            is_of_an_execution: true,
            exit: Exit::Failed,
        }
    }

    /// A test of the webhook did not arrive.
    pub(super) fn not_delivered(failure: String, status: Option<u16>) -> ServerFailure {
        let answered = status.map(|status| format!(", whose receiver answered with status {status}"));
        ServerFailure {
            message: format!("the test of the webhook was not delivered ({failure}){}", answered.unwrap_or_default()),
            kind: "webhook-not-delivered".to_owned(),
            outcome: Outcome::NotSent,
            effect: Effect::Read,
            advice: Some("Look at the receiver and at the URL: `harness webhook show`.".to_owned()),
            is_of_an_execution: false,
            exit: Exit::Failed,
        }
    }

    pub(super) fn not_there(server: &Origin, reason: &str) -> ServerFailure {
        ServerFailure {
            kind: "server-unreachable".to_owned(),
            message: format!("there is no server at {server}: {reason}"),
            outcome: Outcome::NotSent,
            effect: Effect::Read,
            advice: Some("Check the address; `harness serve` starts a server on this machine.".to_owned()),
            is_of_an_execution: false,
            exit: Exit::Network,
        }
    }

    pub(super) fn slow(server: &Origin, patience: Duration) -> ServerFailure {
        ServerFailure {
            kind: "server-unreachable".to_owned(),
            message: format!("{server} did not answer within {} seconds", patience.as_secs()),
            outcome: Outcome::Unknown,
            effect: Effect::Read,
            advice: Some("Look at the server's log.".to_owned()),
            is_of_an_execution: false,
            exit: Exit::Network,
        }
    }

    pub(super) fn lost(server: &Origin, reason: &str, effect: Effect) -> ServerFailure {
        ServerFailure {
            kind: "server-interrupted".to_owned(),
            message: format!("the answer of the server at {server} was lost: {reason}"),
            outcome: Outcome::Unknown,
            effect,
            advice: Some("Try again; `harness executions` shows what the server has run.".to_owned()),
            is_of_an_execution: false,
            exit: Exit::Network,
        }
    }

    pub(super) fn no_server_of_ours(server: &Origin, status: StatusCode, effect: Effect) -> ServerFailure {
        ServerFailure {
            kind: "server-invalid-response".to_owned(),
            message: format!("{server} answered with status {}, and not as `harness serve` does", status.as_u16()),
            outcome: Outcome::Unknown,
            effect,
            advice: Some(
                "Check that the address is that of a `harness serve`, and that no proxy answers in its place."
                    .to_owned(),
            ),
            is_of_an_execution: false,
            exit: Exit::InvalidResponse,
        }
    }

    pub(super) fn strange(server: &Origin, why: &dyn Display, effect: Effect) -> ServerFailure {
        ServerFailure {
            kind: "server-invalid-response".to_owned(),
            message: format!("{server} answered with something else than was expected: {why}"),
            outcome: Outcome::Unknown,
            effect,
            advice: Some("Check that server and program are of the same version.".to_owned()),
            is_of_an_execution: false,
            exit: Exit::InvalidResponse,
        }
    }

    /// There is no token to show the server.
    pub(super) fn no_token(message: String) -> ServerFailure {
        let advice = "`harness serve` tells at its first start which file holds one.";
        ServerFailure::not_let_in("no-token", message, advice)
    }

    /// There is no connection with tokens.
    pub(super) fn no_connection(message: String) -> ServerFailure {
        ServerFailure::not_let_in("no-connection", message, "`harness login` with --server makes one.")
    }

    /// Nobody allowed access to a connection, or Salesforce did not.
    pub(super) fn not_allowed(message: String) -> ServerFailure {
        ServerFailure::not_let_in("not-authorized", message, "Run `harness login` again.")
    }

    fn not_let_in(kind: &str, message: String, advice: &str) -> ServerFailure {
        ServerFailure {
            kind: kind.to_owned(),
            message,
            outcome: Outcome::NotSent,
            effect: Effect::Read,
            advice: Some(advice.to_owned()),
            is_of_an_execution: false,
            exit: Exit::Authentication,
        }
    }
}

impl From<ServerFailure> for Failure {
    fn from(failure: ServerFailure) -> Failure {
        Failure::Server(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(kind: &str) -> Failure {
        let body = format!(r#"{{"type":"/problems#{kind}","title":"T","status":400,"detail":"d","advice":"A."}}"#);
        Problem::parse(&body).unwrap().into_failure(&HeaderMap::new(), Effect::Write)
    }

    #[test]
    fn a_problem_has_the_exit_code_of_what_a_script_does_next() {
        for (kind, exit) in [
            ("invalid-request", Exit::Usage),
            ("key-reused", Exit::Usage),
            ("unauthorized", Exit::Authentication),
            ("connection-not-active", Exit::Authentication),
            ("rate-limited", Exit::Limit),
            ("shutting-down", Exit::Network),
            ("component-refused", Exit::MayNotRun),
            ("still-running", Exit::OutcomeUnknown),
            ("internal", Exit::OutcomeUnknown),
        ] {
            assert_eq!(problem(kind).exit(), exit, "{kind}");
        }
    }

    #[test]
    fn a_lost_answer_is_unknown_for_a_write_alone() {
        let server: Origin = "http://127.0.0.1:8713".parse().unwrap();
        assert_eq!(ServerFailure::lost(&server, "reset", Effect::Write).exit(), Exit::OutcomeUnknown);
        assert_eq!(ServerFailure::lost(&server, "reset", Effect::Read).exit(), Exit::Network);
        assert_eq!(ServerFailure::not_there(&server, "refused").exit(), Exit::Network);
        assert!(Problem::parse("<html>").is_none());
    }
}
