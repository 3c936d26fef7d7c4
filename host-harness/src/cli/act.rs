//! An action, run where the options say: in this program with the connection file, or at a server.

use salesforce_actions::{Action, Answer};

use super::App;
use super::failure::{Effect, Failure};
use super::remote::Server;
use salesforce_connections::{ConnectionFile, Session};
use salesforce_runtime::bindings::soql::Page;

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

    /// Runs an action. An idempotency key is for servers only.
    ///
    /// # Errors
    /// The server, or the call.
    pub(crate) async fn call(&self, action: &Action, idempotency_key: Option<&str>) -> Result<Answer, Failure> {
        let session = match &self.place {
            Place::AtServer(server) => return server.execute(self.app, action, idempotency_key).await,
            Place::Here(session) => session,
        };
        let options = self.app.call_options();
        let effect = if action.name().writes() { Effect::Write } else { Effect::Read };
        session
            .call(&(), async |execution, connection| action.run(execution, &connection, options).await)
            .await
            .map_err(Failure::session(effect))
    }

    /// Runs an action that gives a page.
    ///
    /// # Errors
    /// As [`Caller::call`].
    pub(crate) async fn page(&self, action: &Action) -> Result<Page, Failure> {
        match self.call(action, None).await? {
            Answer::Page(page) => Ok(page),
            other => Err(Failure::Local(format!("expected a page of records, found {other:?}"))),
        }
    }
}

/// Runs an action. An idempotency key is for servers only.
///
/// # Errors
/// The session, the server, or the call.
pub(crate) async fn act(app: &App, action: &Action, idempotency_key: Option<&str>) -> Result<Answer, Failure> {
    if idempotency_key.is_some() && app.server()?.is_none() {
        return Err(Failure::Usage("--idempotency-key needs a server, which keeps the keys: see --server".to_owned()));
    }
    Caller::new(app)?.call(action, idempotency_key).await
}

/// Runs an action and prints what it gave.
///
/// # Errors
/// As [`act`], and standard output.
pub(crate) async fn print(app: &App, action: &Action, idempotency_key: Option<&str>) -> Result<(), Failure> {
    let answer = act(app, action, idempotency_key).await?;
    app.output.write_text(answer.to_json()?.get())
}
