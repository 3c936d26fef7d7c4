//! Why a command failed, as it is told on standard error.
//!
//! Plain sentences ([`text`]): what failed, Salesforce's own problems, what to do next. With `--json`, one line of JSON instead:
//! `{"error":{"kind":..,"message":..,"advice":..,"exit_code":..}}`, with the fields of the WIT's `error` where the
//! component or Salesforce said it.

mod json;
mod stored;
mod text;

use std::io;
use std::time::Duration;

use salesforce_actions::Action;
use salesforce_actions::table::Tally;
use salesforce_runtime::{ExecutionError, HostFailure, HostFailureKind};

use super::exit_code::Exit;
use super::names;
use super::remote::ServerFailure;
use salesforce_connections::ConnectionError;
use salesforce_runtime::bindings::types::{Error, Outcome};

/// What a call can do at Salesforce, which decides what an unknown outcome means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It changes nothing, so it can be repeated.
    Read,
    /// It changes a record, a grant or a token.
    Write,
}

impl Effect {
    pub(crate) fn of(action: &Action) -> Effect {
        if action.writes() { Effect::Write } else { Effect::Read }
    }
}

/// What to do next if the program knows by itself how to go on.
pub(crate) const GOES_ON: &str =
    "Run the same command again: it asks what became of the rows, and loads none of them twice.";

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An argument, or what an argument's file says, is not what was expected.
    Usage(String),
    /// A call of the component.
    Call(ExecutionError, Effect),
    /// The tokens could not be refreshed.
    Refresh {
        /// Why.
        error: ExecutionError,
        /// A call met an expired session, and was not made again. Else the refresh is what was asked for.
        of_a_call: bool,
    },
    /// There is no way to refresh, for the reason given.
    LoggedOut {
        /// What was found.
        why: String,
        /// A refresh token is stored, and may be sent all the same.
        has_refresh_token: bool,
    },
    /// The connection file.
    Connection(ConnectionError),
    /// New tokens were given and are lost.
    NotStored(String),
    /// A file, port or other thing of this machine.
    Local(String),
    /// A step of the demo did not do what it says.
    Demo(String),
    /// The rows of a page's sub-queries did not come together.
    Children(String, Exit),
    /// Of what a call did several times, some failed: its result is told already.
    Results(Tally),
    /// What was given to Salesforce before may be done, whatever has failed since.
    InDoubt {
        /// What has failed.
        of: Box<Failure>,
        /// What may be done.
        what: String,
        /// What to do next.
        advice: String,
    },
    /// A component was verified and may not run: its report is told already.
    MayNotRun(String),
    /// A server, or the way to it.
    Server(ServerFailure),
    /// Ctrl-C or a supervisor ended the program in the middle of a write.
    Interrupted {
        /// A server does the write, and may go on with it.
        at_server: bool,
        /// The next run asks what became of it.
        is_kept: bool,
    },
    /// Standard output cannot be written.
    Output(io::Error),
}

impl Failure {
    /// Of a call without a stored connection.
    pub(crate) fn reading(error: ExecutionError) -> Failure {
        Failure::Call(error, Effect::Read)
    }

    /// Of a call that changes something, without a stored connection.
    pub(crate) fn writing(error: ExecutionError) -> Failure {
        Failure::Call(error, Effect::Write)
    }

