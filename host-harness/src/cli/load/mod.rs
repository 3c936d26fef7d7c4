//! `harness load`: the rows of a file, created, updated, upserted or deleted a batch at a time.
//!
//! ```text
//! rows (lines, columns) ──► operation: checked, a record ──► batches ──► Caller ──► outcomes: results, failed, unknown
//!   all of them are read and checked once before the first is sent          state: before each call, and after it
//! ```
//!
//! A row is told of once. A batch that was sent, and of which it was not stored what became of it, is told as unknown if it creates
//! records; what may be repeated is sent again.

mod batches;
mod columns;
mod lines;
mod operation;
mod outcomes;
mod progress;
mod rows;
mod state;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use indicatif::HumanCount;
use salesforce_actions::Call;
use salesforce_actions::bounded::Whole;
use salesforce_runtime::bindings::types::Outcome;
use salesforce_runtime::{ExecutionError, HostFailure, HostFailureKind};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::App;
use super::action::{Caller, actions};
use super::exit_code::Exit;
use super::failure::Failure;
use super::interrupt::Step;
use super::kept::Kept;
use batches::Batches;
use columns::{Columns, Described};
use operation::Operation;
use outcomes::{Files, Outcomes};
use progress::Progress;
use rows::{Format, Input, Row};
use state::{Load as Begun, State};

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

/// What an action on several records gives.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    results: Vec<&'a RawValue>,
}

/// A load that is under way.
struct Loading<'a> {
    caller: Caller<'a>,
    operation: &'a Operation,
    kept: Option<Kept>,
    state: State,
    outcomes: Outcomes,
    progress: Progress,
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
            (Format::Csv(_), Some(object)) => Some(describe(&caller, object).await?),
            _ => None,
        };
        let rows = || input.rows(operation, columns(&input, operation, described.as_ref())?);
        let (mut count, mut all) = (0_u64, rows()?);
        while all.next()?.is_some() {
            count += 1;
        }
        let kept = self.kept()?;
        let load = Begun { operation: operation.clone(), org: caller.org().await?, input: input.digest()? };
        let state = kept.as_ref().map_or(Ok(None), |kept| State::read(kept, &load))?;
        let state = state.unwrap_or_else(|| State::new(load));
        let outcomes = self.files.open(&self.file, &input.format, state.written)?;
        let rest =
            if kept.is_some() { "the same command goes on behind them" } else { "without --state it cannot go on" };
        let progress = Progress::new(count, state.done, app.json(), rest);
        let mut batches = Batches::new(rows()?, usize::from(self.batch_size.map_or(200, Whole::get)));
        for _ in 0..state.done {
            batches.take(1)?;
        }
        let mut loading = Loading { caller, operation, kept, state, outcomes, progress };
        loading.take_up(&mut batches)?;
        while loading.step(&mut batches).await? {}
        loading.end(app)
    }

    /// Where the state is kept; none for what comes in a pipe, unless it is named.
    fn kept(&self) -> Result<Option<Kept>, Failure> {
        let beside = || {
            let mut name = self.file.as_os_str().to_owned();
            name.push(".load");
            self.file.is_file().then(|| PathBuf::from(name))
        };
        let path = self.state.clone().or_else(beside);
        path.map(|path| Kept::hold(&path, "the state", "harness load")).transpose()
    }
}

async fn describe(caller: &Caller<'_>, object: &str) -> Result<Described, Failure> {
    let call = Call::parse(actions(), "describe-object", &json!({ "object": object }).to_string());
    let call = call.map_err(|error| Failure::Usage(error.to_string()))?;
    let described = caller.json(&call, None).await?;
    Described::of(&described).ok_or_else(|| Failure::Local("describe-object gave another result".to_owned()))
}

fn columns(input: &Input, operation: &Operation, described: Option<&Described>) -> Result<Option<Columns>, Failure> {
    let Format::Csv(names) = &input.format else { return Ok(None) };
    Columns::of(names, operation, described).map(Some).map_err(|words| input.wrong(1, &words))
}

