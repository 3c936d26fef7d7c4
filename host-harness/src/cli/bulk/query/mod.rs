//! `harness bulk-query`: what a query finds, as CSV.

mod pages;
mod state;
mod target;

use std::path::PathBuf;

use clap::Args;
use salesforce_actions::bounded::Whole;
use salesforce_actions::bulk::{JobKind, Request, new_query_job};

use super::super::App;
use super::super::action::{Bound, Caller, PARAMETERS};
use super::super::failure::Failure;
use super::super::input;
use super::super::interrupt::Step;
use super::super::kept::Kept;
use super::jobs::{Jobs, is_lost};
use super::patience::Wait;
use super::{DEADLINE_MS, TRIES};
use pages::Pages;
use state::{Asked, State};
use target::{Found, Target};

/// Write what a query finds as CSV, any number of records, as a job of the Bulk API 2.0
///
/// For many records: below some 2,000 `soql-query --all --csv` is faster. Salesforce takes no aggregates, GROUP BY, OFFSET,
/// TYPEOF or sub-queries here. In the file an empty cell is null or an empty text.
///
/// Pages go to FILE.part, which becomes FILE when all is there: a FILE is never short. After Ctrl-C, kill -9 or a failure the
/// same command goes on behind the last page that is whole; FILE.bulk-query keeps how far it has come. To standard output rows go
/// page by page, and nothing is kept: what came is whole only if the exit code is 0. Exit codes: 10 if Salesforce gave the job up,
/// 11 if fewer or more records came than the job has, others as for every action.
#[derive(Debug, Args)]
#[command(after_help = format!("{PARAMETERS}Examples:\n  \
    harness bulk-query \"SELECT Id, Name FROM Account\" --out accounts.csv\n  \
    harness bulk-query @query.soql --param since:date=2026-01-01 --out leads.csv --include-deleted\n  \
    harness bulk-query \"SELECT Id FROM Case\" --out - | gzip > cases.csv.gz"))]
pub(crate) struct BulkQuery {
    /// SOQL text; `@FILE` reads it from a file, `-` from standard input
    soql: String,
    #[command(flatten)]
    bound: Bound,
    /// Where the records go: a new file, an empty one, or - for standard output
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
    pub(crate) async fn run(mut self, app: &App) -> Result<(), Failure> {
        app.no_server("bulk-query")?;
        if !self.is_stdout() {
            self.out = input::replaced(&self.out)
                .map_err(|error| Failure::Local(format!("cannot write {}: {error}", self.out.display())))?;
        }
        let app = &app.with_usual_deadline(DEADLINE_MS);
        let soql = input::named(&self.soql).await?.unwrap_or_else(|| self.soql.clone());
        let caller = Caller::new(app)?;
        let input = new_query_job(&soql, &self.bound.read().await?, self.include_deleted);
        let asked = Asked { input, org: caller.org().await? };
        let jobs = Jobs(caller);
        let (target, state) = if self.is_stdout() {
            (Target::Stdout, None)
        } else {
            match Target::file(&self.out, &asked)? {
                Found::Whole(kept, state) => return self.tidy(&jobs, &state, Some(kept), app).await,
                Found::Begun(target, state) => (target, state),
            }
        };
        let state = match state {
            Some(state) => state,
            None => match self.begin(&jobs, &target, asked).await {
                Ok(state) => state,
                Err(failure) => {
                    target.drop_part(&self.out);
                    return Err(failure);
                }
            },
        };
        let mut pages = Pages::new(&jobs, target, state, app.json());
        pages.write(self.wait, self.max_records.map(Whole::get)).await?;
        let _step = Step::begin().await;
        let (target, state) = pages.whole();
        let kept = target.end(&self.out)?;
        self.tidy(&jobs, &state, kept, app).await
    }

    fn is_stdout(&self) -> bool {
        self.out.as_os_str() == "-"
    }

    /// Makes the job. One whose answer was lost is left over, and does no harm.
    async fn begin(&self, jobs: &Jobs<'_>, target: &Target, asked: Asked) -> Result<State, Failure> {
        let create = Request::create_query(&asked.input);
        let mut tries = 1;
        loop {
            let _step = Step::begin().await;
            match jobs.ask(&create).await {
                Ok(job) => {
                    let state = State::new(asked, job.id);
                    target.store(&state)?;
                    return Ok(state);
                }
                Err(failure) if is_lost(&failure) && tries < TRIES => tries += 1,
                Err(failure) => return Err(failure),
            }
        }
    }

    /// All rows are there: nothing else is needed any more.
    async fn tidy(&self, jobs: &Jobs<'_>, state: &State, kept: Option<Kept>, app: &App) -> Result<(), Failure> {
        if !self.keep_job
            && let Err(failure) = jobs.ask(&Request::delete(JobKind::Query, &state.job)).await
            && !app.json()
        {
            let words = salesforce_actions::display::line(&failure.message());
            anstream::eprintln!(
                "note: the job {} is left to Salesforce, which deletes it after seven days: {words}",
                state.job
            );
        }
        kept.map_or(Ok(()), Kept::remove)?;
        if !app.json() {
            let rows = indicatif::HumanCount(state.rows);
            let out = if self.is_stdout() { "standard output".into() } else { self.out.display().to_string() };
            anstream::eprintln!("{rows} records are in {out}");
        }
        Ok(())
    }
}
