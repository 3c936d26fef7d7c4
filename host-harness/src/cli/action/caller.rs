//! Who runs an action: this program with the connection file, or a server.

use salesforce_actions::{Answer, Call, within};
use salesforce_runtime::bindings::soql::Page;
use salesforce_runtime::{ExecutionError, HostFailure};
use serde_json::value::RawValue;

use super::super::App;
use super::super::failure::{Effect, Failure};
use super::super::interrupt::Write;
use super::super::remote::Server;
use salesforce_connections::{ConnectionFile, Session};

/// Who runs actions, one after the other.
pub(crate) struct Caller<'a> {
    app: &'a App,
    place: Place,
}

enum Place {
    Here(Box<Session<ConnectionFile>>),
    AtServer(Box<Server>),
}

impl Caller<'_> {
    /// The one that the options name.
    ///
    /// # Errors
    /// The session, or how to reach the server.
    pub(crate) fn new(app: &App) -> Result<Caller<'_>, Failure> {
        let place = match app.server()? {
            Some(server) => Place::AtServer(Box::new(server)),
            None => Place::Here(Box::new(app.session()?)),
        };
        Ok(Caller { app, place })
    }

    /// Runs an action that gives a page. An idempotency key is for servers only.
    ///
    /// # Errors
    /// The server, or the call.
    pub(crate) async fn page(&self, call: &Call, idempotency_key: Option<&str>) -> Result<Page, Failure> {
        match &self.place {
            Place::AtServer(server) => server.page(self.app, call, idempotency_key).await,
            Place::Here(session) => {
                let answer = self.here(session, call).await?;
                let may_have_left = answer.may_have_left();
                let mut page = answer.into_page().map_err(|failure| not_given(failure, call))?;
                let records = within(std::mem::take(&mut page.records), usize::MAX)
                    .map_err(|error| not_given(error.failure(may_have_left), call))?;
                page.records = Box::<str>::from(records).into();
                Ok(page)
            }
        }
    }

    /// Runs an action, and gives its result as JSON. An idempotency key is for servers only.
    ///
    /// # Errors
    /// The server, or the call.
    pub(crate) async fn json(&self, call: &Call, idempotency_key: Option<&str>) -> Result<Box<RawValue>, Failure> {
        match &self.place {
            Place::AtServer(server) => server.execute(self.app, call, idempotency_key).await,
            Place::Here(session) => {
                self.here(session, call).await?.to_json().map_err(|failure| not_given(failure, call))
            }
        }
    }

    /// Whether a server makes the calls, and records them.
    pub(crate) fn is_at_server(&self) -> bool {
        matches!(self.place, Place::AtServer(_))
    }

    /// Which org it calls, as this program knows it: by its address, or at a server by the connection.
    ///
    /// # Errors
    /// The connection file, or the server.
    pub(crate) async fn org(&self) -> Result<String, Failure> {
        match &self.place {
            Place::AtServer(server) => server.org().await,
            Place::Here(session) => {
                let document = session.store().read().map_err(Failure::Connection)?;
                Ok(document.instance_url().to_string())
            }
        }
    }

    async fn here(&self, session: &Session<ConnectionFile>, call: &Call) -> Result<Answer, Failure> {
        let options = self.app.call_options();
        session
            .call(&(), async |execution, connection| {
                let _write = call.action().writes().then(Write::begin);
                call.run(execution, &connection, options).await
            })
            .await
            .map_err(|error| Failure::session(Effect::of(call.action()))(error).of_file(session.store()))
    }
}

/// The component has done it, and what it says of it cannot be shown.
fn not_given(failure: HostFailure, call: &Call) -> Failure {
    Failure::Call(ExecutionError::Host(failure), Effect::of(call.action()))
}
