//! `harness explain`.

use clap::Args;

use super::App;
use super::failure::{Effect, Failure};
use super::soql_query::QueryText;
use salesforce_actions::json::checked;
use salesforce_runtime::bindings::soql::Query;

/// Show how Salesforce would run a query
///
/// Prints a JSON array of plans, cheapest first, each with `leadingOperationType`, `relativeCost`, `cardinality` and
/// `notes`. A relative cost above 1 means that the query is not selective.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  harness explain \"SELECT Id FROM Account WHERE Name = :n\" --param n=Acme")]
pub(crate) struct Explain {
    #[command(flatten)]
    text: QueryText,
}

impl Explain {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        explain(&self.text.into_query().await?, app).await
    }
}

/// Prints the plans of a query.
///
/// # Errors
/// The call, or standard output.
pub(crate) async fn explain(query: &Query, app: &App) -> Result<(), Failure> {
    app.no_server("explaining a query")?;
    let options = app.call_options();
    let plans = app
        .session()?
        .call(&(), async |execution, connection| execution.explain(&connection, query, options).await)
        .await
        .map_err(Failure::session(Effect::Read))?;
    app.output.write(&checked(&plans)?)
}
