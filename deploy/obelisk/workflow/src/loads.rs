//! Accounts by jobs of the Bulk API. A job that is open has processed nothing, and one that is closed takes no more data: so each
//! step may happen twice.

use std::fmt::Write as _;

use crate::workflow::{in_words, pause};
use crate::world::exports::workflow::billing::accounts::{Error, Loaded};
use crate::world::workflow::salesforce_activity::bulk::{
    IngestJob, IngestOperation, JobKind, JobState, NewIngestJob, abort_job, close_ingest_job, create_ingest_job,
    get_ingest_job, upload_job_data,
};
use crate::world::workflow::salesforce_activity::types;

/// How often a job is made for the same data. A call that fails as a whole is repeated by the engine.
const ATTEMPTS: usize = 3;
/// Seconds between two looks at a job, at most.
const LONGEST_PAUSE: u64 = 30;

/// Begins all jobs, then waits for each.
pub(crate) fn load(run: &str, rows: u32, a_job: u32) -> Result<Loaded, Error> {
    let mut jobs = Vec::new();
    let mut first = 0;
    while first < rows {
        let next = first.saturating_add(a_job).min(rows);
        jobs.push(begin(&data(run, first, next))?);
        first = next;
    }
    let mut loaded = Loaded { created: 0, failed: 0 };
    for id in jobs {
        let job = ended(&id)?;
        let (processed, failed) = (job.records_processed.unwrap_or(0), job.records_failed.unwrap_or(0));
        loaded.created += processed.saturating_sub(failed);
        loaded.failed += failed;
    }
    Ok(loaded)
}

fn data(run: &str, first: u32, next: u32) -> String {
    let mut csv = "Name,ERP_Id__c\n".to_owned();
    for row in first..next {
        // To a text it never fails.
        let _ = writeln!(csv, "Account {row},{run}/{row}");
    }
    csv
}

/// Makes a job, gives it its data and closes it. Its id.
fn begin(csv: &str) -> Result<String, Error> {
    let new = NewIngestJob {
        object: "Account".to_owned(),
        operation: IngestOperation::Insert,
        assignment_rule_id: None,
        line_ending: None,
        column_delimiter: None,
    };
    let mut attempt = 1;
    loop {
        let id = create_ingest_job(&new).map_err(failed)?.id;
        match upload_job_data(&id, csv) {
            Ok(_) => return close(id),
            // Nobody knows whether it has the data: perhaps the engine has asked twice, and the first time it took them. It is open, and
            // so it has processed nothing. One that cannot be aborted stays open, which is harmless.
            Err(error) => {
                let _ = abort_job(JobKind::Ingest, &id);
                if attempt == ATTEMPTS {
                    return Err(failed(error));
                }
            }
        }
        attempt += 1;
    }
}

/// Closes a job, or finds it closed.
fn close(id: String) -> Result<String, Error> {
    for _ in 0..ATTEMPTS {
        let closed = close_ingest_job(&id);
        let Err(error) = closed else { return Ok(id) };
        let job = get_ingest_job(&id).map_err(failed)?;
        if !matches!(job.state, JobState::Open) {
            return Ok(id);
        }
        if !matches!(error, types::Error::Transient(_)) {
            return Err(failed(error));
        }
    }
    Err(Error::PermanentLoadFailed(format!("job {id} could not be closed")))
}

/// The job once it has ended, if it is complete.
fn ended(id: &str) -> Result<IngestJob, Error> {
    let mut seconds = 1;
    loop {
        let job = get_ingest_job(id).map_err(failed)?;
        match job.state {
            JobState::JobComplete => return Ok(job),
            JobState::Failed | JobState::Aborted => {
                let why = job.error_message.unwrap_or_else(|| "Salesforce does not say why".to_owned());
                return Err(Error::PermanentLoadFailed(format!("job {id} did not complete: {why}")));
            }
            JobState::Open | JobState::UploadComplete | JobState::InProgress => pause(seconds),
        }
        seconds = (seconds * 2).min(LONGEST_PAUSE);
    }
}

fn failed(error: types::Error) -> Error {
    Error::PermanentLoadFailed(in_words(error))
}
