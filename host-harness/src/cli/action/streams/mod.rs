//! `--streams`: what is large, through the component with streams in place of the connector. All of it is one call, which passes on
//! what comes, so nothing of it has to fit into a result.
//!
//! ```text
//! Call ──► Streams::call: session, policy, one instance ──► query: records on standard output
//!                                                       ├─► download: a file, once it is whole
//!                                                       └─► upload: a file as it goes out
//! ```

mod download;
mod progress;
mod query;
mod upload;

use std::time::Duration;

use clap::{Arg, ArgAction};
use salesforce_actions::{Action, Actions, Call};
use salesforce_connections::{ConnectionFile, ConnectionStore, Session, SessionError, Stored};
use salesforce_runtime::bindings::types::{ApiUsage, CallOptions, Connection};
use salesforce_runtime::{Evidence, ExecutionError};
use salesforce_streams::{Component, Instance};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::App;
use super::super::failure::{Effect, Failure};
use super::super::interrupt::Write;
use super::out::Out;
use super::page::PageOptions;
use super::results::{self, Form};
use super::{ALL, IDEMPOTENCY_KEY, SOQL_QUERY};

/// The id of the flag, and its name.
pub(super) const STREAMS: &str = "streams";

const DOWNLOAD_BLOB: &str = "download-blob";
const UPLOAD_FILE: &str = "upload-file";

/// How long a stream may take, whatever it waits for: its pieces have deadlines of their own.
const LONGEST: Duration = Duration::from_hours(24);

/// The flag, for an action that can do with streams what it does.
pub(super) fn flag(actions: &Actions, action: &Action) -> Option<Arg> {
    if !action.is_own() {
        return None;
    }
    let flag = Arg::new(STREAMS).long(STREAMS).action(ArgAction::SetTrue).conflicts_with(IDEMPOTENCY_KEY);
    match action.name.as_str() {
        SOQL_QUERY if super::has_all(actions, action) => {
            let help =
                "With --all: one stream of all pages, from a component of WASI 0.3, in place of a call for each page";
            Some(flag.requires(ALL).conflicts_with("all_children").help(help))
        }
        DOWNLOAD_BLOB => {
            let help = "With --out: all of the blob, however large, piece by piece into the file, from a component of WASI 0.3";
            Some(flag.requires("out").help(help))
        }
        UPLOAD_FILE => {
            let help = "A file of any size that Salesforce takes, piece by piece from --data @FILE, by a component of WASI 0.3";
            Some(flag.help(help))
        }
        _ => None,
    }
}

/// How the result is told.
pub(super) struct Told<'a> {
    pub(super) page: Option<&'a PageOptions>,
    pub(super) out: &'a Out,
    pub(super) form: &'a Form,
}

/// Makes a call with the component that has streams, and tells its result. `data` is what the flag of bytes says.
///
/// # Errors
/// A server or a component is named, the session, the call, a file, or standard output.
pub(super) async fn run(app: &App, call: &Call, data: Option<&str>, told: Told<'_>) -> Result<(), Failure> {
    let option = format!("--{STREAMS}");
    app.no_server(&option)?;
    app.no_component(&option)?;
    let result = match (call.action().name.as_str(), told.page) {
        (SOQL_QUERY, Some(page)) => return query::all(&Streams::new(app)?, call, page.form.csv).await,
        (DOWNLOAD_BLOB, _) => download::to(&Streams::new(app)?, call, told.out).await?,
        (UPLOAD_FILE, _) => {
            let data = upload::Data::named(data)?;
            upload::of(&Streams::new(app)?, call, &data).await?
        }
        (other, _) => return Err(Failure::Usage(format!("{other} has no streams"))),
    };
    results::print(app, &serde_json::value::to_raw_value(&result).map_err(unread)?, told.form)
}

/// The component, and the stored connection.
struct Streams {
    component: Component,
    session: Session<ConnectionFile>,
    options: CallOptions,
}

impl Streams {
    fn new(app: &App) -> Result<Streams, Failure> {
        Ok(Streams { session: app.session()?, component: app.streams()?, options: app.call_options() })
    }

    /// Makes a call. Of one that fails with an error of its execution nothing has come yet: where the session has expired, it is
    /// refreshed and the call made once more. Any other failure is the end.
    async fn call<T, F>(&self, call: &Call, make: impl Fn(Instance, Connection) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<Result<T, Failure>, ExecutionError>>,
    {
        let (session, effect) = (&self.session, Effect::of(call.action()));
        let failed = |error| Failure::session(effect)(error).of_file(session.store());
        let stored = session.store().load(&()).await.map_err(|error| failed(SessionError::Store(error)))?;
        let prepare = |stored: &Stored<_>, evidence: &Evidence| {
            let execution = self.component.execution(stored.policy()).noting(evidence).within(LONGEST);
            Ok::<_, Box<SessionError<_>>>((execution.start(), stored.connection()))
        };
        let made = session.call_on(&(), stored, prepare, async |instance, connection| {
            let _write = call.action().writes().then(Write::begin);
            make(instance, connection).await.map_err(|error| call.placed(error))
        });
        made.await.map_err(|error| failed(*error))?
    }
}

/// The input of a call, which was checked when the call was made.
fn input<T: DeserializeOwned>(call: &Call) -> Result<T, Failure> {
    serde_json::from_str(call.input()).map_err(unread)
}

fn unread(error: serde_json::Error) -> Failure {
    Failure::Usage(format!("expected the input of an action: {error}"))
}

/// As results have it.
fn usage(usage: Option<ApiUsage>) -> Value {
    usage.map_or(Value::Null, |ApiUsage { used, allowed }| json!({ "used": used, "allowed": allowed }))
}
