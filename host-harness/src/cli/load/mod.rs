//! `harness load`: the rows of a file, created, updated, upserted or deleted a batch at a time.
//!
//! ```text
//! rows ──► records: checked by operation ──► batches ──► Caller ──► outcomes: results, failed, unknown
//!   all of them are read and checked once before the first is sent          state: before each call, and after it
//! ```
//!
//! A row is told of once. A batch that was sent, and of which it was not stored what became of it, is told as unknown if it creates
//! records; what may be repeated is sent again. A server is asked for what it has recorded.

mod batches;
mod loading;
mod operation;
mod records;
mod requests;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use salesforce_actions::bounded::Whole;

use super::App;
use super::action::Caller;
use super::failure::Failure;
use super::rows::{Columns, Course, Described, Files, Format, Given, Input};
use batches::Batches;
use loading::Loading;
use operation::Operation;
use records::Records;
use requests::Requests;

/// Create, update, upsert or delete a record for each row of a file, CSV or JSON lines
///
/// The first row of CSV has the API names of fields; an empty cell leaves a field alone, and #N/A empties it. Parent.ERP_Id__c is a
/// lookup by an external Id. Of JSON lines each is an object of fields. The whole file is checked before anything is sent. Rows go
/// in batches, in their order; that some are refused does not stop the others. If a request fails as a whole, the load stops.
///
/// After that, Ctrl-C or kill -9 the same command goes on where it stopped: a file keeps how far it has come. Rows to be created
/// whose answer was lost are told as unknown and never sent twice; others are sent again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    harness load create Account accounts.csv --results results.jsonl --failed failed.csv\n  \
    harness load upsert Account accounts.jsonl --external-id ERP_Id__c\n  \
    harness soql-query \"SELECT Id FROM Case WHERE IsClosed = true\" --all | harness load delete -")]
pub(crate) struct Load {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Create a record for each row
    Create {
        /// API name of the object
        object: String,
        #[command(flatten)]
        options: Options,
    },
    /// Update the record that the Id of each row names
    Update {
        /// API name of the object
        object: String,
        #[command(flatten)]
        options: Options,
    },
    /// Update the record that has the row's value of an external Id field, or create it
    Upsert {
        /// API name of the object
        object: String,
        #[command(flatten)]
        options: Options,
        /// API name of the field, which each row has
        #[arg(long, value_name = "FIELD")]
        external_id: String,
    },
    /// Delete the record that the Id of each row names
    Delete {
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Debug, Args)]
struct Options {
    /// CSV or JSON lines; - for standard input
    file: PathBuf,
    /// Rows of a request, 1 to 200 [default: 200]
    #[arg(long, value_name = "ROWS")]
    batch_size: Option<Whole<u8, 1, 200>>,
    #[command(flatten)]
    files: Files,
    /// Where to keep how far it has come; it goes when all is done [default: FILE.load; none for standard input]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

impl Load {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let (operation, options) = match self.what {
            What::Create { object, options } => (Operation::Create { object }, options),
            What::Update { object, options } => (Operation::Update { object }, options),
            What::Upsert { object, options, external_id } => (Operation::Upsert { object, external_id }, options),
            What::Delete { options } => (Operation::Delete, options),
        };
        operation.check()?;
        options.run(app, &operation).await
    }
}

impl Options {
    async fn run(self, app: &App, operation: &Operation) -> Result<(), Failure> {
        let input = Input::open(&self.file).await?;
        let caller = Caller::new(app)?;
        let described = match (&input.format, operation.object()) {
            (Format::Csv(_), Some(object)) => Some(Described::ask(&caller, object).await?),
            _ => None,
        };
        let records = || Records::of(&input, operation, columns(&input, operation, described.as_ref())?);
        let (mut count, mut all) = (0_u64, records()?);
        while all.next()?.is_some() {
            count += 1;
        }
        let given = Given {
            command: "load",
            file: &self.file,
            input: &input,
            count,
            files: &self.files,
            state: self.state.as_deref(),
        };
        let course = Course::begin(given, operation, Requests::new, &caller, app).await?;
        let mut batches = Batches::new(records()?, usize::from(self.batch_size.map_or(200, Whole::get)));
        for _ in 0..course.done() {
            batches.take(1)?;
        }
        Loading { caller, operation, course }.run(&mut batches).await
    }
}

fn columns(input: &Input, operation: &Operation, described: Option<&Described>) -> Result<Option<Columns>, Failure> {
    let Format::Csv(names) = &input.format else { return Ok(None) };
    Columns::of(names, operation.purpose(), described).map(Some).map_err(|words| input.wrong(1, &words))
}
