//! Exports without a deed: those of the shell are enough.

use crate::exports::Connector;
use crate::shell::Shell;
use crate::world::exports::workflow::salesforce::{bulk, composite, files, invoke, reports, types};
use types::{CallOptions, Connection, Error};

impl composite::Guest for Shell {
    fn composite(
        connection: Connection,
        subrequests: Vec<composite::Subrequest>,
        all_or_none: bool,
        options: CallOptions,
    ) -> Result<composite::CompositeResult, Error> {
        <Connector as composite::Guest>::composite(connection, subrequests, all_or_none, options)
    }

    fn graph(
        connection: Connection,
        graphs: Vec<composite::RecordGraph>,
        options: CallOptions,
    ) -> Result<composite::GraphsResult, Error> {
        <Connector as composite::Guest>::graph(connection, graphs, options)
    }
}

impl invoke::Guest for Shell {
    fn invocable_action(
        connection: Connection,
        action: invoke::Invocable,
        inputs: Vec<String>,
        options: CallOptions,
    ) -> Result<invoke::Invocations, Error> {
        Connector::invocable_action(connection, action, inputs, options)
    }

    fn describe_invocable_action(
        connection: Connection,
        action: invoke::Invocable,
        options: CallOptions,
    ) -> Result<String, Error> {
        Connector::describe_invocable_action(connection, action, options)
    }

    fn quick_action(
        connection: Connection,
        object: Option<String>,
        name: String,
        context_id: Option<String>,
        fields: String,
        options: CallOptions,
    ) -> Result<invoke::QuickActionResult, Error> {
        Connector::quick_action(connection, object, name, context_id, fields, options)
    }

    fn approval(
        connection: Connection,
        request: invoke::ApprovalRequest,
        options: CallOptions,
    ) -> Result<invoke::ApprovalResult, Error> {
        Connector::approval(connection, request, options)
    }

    fn apex_rest(
        connection: Connection,
        method: invoke::HttpMethod,
        path: String,
        query: Vec<invoke::QueryParameter>,
        body: Option<String>,
        options: CallOptions,
    ) -> Result<invoke::RestResponse, Error> {
        Connector::apex_rest(connection, method, path, query, body, options)
    }
}

impl reports::Guest for Shell {
    fn run_report(
        connection: Connection,
        report_id: String,
        include_details: bool,
        options: CallOptions,
    ) -> Result<reports::Report, Error> {
        Connector::run_report(connection, report_id, include_details, options)
    }

    fn start_report(
        connection: Connection,
        report_id: String,
        include_details: bool,
        options: CallOptions,
    ) -> Result<reports::StartedReport, Error> {
        Connector::start_report(connection, report_id, include_details, options)
    }

    fn report_instance(
        connection: Connection,
        report_id: String,
        instance_id: String,
        options: CallOptions,
    ) -> Result<reports::ReportProgress, Error> {
        Connector::report_instance(connection, report_id, instance_id, options)
    }
}

impl files::Guest for Shell {
    fn download_blob(
        connection: Connection,
        object: String,
        id: String,
        field: String,
        range: Option<files::ByteRange>,
        options: CallOptions,
    ) -> Result<files::Blob, Error> {
        Connector::download_blob(connection, object, id, field, range, options)
    }

    fn upload_file(
        connection: Connection,
        file_name: String,
        data: Vec<u8>,
        target: files::FileTarget,
        title: Option<String>,
        content_type: Option<String>,
        fields: Option<String>,
        options: CallOptions,
    ) -> Result<files::Uploaded, Error> {
        Connector::upload_file(connection, file_name, data, target, title, content_type, fields, options)
    }

    fn link_file(
        connection: Connection,
        document_id: String,
        record_id: String,
        share_type: files::ShareType,
        visibility: Option<files::FileVisibility>,
        options: CallOptions,
    ) -> Result<files::Linked, Error> {
        Connector::link_file(connection, document_id, record_id, share_type, visibility, options)
    }
}

impl bulk::Guest for Shell {
    fn create_query_job(
        connection: Connection,
        query: bulk::JobQuery,
        options: CallOptions,
    ) -> Result<bulk::QueryJob, Error> {
        Connector::create_query_job(connection, query, options)
    }

    fn get_query_job(connection: Connection, job_id: String, options: CallOptions) -> Result<bulk::QueryJob, Error> {
        Connector::get_query_job(connection, job_id, options)
    }

    fn get_query_results(
        connection: Connection,
        cursor: String,
        max_records: Option<u32>,
        options: CallOptions,
    ) -> Result<bulk::QueryResults, Error> {
        Connector::get_query_results(connection, cursor, max_records, options)
    }

    fn create_ingest_job(
        connection: Connection,
        job: bulk::NewIngestJob,
        options: CallOptions,
    ) -> Result<bulk::IngestJob, Error> {
        Connector::create_ingest_job(connection, job, options)
    }

    fn upload_job_data(
        connection: Connection,
        job_id: String,
        csv: String,
        options: CallOptions,
    ) -> Result<bulk::UploadedData, Error> {
        Connector::upload_job_data(connection, job_id, csv, options)
    }

    fn close_ingest_job(
        connection: Connection,
        job_id: String,
        options: CallOptions,
    ) -> Result<bulk::IngestJob, Error> {
        Connector::close_ingest_job(connection, job_id, options)
    }

    fn get_ingest_job(connection: Connection, job_id: String, options: CallOptions) -> Result<bulk::IngestJob, Error> {
        Connector::get_ingest_job(connection, job_id, options)
    }

    fn get_ingest_results(
        connection: Connection,
        job_id: String,
        which: bulk::IngestResult,
        options: CallOptions,
    ) -> Result<bulk::IngestResults, Error> {
        Connector::get_ingest_results(connection, job_id, which, options)
    }

    fn abort_job(
        connection: Connection,
        kind: bulk::JobKind,
        job_id: String,
        options: CallOptions,
    ) -> Result<bulk::AbortedJob, Error> {
        Connector::abort_job(connection, kind, job_id, options)
    }

    fn delete_job(
        connection: Connection,
        kind: bulk::JobKind,
        job_id: String,
        options: CallOptions,
    ) -> Result<bulk::DeletedJob, Error> {
        Connector::delete_job(connection, kind, job_id, options)
    }
}