    /// How the process ends because of it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Failure::Usage(_) => Exit::Usage,
            Failure::Call(error, effect) => exit_of_call(error, *effect),
            Failure::Refresh { error, .. } => exit_of_call(error, Effect::Write),
            Failure::LoggedOut { .. } => Exit::Authentication,
            Failure::NotStored(_) | Failure::Interrupted { .. } | Failure::InDoubt { .. } => Exit::OutcomeUnknown,
            Failure::Connection(ConnectionError::Missing { .. }) => Exit::Authentication,
            Failure::Connection(_) | Failure::Local(_) => Exit::LocalFile,
            Failure::Children(_, exit) => *exit,
            Failure::Results(tally) if tally.unknown > 0 => Exit::OutcomeUnknown,
            Failure::Results(_) => Exit::RecordRefused,
            Failure::MayNotRun(_) => Exit::MayNotRun,
            Failure::Server(failure) => failure.exit(),
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Failure::Output(_) | Failure::Demo(_) => Exit::Failed,
        }
    }

    /// When the same call may succeed, if it is a matter of waiting: after so long, or whenever the caller tries again.
    pub(crate) fn passes_after(&self) -> Option<Duration> {
        match self {
            Failure::Call(error, _) if error.is_retryable() => {
                let asked = self.connector_error().and_then(|error| error.retry_after_ms);
                Some(Duration::from_millis(asked.unwrap_or_default()))
            }
            Failure::Server(failure) if failure.exit() == Exit::Network => Some(Duration::ZERO),
            _ => None,
        }
    }

    /// Whether it is how a call ended. At a server that is recorded, and everything else may be asked again.
    pub(crate) fn is_of_an_execution(&self) -> bool {
        match self {
            Failure::Call(..) => true,
            Failure::Server(failure) => failure.is_of_an_execution,
            _ => false,
        }
    }

    /// Tells it on standard error. A reader that closed the pipe (`| head`) has what it wanted: nothing is said.
    pub(crate) fn report(&self, json: bool) {
        if self.exit() == Exit::Done {
            return;
        }
        let mut stderr = anstream::stderr().lock();
        // Nobody is left to tell if standard error is closed.
        let _ = if json { self.write_json(&mut stderr) } else { self.write_text(&mut stderr) };
    }

    fn execution_error(&self) -> Option<&ExecutionError> {
        match self {
            Failure::Call(error, _) | Failure::Refresh { error, .. } => Some(error),
            _ => None,
        }
    }

    fn connector_error(&self) -> Option<&Error> {
        match self.execution_error()? {
            ExecutionError::Connector(error) => Some(error),
            ExecutionError::Host(_) => None,
        }
    }

    fn host_failure(&self) -> Option<&HostFailure> {
        match self.execution_error()? {
            ExecutionError::Connector(_) => None,
            ExecutionError::Host(failure) => Some(failure),
        }
    }

    /// The outcome of what is no error of the component.
    fn own_outcome(&self) -> Option<Outcome> {
        match self {
            Failure::Server(failure) => Some(failure.outcome),
            Failure::Interrupted { .. } | Failure::InDoubt { .. } => Some(Outcome::Unknown),
            Failure::Results(tally) if tally.unknown > 0 => Some(Outcome::Unknown),
            _ => self.host_failure().map(|failure| failure.outcome),
        }
    }

    pub(super) fn kind(&self) -> &str {
        match self {
            Failure::InDoubt { of, .. } => of.kind_of_result(),
            Failure::Server(failure) => &failure.kind,
            Failure::Usage(_) => "usage",
            Failure::Call(..) | Failure::Refresh { .. } => {
                self.host_failure().map_or(HostFailureKind::Trapped, |failure| failure.kind).name()
            }
            Failure::LoggedOut { .. } => "logged-out",
            Failure::Connection(_) => "connection-file",
            Failure::NotStored(_) => "tokens-not-stored",
            Failure::Local(_) => "local",
            Failure::Demo(_) => "demo",
            Failure::Children(..) => "children",
            Failure::Results(_) => "results",
            Failure::MayNotRun(_) => "may-not-run",
            Failure::Interrupted { .. } => "write-interrupted",
            Failure::Output(_) => "output",
        }
    }

    /// Its kind, as in the result of one thing of several.
    pub(super) fn kind_of_result(&self) -> &str {
        self.connector_error().map_or_else(|| self.kind(), |error| names::error_kind(error.kind))
    }

    /// What failed.
    pub(super) fn message(&self) -> String {
        match self {
            // What Salesforce and components say is told as they say it.
            Failure::Call(error, _) => error.to_string(),
            Failure::InDoubt { of, what, .. } => format!("{}; {what}", of.message()),
            other => without_system_codes(&other.own_message()),
        }
    }

    fn own_message(&self) -> String {
        match self {
            Failure::Usage(message)
            | Failure::LoggedOut { why: message, .. }
            | Failure::NotStored(message)
            | Failure::Local(message)
            | Failure::Demo(message)
            | Failure::Children(message, _)
            | Failure::MayNotRun(message) => message.clone(),
            Failure::Results(tally) => tally.told().unwrap_or_default(),
            Failure::Call(error, _) => error.to_string(),
            Failure::InDoubt { of, what, .. } => format!("{}; {what}", of.own_message()),
            Failure::Refresh { error, of_a_call: true } => {
                format!("the session has expired, and refreshing it failed: {error}")
            }
            Failure::Refresh { error, of_a_call: false } => format!("the refresh failed: {error}"),
            Failure::Connection(error) => error.to_string(),
            Failure::Server(failure) => failure.message.clone(),
            Failure::Interrupted { .. } => "ended by Ctrl-C or SIGTERM while a write was under way".to_owned(),
            Failure::Output(error) => format!("cannot write the result: {error}"),
        }
    }

    pub(super) fn advice(&self) -> Option<String> {
        match self {
            Failure::InDoubt { advice, .. } => Some(advice.clone()),
            _ if self.exit() == Exit::OutcomeUnknown => Some(
                match self {
                    Failure::Call(error, _) => names::advice_of_unknown(error.is_retryable()),
                    Failure::Interrupted { is_kept: true, .. } => GOES_ON,
                    Failure::Interrupted { at_server: false, .. } | Failure::Results(_) => names::advice_of_unknown(false),
                    Failure::Interrupted { at_server: true, .. } | Failure::Server(_) => {
                        "Look whether it was done before you repeat it: `harness executions` shows what the server knows."
                    }
                    _ => "If Salesforce has given new tokens they are lost: run `harness login` again.",
                }
                .to_owned(),
            ),
            Failure::Call(..) | Failure::Refresh { .. } => {
                self.connector_error().map(|error| names::advice(error.kind).to_owned())
            }
            Failure::LoggedOut { has_refresh_token: true, .. } => Some(
                "Run `harness login` again. (`harness refresh --again` sends the stored refresh token all the same.)"
                    .to_owned(),
            ),
            Failure::LoggedOut { .. } => Some("Run `harness login` again.".to_owned()),
            Failure::Connection(error) => error.advice(),
            Failure::Server(failure) => failure.advice.clone(),
            Failure::Results(_) => {
                Some("The result has the error of each. Send those again, corrected, and not the others.".to_owned())
            }
            Failure::Usage(_) => Some("The command with --help shows what it takes.".to_owned()),
            _ => None,
        }
    }
}

