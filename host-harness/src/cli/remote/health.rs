//! `harness health`: whether a server can work, for whoever starts and watches it.

use std::time::Duration;

use clap::Args;
use salesforce_runtime::egress::Origin;
use serde_json::json;

use super::client::{Call, Client};
use super::failure::ServerFailure;
use super::parsed;
use crate::cli::App;
use crate::cli::failure::{Effect, Failure};

/// Where `harness serve` listens unless it is told otherwise.
const HERE: &str = "http://127.0.0.1:8713";
/// For the whole answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ask a server whether it can work
///
/// Without --server it is the one at http://127.0.0.1:8713. It needs no token. Exit code 0: it can work, as `/readyz` says.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    harness health\n  \
    harness health --server https://workflow.example.com")]
pub(crate) struct Health;

impl Health {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let server: Origin = parsed(&app.server_options().address().unwrap_or_else(|| HERE.to_owned()))?;
        let client = Client::without_token(server, &app.extra_roots()?)?;
        let answer = tokio::time::timeout(PATIENCE, client.call(Call::get("/readyz"))).await;
        let answer = answer.unwrap_or_else(|_| Err(ServerFailure::slow(client.server(), PATIENCE).into()))?;
        if answer.body.starts_with("ready") {
            return app.output.write(&json!({"server": client.server().to_string(), "ready": true}));
        }
        let words = format!("expected `ready`, got {:?}", answer.body.chars().take(100).collect::<String>());
        Err(client.strange(&words, Effect::Read))
    }
}
