//! `harness bulk-query`: what a query finds, as a CSV file.

mod pages;
mod state;

use std::path::PathBuf;

use clap::Args;
use salesforce_actions::bounded::Whole;

use super::super::App;
use super::super::action::Caller;
use super::super::appended::Appended;
use super::super::failure::Failure;
use super::super::input;
use super::super::interrupt::Step;
use super::super::kept::{Kept, extended};
use super::jobs::{Jobs, is_lost};
use super::patience::Wait;
use super::{DEADLINE_MS, TRIES};
use pages::Pages;
use state::{Asked, State};

/// Write what a query finds to a CSV file, any number of records, as a job of the Bulk API 2.0
///
/// For many records: below some 2,000 `soql-query --all --csv` is faster. Salesforce takes no aggregates, GROUP BY, OFFSET,
/// TYPEOF or sub-queries here. In the file an empty cell is null or an empty text.
///
/// Pages go to FILE.part, which becomes FILE when all is there: a FILE is never short. After Ctrl-C, kill -9 or a failure the
/// same command goes on behind the last page that is whole; FILE.bulk-query keeps how far it has come. Exit codes: 10 if
/// Salesforce gave the job up, 11 if fewer or more records came than the job has, others as for every action.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    harness bulk-query \"SELECT Id, Name FROM Account\" --out accounts.csv\n  \
    harness bulk-query @query.soql --out leads.csv --include-deleted")]
pub(crate) struct BulkQuery {
    /// SOQL text; `@FILE` reads it from a file, `-` from standard input
    soql: String,
    /// Where the records go: a new file, or an empty one
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also deleted and archived records
    #[arg(long)]
    include_deleted: bool,
    /// Records of a page, 1 to 1,000,000 [default: as many as make some 4 MiB]; of a page that is too large fewer are asked for
    #[arg(long, value_name = "RECORDS")]
    max_records: Option<Whole<u32, 1, 1_000_000>>,
    /// Seconds to wait for the job, 1 to 604,800 [default: 86,400]
    #[arg(long, value_name = "SECONDS")]
    wait: Option<Wait>,
    /// Leave the job to Salesforce, which deletes it after seven days
    #[arg(long)]
    keep_job: bool,
}

impl BulkQuery {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        app.no_server("bulk-query")?;
        let app = &app.with_usual_deadline(DEADLINE_MS);
        let soql = input::named(&self.soql).await?.unwrap_or_else(|| self.soql.clone());
        let caller = Caller::new(app)?;
        let asked = Asked { soql, include_deleted: self.include_deleted, org: caller.org().await? };
        let kept = Kept::hold(&extended(&self.out, "bulk-query"), "the state", "harness bulk-query")?;
        let (jobs, part) = (Jobs(caller), extended(&self.out, "part"));
        let state = State::read(&kept, &asked)?;
        if let Some(state) = state.as_ref().filter(|state| state.is_whole && !part.exists()) {
            // Only the end of the end is left.
            return self.tidy(&jobs, state, kept, app).await;
        }
        if self.out.exists() {
            Appended::open(&self.out, None)?.check(None)?;
        }
        let written = state.as_ref().map(|state| state.bytes);
        let file = Appended::open(&part, written)?;
        file.check(written)?;
        let state = match state {
            Some(state) => state,
            None => match self.begin(&jobs, &kept, asked).await {
                Ok(state) => state,
                Err(failure) => {
                    // Nothing is in it, and nothing will be gone on with.
                    let _ = std::fs::remove_file(&part);
                    return Err(failure);
                }
            },
        };
        let mut pages = Pages::new(&jobs, &kept, state, file, app.json());
        pages.write(self.wait, self.max_records.map(Whole::get)).await?;
        let _step = Step::begin().await;
        let state = pages.whole();
        std::fs::rename(&part, &self.out)
            .map_err(|error| Failure::Local(format!("cannot write {}: {error}", self.out.display())))?;
        self.tidy(&jobs, &state, kept, app).await
    }

    /// Makes the job. One whose answer was lost is left over, and does no harm.
    async fn begin(&self, jobs: &Jobs<'_>, kept: &Kept, asked: Asked) -> Result<State, Failure> {
        let mut tries = 1;
        loop {
            let _step = Step::begin().await;
            match jobs.create_query(&asked.soql, asked.include_deleted).await {
                Ok(job) => {
                    let state = State::new(asked, job.id);
                    state.store(kept)?;
                    return Ok(state);
                }
                Err(failure) if is_lost(&failure) && tries < TRIES => tries += 1,
                Err(failure) => return Err(failure),
            }
        }
    }

    /// The file is whole: nothing else is needed any more.
    async fn tidy(&self, jobs: &Jobs<'_>, state: &State, kept: Kept, app: &App) -> Result<(), Failure> {
        if !self.keep_job
            && let Err(failure) = jobs.delete_query(&state.job).await
            && !app.json()
        {
            let words = salesforce_actions::display::line(&failure.message());
            anstream::eprintln!(
                "note: the job {} is left to Salesforce, which deletes it after seven days: {words}",
                state.job
            );
        }
        kept.remove()?;
        if !app.json() {
            let (rows, out) = (indicatif::HumanCount(state.rows), self.out.display());
            anstream::eprintln!("{rows} records are in {out}");
        }
        Ok(())
    }
}
