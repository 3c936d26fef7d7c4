//! An action, run where the options say: in this program with the connection file, or at a server.

use host_harness::action::{Action, Answer};

use super::App;
use super::failure::{Effect, Failure};

/// Runs an action. An idempotency key is for servers only.
///
/// # Errors
/// The session, the server, or the call.
pub(crate) async fn act(app: &App, action: &Action, idempotency_key: Option<&str>) -> Result<Answer, Failure> {
    if let Some(server) = app.server()? {
        return server.execute(app, action, idempotency_key).await;
    }
    if idempotency_key.is_some() {
        return Err(Failure::Usage("--idempotency-key needs a server, which keeps the keys: see --server".to_owned()));
    }
    let options = app.call_options();
    let effect = if action.name().writes() { Effect::Write } else { Effect::Read };
    app.session()?
        .call(async |execution, document| action.run(execution, &document.connection(), options).await)
        .await
        .map_err(Failure::session(effect))
}

/// Runs an action and prints what it gave.
///
/// # Errors
/// As [`act`], and standard output.
pub(crate) async fn print(app: &App, action: &Action, idempotency_key: Option<&str>) -> Result<(), Failure> {
    let answer = act(app, action, idempotency_key).await?;
    app.output.write_text(answer.to_json()?.get())
}
