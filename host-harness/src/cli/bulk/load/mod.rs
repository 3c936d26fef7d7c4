//! `harness bulk-load`: the rows of a file, through jobs of the Bulk API.
//!
//! ```text
//! sent: the whole input is looked at, columns ──► pieces, a job each ──► loading: made, filled, closed, asked for
//!                                                                          └─► join: results to rows ──► outcomes
//! ```
//!
//! No row is loaded twice: a job processes nothing before it is closed, so one that is open and of which it is not known that its
//! data are whole is aborted and made anew; of one that may have been closed Salesforce is asked; one that is over is only read.

mod join;
mod loading;
mod operation;
mod pieces;
mod refusal;
mod sent;

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Args;
use salesforce_actions::bounded::Whole;
use salesforce_actions::bulk::PIECE_BYTES;

use super::super::App;
use super::super::action::Caller;
use super::super::failure::Failure;
use super::super::rows::{Course, Described, Files, Given, Input, Purpose};
use super::DEADLINE_MS;
use super::jobs::Jobs;
use super::patience::Wait;
use loading::Loading;
use operation::{Kind, Operation};
use pieces::Pieces;
use sent::Sent;

/// Create, update, upsert or delete a record for each row of a file, any number, as jobs of the Bulk API 2.0
///
/// For many rows: below some 2,000 `harness load` is faster. The first row of CSV has the API names of fields; an empty cell
/// leaves a field alone, and #N/A empties it. Parent.ERP_Id__c is a lookup by an external Id. Of JSON lines each is an object of
/// fields: null, and an empty text, empty a field. Columns that begin with sf__ are ignored, and for a delete all but Id. The
/// whole file is checked before anything is sent, then cut at the end of a row into jobs, one after the other.
///
/// Salesforce's results keep no order. They are joined with the rows by the external Id of an upsert and the Id of an update or a
/// delete; for an insert by all that a row has, where of equal rows each may stand for the other. Rows that Salesforce did not
/// come to are among --failed, to be loaded again.
///
/// After Ctrl-C or kill -9 the same command goes on where it stopped: a file keeps the job and how far it has come. No row is
/// loaded twice. Exit codes: 5 if a row was refused, 9 if of one nobody knows, or if a job was given up of which rows are written,
/// 10 if Salesforce gave a job up and wrote none of its rows.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    harness bulk-load Account accounts.csv --operation upsert --external-id ERP_Id__c\n  \
    harness bulk-load Lead leads.jsonl --operation insert --failed failed.jsonl\n  \
    harness bulk-load Case closed.csv --operation delete --results results.jsonl")]
pub(crate) struct BulkLoad {
    /// API name of the object
    object: String,
    /// CSV or JSON lines; - for standard input
    file: PathBuf,
    /// What becomes of the rows
    #[arg(long, value_enum)]
    operation: Kind,
    /// Of an upsert: API name of the external Id field, which each row has
    #[arg(long, value_name = "FIELD")]
    external_id: Option<String>,
    /// Bytes of the data of a job, 1,000 to 6,291,456 [default: 4,194,304]; less if its results could be more than 8 MiB
    #[arg(long, value_name = "BYTES")]
    job_bytes: Option<Whole<u32, 1_000, 6_291_456>>,
    /// Seconds to wait for a job, 1 to 604,800 [default: 86,400]
    #[arg(long, value_name = "SECONDS")]
    wait: Option<Wait>,
    #[command(flatten)]
    files: Files,
    /// Where to keep how far it has come; it goes when all is done [default: FILE.bulk-load; none for standard input]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

impl BulkLoad {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        app.no_server("bulk-load")?;
        let app = &app.with_usual_deadline(DEADLINE_MS);
        let operation = Operation::parse(&self.object, self.operation, self.external_id.as_deref())?;
        let input = Input::open(&self.file).await?;
        let caller = Caller::new(app)?;
        let (sent, count) = Sent::of(&input, operation.purpose())?;
        if count > 0 && operation.purpose() != Purpose::Delete {
            let described = Described::ask(&caller, &operation.object).await?;
            sent.check(&input, operation.purpose(), &described)?;
        }
        let given = Given {
            command: "bulk-load",
            file: &self.file,
            input: &input,
            count,
            files: &self.files,
            state: self.state.as_deref(),
        };
        let course = Course::begin(given, &operation, || Ok(None), &caller, app).await?;
        let data = self.job_bytes.map_or(PIECE_BYTES, |bytes| usize::try_from(bytes.get()).unwrap_or(usize::MAX));
        let mut pieces = Pieces::new(input.rows()?, &sent, data);
        pieces.skip(course.done())?;
        let (jobs, wait, silent) = (Jobs(caller), self.wait, app.json());
        let made = HashSet::new();
        Loading { jobs, operation: &operation, sent: &sent, course, wait, silent, made }.run(&mut pieces).await
    }
}
