//! `bulk`.

use salesforce_connector::core::bulk::{self, IngestResults, Job, JobKind, QueryResults, ResultsCursor, Upload};
use salesforce_connector::core::error::{ErrorKind, Result as CoreResult};
use salesforce_connector::core::record_id::RecordId;

use crate::connect::run;
use crate::mapping::{job_kind, job_query, new_ingest_job};
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::bulk as wit;

fn id(job: &str) -> CoreResult<RecordId> {
    RecordId::parse("job-id", job)
}

/// How far a job is.
fn get(kind: JobKind, job: &str) -> Result<Job, wit::Error> {
    run(Action::Read, |transport, connection, options| bulk::get_job(transport, connection, kind, &id(job)?, options))
}

impl wit::Guest for Activity {
    fn create_query_job(query: wit::JobQuery) -> Result<wit::QueryJob, wit::Error> {
        run(Action::IdempotentWrite, |transport, connection, options| {
            Ok(bulk::create_query_job(transport, connection, &job_query(query)?, options)?.into())
        })
    }

    fn get_query_job(job: String) -> Result<wit::QueryJob, wit::Error> {
        get(JobKind::Query, &job).map(Into::into)
    }

    fn get_query_results(cursor: String, max_records: Option<u32>) -> Result<wit::QueryResults, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let cursor = ResultsCursor::parse(&cursor)?;
            Ok(bulk::get_query_results(transport, connection, &cursor, max_records, options)?.into())
        })
    }

    fn create_ingest_job(job: wit::NewIngestJob) -> Result<wit::IngestJob, wit::Error> {
        run(Action::IdempotentWrite, |transport, connection, options| {
            Ok(bulk::create_ingest_job(transport, connection, &new_ingest_job(job)?, options)?.into())
        })
    }

    /// A second upload is refused if the first arrived, so a job never has data twice.
    fn upload_job_data(job: String, csv: String) -> Result<wit::UploadedData, wit::Error> {
        run(Action::IdempotentWrite, |transport, connection, options| {
            let (job, data) = (id(&job)?, Upload::parse(csv)?);
            let (count, _) = bulk::upload_job_data(transport, connection, &job, data, options)?;
            Ok(wit::UploadedData { count })
        })
    }

    fn close_ingest_job(job: String) -> Result<wit::IngestJob, wit::Error> {
        run(Action::IdempotentWrite, |transport, connection, options| {
            Ok(bulk::close_ingest_job(transport, connection, &id(&job)?, options)?.into())
        })
    }

    fn get_ingest_job(job: String) -> Result<wit::IngestJob, wit::Error> {
        get(JobKind::Ingest, &job).map(Into::into)
    }

    fn get_ingest_results(job: String, which: wit::IngestResult) -> Result<wit::IngestResults, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            Ok(bulk::get_ingest_results(transport, connection, &id(&job)?, which.into(), options)?.into())
        })
    }

    fn abort_job(kind: wit::JobKind, job: String) -> Result<wit::AbortedJob, wit::Error> {
        run(Action::IdempotentWrite, |transport, connection, options| {
            let job = bulk::abort(transport, connection, job_kind(kind), &id(&job)?, options)?;
            Ok(wit::AbortedJob { state: job.state.into() })
        })
    }

    fn delete_job(kind: wit::JobKind, job: String) -> Result<wit::DeletedJob, wit::Error> {
        run(Action::IdempotentWrite, |transport, connection, options| {
            match bulk::delete(transport, connection, job_kind(kind), &id(&job)?, options) {
                Ok(deleted) => Ok(wit::DeletedJob { already_deleted: deleted.already_deleted }),
                // The engine may have made the call before.
                Err(error) if error.kind == ErrorKind::NotFound => Ok(wit::DeletedJob { already_deleted: true }),
                Err(error) => Err(error),
            }
        })
    }
}

impl From<Job> for wit::QueryJob {
    fn from(job: Job) -> Self {
        Self {
            id: job.id,
            state: job.state.into(),
            object: job.object,
            records_processed: job.records_processed,
            retries: job.retries,
            processing_ms: job.processing_ms,
            error_message: job.error_message,
            results: job.results.map(|cursor| cursor.text()),
        }
    }
}

impl From<Job> for wit::IngestJob {
    fn from(job: Job) -> Self {
        Self {
            id: job.id,
            state: job.state.into(),
            object: job.object,
            records_processed: job.records_processed,
            records_failed: job.records_failed,
            retries: job.retries,
            processing_ms: job.processing_ms,
            error_message: job.error_message,
        }
    }
}

impl From<QueryResults> for wit::QueryResults {
    fn from(page: QueryResults) -> Self {
        Self { csv: page.csv, count: page.count, next: page.next.map(|cursor| cursor.text()) }
    }
}

impl From<IngestResults> for wit::IngestResults {
    fn from(results: IngestResults) -> Self {
        Self { csv: results.csv, count: results.count }
    }
}
