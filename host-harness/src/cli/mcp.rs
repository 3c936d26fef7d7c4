//! `harness mcp`.

use std::io::ErrorKind;
use std::sync::Arc;

use clap::Args;
use salesforce_actions::json::ErrorView;
use salesforce_actions::{Answer, Call};
use salesforce_connections::{ConnectionFile, Session};
use salesforce_mcp::{Connections, Ended, Host, Place, Ran, Refusal, ToolCall, Tools, serve_stdio};
use salesforce_runtime::bindings::types::CallOptions;
use salesforce_runtime::{ExecutionError, HostFailure, names};
use serde::Serialize;
use serde_json::value::to_raw_value;
use tokio_util::sync::CancellationToken;

use super::App;
use super::action;
use super::failure::{Effect, Failure};
use super::interrupt::Write;

const HOW_TO_WRITE: &str = "Whoever starts this program switches writes on: harness mcp --writes.";

/// Serve the actions as tools for an agent: the Model Context Protocol on standard input and output
///
/// An agent's program starts this and speaks with it until it closes standard input, or Ctrl-C. The tools are the actions of the
/// connector, or of --component, with the stored connection; an expired session is refreshed as by other commands. They only
/// read, unless --writes is given. A result has at most 256 KiB. A server has the same at URL/mcp.
#[derive(Debug, Args)]
#[command(after_help = "Example, in the settings of an agent's program:\n  \
    {\"mcpServers\": {\"salesforce\": {\"command\": \"harness\", \"args\": [\"mcp\"]}}}\n\n  \
    harness mcp --writes")]
pub(crate) struct Mcp {
    /// Also serve the actions that write: an agent can create, change and delete records then
    #[arg(long)]
    writes: bool,
}

/// A connection file, and what makes calls with it.
struct OneFile {
    session: Session<ConnectionFile>,
    options: CallOptions,
    tools: Arc<Tools>,
}

/// Tells on standard error of a write that nobody waits for any more.
struct Unanswered(Option<String>);

/// An error that is not the component's own, in the form of one.
#[derive(Serialize)]
struct ErrorOfHost<'a> {
    kind: &'a str,
    outcome: &'static str,
    retryable: bool,
    message: &'a str,
}

impl Mcp {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        app.no_server("mcp")?;
        if let Some(why) = action::without_actions() {
            return Err(Failure::Local(why.to_owned()));
        }
        let tools = Arc::new(Tools::new(action::actions().clone(), Place::OneConnection, self.writes, HOW_TO_WRITE));
        let host = OneFile { session: app.session()?, options: app.call_options(), tools };
        serve_stdio(host).await.map_err(|error| match error.kind() {
            ErrorKind::InvalidData => Failure::Usage(error.to_string()),
            _ => Failure::Output(error),
        })
    }
}

impl Host for OneFile {
    fn tools(&self) -> &Arc<Tools> {
        &self.tools
    }

    /// There is one.
    async fn connections(&self) -> Result<Connections, Refusal> {
        Ok(Connections::default())
    }

    /// Is dropped when it is cancelled.
    async fn run(&self, call: ToolCall, _: CancellationToken) -> Ran {
        let call = Arc::new(call.call);
        let mut unanswered = Unanswered(call.action().writes().then(|| call.action().name.clone()));
        let effect = Effect::of(call.action());
        let made = self.call(&call).await.and_then(|answer| {
            answer.to_json().map_err(|failure| Failure::Call(ExecutionError::Host(failure), effect))
        });
        unanswered.0 = None;
        Ran { ended: made.map_or_else(failed, Ended::Succeeded), execution: None, replayed: false }
    }
}

impl OneFile {
    async fn call(&self, call: &Arc<Call>) -> Result<Answer, Failure> {
        let options = self.options;
        let make = |execution, connection| {
            let call = Arc::clone(call);
            async move {
                let _write = call.action().writes().then(Write::begin);
                call.run(execution, &connection, options).await
            }
        };
        let effect = Effect::of(call.action());
        let made = self.session.call(&(), make).await;
        made.map_err(|error| Failure::session(effect)(error).of_file(self.session.store()))
    }
}

fn failed(failure: Failure) -> Ended {
    let (error, advice) = match &failure {
        Failure::Call(ExecutionError::Connector(error), _) => (to_raw_value(&ErrorView::new(error)), None),
        Failure::Call(ExecutionError::Host(failure), _) => (to_raw_value(&ErrorOfHost::of(failure)), None),
        // No call reached Salesforce, or the org refused it for its session: nothing came of it.
        other => {
            let outcome = if matches!(other, Failure::Connection(_)) { "not-sent" } else { "rejected" };
            let (kind, message) = (other.kind(), &*other.message());
            let advice = other
                .advice()
                .unwrap_or_else(|| "If it happens again, tell the user what the message says.".to_owned());
            let advice = format!("Nothing was changed. Tell the user: {message}. {advice}");
            (to_raw_value(&ErrorOfHost { kind, outcome, retryable: false, message }), Some(advice))
        }
    };
    // Texts, numbers and booleans alone: an error can always be written.
    Ended::Failed { error: error.unwrap_or_default(), advice }
}

impl ErrorOfHost<'_> {
    fn of(failure: &HostFailure) -> ErrorOfHost<'_> {
        ErrorOfHost {
            kind: failure.kind.name(),
            outcome: names::outcome(failure.outcome),
            retryable: failure.is_retryable(),
            message: &failure.message,
        }
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        if let Some(action) = &self.0 {
            anstream::eprintln!("note: {action} was cancelled under way: look in Salesforce whether it was done");
        }
    }
}
