//! `harness refresh`.

use clap::Args;
use serde::Serialize;

use super::App;
use super::failure::Failure;
use salesforce_connections::{RefreshedBy, Session};

/// Exchange the stored refresh token for new tokens, and store them
///
/// Other commands refresh an expired session by themselves; this does it now. The new tokens are in the file before
/// anything is printed. Prints {"refreshed":true,"rotated":..,"instance_url":..,"scopes":[..],"issued_at":..}, no token.
/// With --server, the server does it for its connection, and the connection is printed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  harness refresh")]
pub(crate) struct Refresh {
    /// Send the stored refresh token even if an earlier refresh with it never finished; if Salesforce has rotated it
    /// since, this ends the connection
    #[arg(long)]
    again: bool,
}

#[derive(Serialize)]
struct Refreshed<'a> {
    /// False: another process had stored newer tokens.
    refreshed: bool,
    rotated: bool,
    instance_url: String,
    scopes: &'a [String],
    issued_at: Option<u64>,
}

impl Refresh {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        if let Some(server) = app.server()? {
            return app.output.write(&server.refresh(self.again).await?);
        }
        let file = app.connection_file()?;
        let seen = file.read().map_err(Failure::Connection)?.access_token().clone();
        let session = Session::new(app.oauth_connector()?, file, app.call_options());
        let healed = session.heal(&(), seen, None, self.again).await;
        let (_, by) = healed.map_err(|error| Failure::healing(error).of_file(session.store()))?;
        let document = session.store().read().map_err(Failure::Connection)?;
        app.output.write(&Refreshed {
            refreshed: by != RefreshedBy::Another,
            rotated: by == RefreshedBy::Us { rotated: true },
            instance_url: document.instance_url().to_string(),
            scopes: document.scopes(),
            issued_at: document.issued_at(),
        })
    }
}
