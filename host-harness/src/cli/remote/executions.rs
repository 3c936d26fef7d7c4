//! `harness executions`: the log of a server.

use clap::Args;
use salesforce_actions::bounded::Whole;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::client::Call;
use super::query_value;
use crate::cli::App;
use crate::cli::failure::Failure;
use crate::cli::output::write_table;

/// List the executions of a server, or show one
///
/// Prints a JSON array, newest first, of {"id":..,"action":..,"state":..,"error_kind":..,"records":..,...}, or the one with
/// its `result` or `error`. Needs --server; with --connection-name only those of that connection.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  harness executions --server http://127.0.0.1:8713 --state unknown\n  \
                        harness executions 0192f0c1-... | jq .result    # with HARNESS_SERVER")]
pub(crate) struct Executions {
    /// Show this one
    #[arg(value_name = "ID", conflicts_with_all = ["state", "limit", "table"])]
    id: Option<String>,
    /// Only those in this state: running, succeeded, failed, cancelled or unknown
    #[arg(long)]
    state: Option<String>,
    /// How many at most: 1 to 65,535 [default: 50]
    #[arg(long, value_name = "N")]
    limit: Option<Whole<u16, 1, 65_535>>,
    /// Print them as a table, for people
    #[arg(long, conflicts_with = "json")]
    table: bool,
}

#[derive(Serialize, Deserialize)]
struct Row {
    started_at: String,
    action: String,
    state: String,
    error_kind: Option<String>,
    records: i64,
    duration_ms: Option<serde_json::Number>,
    id: String,
}

impl Executions {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let server = app.needed_server("executions")?;
        if let Some(id) = &self.id {
            let path = format!("/v1/executions/{}", query_value(id));
            let execution: Result<Box<RawValue>, Failure> = server.read(Call::get(&path)).await;
            let execution = execution.map_err(|failure| match failure {
                Failure::Server(mut failure) if failure.kind == "not-found" => {
                    failure.message = format!("the server has no execution with the id {id}");
                    failure.advice = Some("`harness executions` lists those that it has.".to_owned());
                    Failure::Server(failure)
                }
                failure => failure,
            })?;
            return app.output.write(&execution);
        }
        let mut path = "/v1/executions?".to_owned();
        if server.connection_name.is_some() {
            path.push_str(&format!("&connection={}", server.connection().await?.id));
        }
        if let Some(state) = &self.state {
            path.push_str(&format!("&state={}", query_value(state)));
        }
        let items = server.list(&path, self.limit.map_or(50, Whole::get).into()).await?;
        if self.table { write_table::<Row>(&items) } else { app.output.write(&items) }
    }
}