impl Loading<'_> {
    /// Rows that were sent when an earlier run ended, and of which it did not store what became of them.
    fn take_up(&mut self, batches: &mut Batches<'_>) -> Result<(), Failure> {
        let count = usize::try_from(std::mem::take(&mut self.state.in_flight)).unwrap_or(usize::MAX);
        if count == 0 {
            return Ok(());
        }
        if self.operation.may_be_repeated() {
            let rows = HumanCount(count as u64);
            self.progress.beside(|| {
                anstream::eprintln!("note: {rows} rows were sent before and not answered; they are sent once more");
            });
            return Ok(());
        }
        let mut rows = Vec::new();
        while rows.len() < count {
            match batches.take(count - rows.len())? {
                more if more.is_empty() => break,
                more => rows.extend(more),
            }
        }
        let message = "it was sent, and the program ended before it was stored what became of it";
        let error =
            json!({"error": {"kind": "interrupted", "outcome": "unknown", "retryable": false, "message": message}});
        self.tell(&rows, &vec![error.to_string(); rows.len()])
    }

    /// Sends the next batch; false if there is none.
    async fn step(&mut self, batches: &mut Batches<'_>) -> Result<bool, Failure> {
        let _step = Step::begin().await;
        let rows = batches.next()?;
        if rows.is_empty() {
            return Ok(false);
        }
        let call = self.operation.call(rows.iter().map(|row| &row.record))?;
        self.state.in_flight = rows.len() as u64;
        self.state.store(self.kept.as_ref())?;
        let answer = match self.caller.json(&call, None).await {
            Ok(answer) => answer,
            Err(failure) => return Err(self.failed(&rows, failure)),
        };
        match serde_json::from_str(answer.get()) {
            Ok(Answer { results }) if results.len() == rows.len() => {
                let results: Vec<_> = results.into_iter().map(|result| result.get().to_owned()).collect();
                self.tell(&rows, &results).map(|()| true)
            }
            _ => {
                let message = format!("{} gave another result than one for each record", call.action().name);
                let breach = HostFailure { kind: HostFailureKind::BadResult, outcome: Outcome::Unknown, message };
                Err(self.failed(&rows, Failure::writing(ExecutionError::Host(breach))))
            }
        }
    }

    /// What became of rows whose request failed as a whole.
    fn failed(&mut self, rows: &[Row], failure: Failure) -> Failure {
        let stored = if failure.exit() != Exit::OutcomeUnknown {
            // Nothing was written: they are sent again.
            self.state.in_flight = 0;
            self.state.store(self.kept.as_ref())
        } else if self.operation.may_be_repeated() && self.kept.is_some() {
            // They are taken up.
            Ok(())
        } else {
            let told = failure.to_json().map_err(|error| Failure::Local(error.to_string()));
            told.and_then(|told| self.tell(rows, &vec![told; rows.len()]))
        };
        // What is not stored is told as unknown by the next run, so this is all that is lost.
        stored.err().filter(|_| failure.exit() != Exit::OutcomeUnknown).unwrap_or(failure)
    }

    /// Tells what became of rows, and stores that it is told.
    fn tell(&mut self, rows: &[Row], entries: &[String]) -> Result<(), Failure> {
        let Loading { outcomes, state, progress, .. } = self;
        let told = rows.iter().zip(entries.iter().map(String::as_str));
        progress.beside(|| outcomes.tell(told, &mut state.tally))?;
        state.done += rows.len() as u64;
        state.in_flight = 0;
        state.written = outcomes.written();
        state.store(self.kept.as_ref())?;
        progress.set(state.done);
        Ok(())
    }

    fn end(self, app: &App) -> Result<(), Failure> {
        self.progress.end();
        self.kept.map_or(Ok(()), Kept::remove)?;
        if self.state.tally.failed > 0 {
            return Err(Failure::Results(self.state.tally));
        }
        if !app.json() {
            anstream::eprintln!("{} rows were {}", HumanCount(self.state.done), self.operation.done());
        }
        Ok(())
    }
}
