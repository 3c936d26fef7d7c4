//! The end of a job before its time, and its deletion.

use super::job::{self, Job, JobKind, JobState};
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{ErrorKind, Result};
use crate::core::http::{Request, Transport};
use crate::core::record_id::RecordId;
use crate::core::records::{Deleted, finish_delete};
use crate::core::send::{Repeat, send};

/// Aborts a job.
pub fn abort(
    transport: &mut dyn Transport,
    connection: &Connection,
    kind: JobKind,
    job: &RecordId,
    options: &CallOptions,
) -> Result<Job> {
    job::change(transport, connection, kind, job, "Aborted", &[JobState::Aborted], options)
}

/// Deletes a job. No other ever has its id, so a repeat that finds it gone has its answer.
pub fn delete(
    transport: &mut dyn Transport,
    connection: &Connection,
    kind: JobKind,
    job: &RecordId,
    options: &CallOptions,
) -> Result<Deleted> {
    let request = Request::delete(connection, &kind.path_to(job, ""));
    finish_delete(send(transport, &request, Repeat::Idempotent, options), |kind| kind == ErrorKind::NotFound)
}
