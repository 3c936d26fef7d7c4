//! Who runs an action: this program with the connection file, or a server.

use salesforce_actions::{Answer, Call, read_page};
use salesforce_runtime::bindings::soql::Page;
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
            Place::AtServer(server) => Ok(read_page(server.execute(self.app, call, idempotency_key).await?.get())?),
            Place::Here(session) => {
                let page = self.here(session, call).await?.into_page();
                page.ok_or_else(|| Failure::Local("expected a page of records, and the component gave none".to_owned()))
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
            Place::Here(session) => Ok(self.here(session, call).await?.to_json()?),
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
