//! `harness revoke`.

use clap::Args;
use salesforce_runtime::ExecutionError;
use serde::Serialize;

use super::App;
use super::failure::Failure;
use super::interrupt::Write;
use salesforce_connections::Lock;
use salesforce_runtime::bindings::types::ErrorKind;

/// Log out: revoke the tokens at Salesforce and delete the connection file
///
/// Revoking the refresh token ends its access tokens too. If Salesforce no longer knows the token the file is deleted all
/// the same; on any other error it stays. Prints {"revoked":true,"deleted":"FILE"}. With --server, the server revokes its
/// connection's tokens and removes them, and the connection is printed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  harness revoke")]
pub(crate) struct Revoke {}

#[derive(Serialize)]
struct Revoked {
    /// False: Salesforce did not know the token any more.
    revoked: bool,
    deleted: String,
}

impl Revoke {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        if let Some(server) = app.server()? {
            return app.output.write(&server.revoke().await?);
        }
        let file = app.connection_file()?;
        file.read().map_err(Failure::Connection)?;
        let connector = app.oauth_connector()?;
        let _lock = Lock::acquire(file.path())
            .await
            .map_err(|error| Failure::Local(format!("cannot lock {}: {error}", file.path().display())))?;
        // Again, under the lock: a refresh may just have rotated the token.
        let document = file.read().map_err(Failure::Connection)?;
        let token = document.refresh_token().unwrap_or(document.access_token());
        let stored = document.stored();
        let execution = connector.execution(stored.policy());
        let _write = Write::begin();
        let revoked = match execution.revoke(&stored.app(), token.expose(), app.call_options()).await {
            Ok(()) => true,
            Err(ExecutionError::Connector(error)) if error.kind == ErrorKind::ReauthorizationRequired => false,
            Err(error) => return Err(Failure::writing(error).of_file(&file)),
        };
        file.remove().map_err(Failure::Connection)?;
        app.output.write(&Revoked { revoked, deleted: file.path().display().to_string() })
    }
}