/// The system's words alone: `No such file or directory (os error 2)` without its number.
fn without_system_codes(message: &str) -> String {
    let mut pieces = message.split(" (os error ");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(')') {
            Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => text.push_str(rest),
            _ => text.extend([" (os error ", piece]),
        }
    }
    text
}

fn exit_of_call(error: &ExecutionError, effect: Effect) -> Exit {
    if error.outcome() == Outcome::Unknown && effect == Effect::Write {
        return Exit::OutcomeUnknown;
    }
    error.kind().map_or(Exit::Host, Exit::of_kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use salesforce_runtime::bindings::types::ErrorKind;

    pub(super) fn error(kind: ErrorKind, outcome: Outcome) -> ExecutionError {
        ExecutionError::Connector(Error {
            kind,
            outcome,
            retryable: false,
            retry_after_ms: None,
            message: "it failed".to_owned(),
            status: Some(500),
            problems: Vec::new(),
            detail: None,
            request_id: None,
        })
    }

    fn trap(outcome: Outcome) -> ExecutionError {
        let message = "the component trapped".to_owned();
        ExecutionError::Host(HostFailure { kind: HostFailureKind::Trapped, outcome, message })
    }

    #[test]
    fn an_unknown_outcome_of_a_write_has_its_own_code_whatever_the_kind() {
        for kind in [ErrorKind::Timeout, ErrorKind::Interrupted, ErrorKind::InvalidResponse, ErrorKind::Unavailable] {
            assert_eq!(Failure::writing(error(kind, Outcome::Unknown)).exit(), Exit::OutcomeUnknown);
            assert_ne!(Failure::reading(error(kind, Outcome::Unknown)).exit(), Exit::OutcomeUnknown);
            assert_ne!(Failure::writing(error(kind, Outcome::NotSent)).exit(), Exit::OutcomeUnknown);
        }
        assert_eq!(Failure::writing(trap(Outcome::Unknown)).exit(), Exit::OutcomeUnknown);
        assert_eq!(Failure::writing(trap(Outcome::NotSent)).exit(), Exit::Host);
        assert_eq!(Failure::reading(trap(Outcome::Unknown)).exit(), Exit::Host);
        let refresh = Failure::Refresh { error: error(ErrorKind::Timeout, Outcome::Unknown), of_a_call: true };
        assert_eq!(refresh.exit(), Exit::OutcomeUnknown);
    }

    #[test]
    fn results_of_which_some_failed_are_no_plain_success() {
        let tally = |unknown| Tally { count: 3, failed: 2, unknown, kinds: [("locked".to_owned(), 2)].into() };
        let refused = Failure::Results(tally(0));
        assert_eq!((refused.exit(), refused.message().as_str()), (Exit::RecordRefused, "2 of 3 failed: 2 locked"));
        assert!(refused.advice().unwrap().contains("Send those again"));
        let unknown = Failure::Results(tally(1));
        assert_eq!((unknown.exit(), unknown.own_outcome()), (Exit::OutcomeUnknown, Some(Outcome::Unknown)));
    }

    #[test]
    fn what_failed_after_something_may_be_done_is_told_with_that() {
        for of in [
            Failure::reading(error(ErrorKind::Unavailable, Outcome::Rejected)),
            Failure::reading(error(ErrorKind::SessionExpired, Outcome::NotSent)),
            Failure::Local("no room".to_owned()),
        ] {
            let (kind, message) = (of.kind_of_result().to_owned(), of.message());
            let what = "its rows may be written".to_owned();
            let failure = Failure::InDoubt { of: Box::new(of), what, advice: "Run it again.".to_owned() };
            assert_eq!((failure.exit(), failure.own_outcome()), (Exit::OutcomeUnknown, Some(Outcome::Unknown)));
            assert_eq!((failure.kind(), failure.advice().as_deref()), (kind.as_str(), Some("Run it again.")));
            assert_eq!(failure.message(), format!("{message}; its rows may be written"));
        }
    }

    #[test]
    fn the_systems_words_are_told_without_their_number() {
        for (message, told) in [
            ("cannot read x: No such file or directory (os error 2)", "cannot read x: No such file or directory"),
            ("a: B (os error 17), c: D (os error 2)!", "a: B, c: D!"),
            ("a (os error x) b", "a (os error x) b"),
            ("a (os error 2", "a (os error 2"),
        ] {
            assert_eq!(Failure::Local(message.to_owned()).message(), told);
        }
    }

    #[test]
    fn json_has_the_fields_of_the_error_once() {
        for (failure, kind) in [
            (Failure::writing(error(ErrorKind::Locked, Outcome::Rejected)), "locked"),
            (Failure::reading(trap(Outcome::NotSent)), "host-trapped"),
            (Failure::Usage("wrong".to_owned()), "usage"),
        ] {
            let mut text = Vec::new();
            failure.write_json(&mut text).unwrap();
            let text = String::from_utf8(text).unwrap();
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(value["error"]["kind"], kind);
            assert_eq!(value["error"]["exit_code"].as_u64(), Some(u64::from(failure.exit().code())));
            assert_eq!(text.matches("\"kind\"").count(), 1, "{text}");
        }
    }
}
