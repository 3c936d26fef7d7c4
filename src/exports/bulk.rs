//! `bulk`.

use super::Connector;
use super::mapping::{job_kind, job_query, new_ingest_job};
use super::types::{answer, call};
use crate::core::bulk::{self, IngestResult, IngestResults, Job, JobKind, QueryResults, ResultsCursor, Upload};
use crate::core::error;
use crate::core::record_id::RecordId;
use crate::world::exports::workflow::salesforce::bulk as wit;
use crate::world::exports::workflow::salesforce::types::Error;

fn id(job: &str) -> error::Result<RecordId> {
    RecordId::parse("job-id", job)
}

/// How far a job is.
fn get(kind: JobKind, on: &wit::Connection, job: &str, options: wit::CallOptions) -> Result<Job, Error> {
    answer(|| {
        let (mut transport, connection, options) = call(on, options)?;
        bulk::get_job(&mut transport, &connection, kind, &id(job)?, &options)
    })
}

impl wit::Guest for Connector {
    fn create_query_job(
        on: wit::Connection,
        query: wit::JobQuery,
        options: wit::CallOptions,
    ) -> Result<wit::QueryJob, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            Ok(bulk::create_query_job(&mut transport, &connection, &job_query(query)?, &options)?.into())
        })
    }

    fn get_query_job(on: wit::Connection, job: String, options: wit::CallOptions) -> Result<wit::QueryJob, Error> {
        get(JobKind::Query, &on, &job, options).map(Into::into)
    }

    fn get_query_results(
        on: wit::Connection,
        cursor: String,
        max_records: Option<u32>,
        options: wit::CallOptions,
    ) -> Result<wit::QueryResults, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let cursor = ResultsCursor::parse(&cursor)?;
            Ok(bulk::get_query_results(&mut transport, &connection, &cursor, max_records, &options)?.into())
        })
    }

    fn create_ingest_job(
        on: wit::Connection,
        job: wit::NewIngestJob,
        options: wit::CallOptions,
    ) -> Result<wit::IngestJob, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            Ok(bulk::create_ingest_job(&mut transport, &connection, &new_ingest_job(job)?, &options)?.into())
        })
    }

    fn upload_job_data(
        on: wit::Connection,
        job: String,
        csv: String,
        options: wit::CallOptions,
    ) -> Result<wit::UploadedData, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let (job, data) = (id(&job)?, Upload::parse(csv)?);
            let (count, usage) = bulk::upload_job_data(&mut transport, &connection, &job, data, &options)?;
            Ok(wit::UploadedData { count, usage: usage.map(Into::into) })
        })
    }

    fn close_ingest_job(on: wit::Connection, job: String, options: wit::CallOptions) -> Result<wit::IngestJob, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            Ok(bulk::close_ingest_job(&mut transport, &connection, &id(&job)?, &options)?.into())
        })
    }

    fn get_ingest_job(on: wit::Connection, job: String, options: wit::CallOptions) -> Result<wit::IngestJob, Error> {
        get(JobKind::Ingest, &on, &job, options).map(Into::into)
    }

    fn get_ingest_results(
        on: wit::Connection,
        job: String,
        which: wit::IngestResult,
        options: wit::CallOptions,
    ) -> Result<wit::IngestResults, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let which: IngestResult = which.into();
            Ok(bulk::get_ingest_results(&mut transport, &connection, &id(&job)?, which, &options)?.into())
        })
    }

    fn abort_job(
        on: wit::Connection,
        kind: wit::JobKind,
        job: String,
        options: wit::CallOptions,
    ) -> Result<wit::AbortedJob, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let job = bulk::abort(&mut transport, &connection, job_kind(kind), &id(&job)?, &options)?;
            Ok(wit::AbortedJob { state: job.state.into(), usage: job.usage.map(Into::into) })
        })
    }

    fn delete_job(
        on: wit::Connection,
        kind: wit::JobKind,
        job: String,
        options: wit::CallOptions,
    ) -> Result<wit::DeletedJob, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let deleted = bulk::delete(&mut transport, &connection, job_kind(kind), &id(&job)?, &options)?;
            Ok(wit::DeletedJob { already_deleted: deleted.already_deleted, usage: deleted.usage.map(Into::into) })
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
            usage: job.usage.map(Into::into),
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
            usage: job.usage.map(Into::into),
        }
    }
}

impl From<QueryResults> for wit::QueryResults {
    fn from(page: QueryResults) -> Self {
        Self {
            csv: page.csv,
            count: page.count,
            next: page.next.map(|cursor| cursor.text()),
            usage: page.usage.map(Into::into),
        }
    }
}

impl From<IngestResults> for wit::IngestResults {
    fn from(results: IngestResults) -> Self {
        Self { csv: results.csv, count: results.count, usage: results.usage.map(Into::into) }
    }
}
