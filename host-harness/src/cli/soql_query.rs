//! `harness soql-query`.

use std::path::PathBuf;

use clap::Args;
use salesforce_actions::bounded::Whole;
use salesforce_actions::parameters;
use salesforce_actions::{Action, BatchSize, MaxRecords};

use super::failure::Failure;
use super::page::PageOptions;
use super::{App, input, query_all};
use salesforce_runtime::bindings::soql::{Parameter, Query};

const EXAMPLES: &str = r#"Parameters:
  :name in the query, outside of '...', is a placeholder. Values are escaped: they never change
  the query.
    --param NAME=VALUE           text
    --param NAME:TYPE=VALUE      integer, decimal, boolean, date, datetime, time, currency, id,
                                 like-contains, like-starts-with, like-ends-with, like-exact,
                                 like-pattern
    --param NAME:TYPE[]=A,B      a list for IN; write \, for a comma in a value
    --param NAME:null            null
  --params-file takes a JSON object of names and values:
    {"name": "O'Reilly", "since": {"date": "2026-01-01"}, "ids": [{"id": "001..."}]}

Examples:
  harness soql-query "SELECT Id, Name FROM Account LIMIT 5"
  harness soql-query "SELECT Id FROM Account WHERE Name = :name AND CreatedDate > :since" \
      --param "name=O'Reilly & Sons" --param since:datetime=2026-01-01T00:00:00Z
  harness soql-query "SELECT Id, Name FROM Account" --all > accounts.jsonl
  harness soql-query "SELECT Name, (SELECT Name FROM Contacts) FROM Account" --all --all-children"#;

/// Action: run a SOQL query
///
/// Prints one page: {"records":[...],"count":..,"total_size":..,"next":..,"children":[..],"usage":{..}}. `next`, if it is
/// not null, is a cursor for `harness next-page`, and so is that of each of its `children`, sub-queries with more rows than
/// the page holds. Records are as Salesforce sent them, every digit untouched.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SoqlQuery {
    #[command(flatten)]
    text: QueryText,
    /// Also deleted and archived records
    #[arg(long)]
    include_deleted: bool,
    /// Records a page, 200 to 2000: a wish that Salesforce may not follow [default: 2000]
    #[arg(long, value_name = "N")]
    batch_size: Option<BatchSize>,
    /// Fetch following pages in the same call, as long as all records together stay within this number
    #[arg(long, value_name = "N", conflicts_with = "all")]
    max_records: Option<MaxRecords>,
    /// Stream every page as JSON lines, one record a line
    #[arg(long, conflicts_with_all = ["pretty", "table"])]
    all: bool,
    #[command(flatten)]
    page: PageOptions,
    /// Print how Salesforce would run the query instead of running it
    #[arg(long, conflicts_with_all = ["all", "table", "max_records", "all_children"])]
    explain: bool,
}

/// A query with its parameters.
#[derive(Debug, Args)]
pub(crate) struct QueryText {
    /// The query
    soql: String,
    /// Bind a parameter; see below for the types
    #[arg(long = "param", value_name = "NAME[:TYPE]=VALUE", value_parser = parameters::from_argument)]
    parameters: Vec<Parameter>,
    /// Bind the parameters in a JSON file, `-` for standard input
    #[arg(long, value_name = "FILE")]
    params_file: Option<PathBuf>,
}

impl QueryText {
    /// The query, with one page of Salesforce's default size.
    ///
    /// # Errors
    /// The parameters file.
    pub(crate) async fn into_query(self) -> Result<Query, Failure> {
        let mut parameters = self.parameters;
        if let Some(path) = &self.params_file {
            let text = input::text(path).await?;
            let more = parameters::from_file(&text)
                .map_err(|error| Failure::Usage(format!("parameters file {}: {error}", path.display())))?;
            parameters.extend(more);
        }
        Ok(Query { soql: self.soql, parameters, include_deleted: false, batch_size: None, max_records: None })
    }
}

impl SoqlQuery {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let query = Query {
            include_deleted: self.include_deleted,
            batch_size: self.batch_size.map(Whole::get),
            max_records: self.max_records.map(Whole::get),
            ..self.text.into_query().await?
        };
        if self.explain {
            return super::explain::explain(&query, app).await;
        }
        if self.all {
            return query_all::stream(app, query, self.page.all_children).await;
        }
        self.page.print(app, &Action::SoqlQuery(query)).await
    }
}
