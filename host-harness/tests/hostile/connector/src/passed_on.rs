//! Exports without a deed: those of the shell are enough.

use crate::exports::Connector;
use crate::shell::Shell;
use crate::world::exports::workflow::salesforce::{composite, files, invoke, reports, types};
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
