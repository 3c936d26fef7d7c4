//! `reports`.

use super::Connector;
use super::types::{answer, call};
use crate::core::record_id::RecordId;
use crate::core::reports::{self, Progress, Report};
use crate::world::exports::workflow::salesforce::reports as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn run_report(
        on: wit::Connection,
        report_id: String,
        include_details: bool,
        options: wit::CallOptions,
    ) -> Result<wit::Report, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let report = RecordId::parse("report-id", &report_id)?;
            Ok(reports::run(&mut transport, &connection, &report, include_details, &options)?.into())
        })
    }

    fn start_report(
        on: wit::Connection,
        report_id: String,
        include_details: bool,
        options: wit::CallOptions,
    ) -> Result<wit::StartedReport, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let report = RecordId::parse("report-id", &report_id)?;
            let (instance_id, usage) = reports::start(&mut transport, &connection, &report, include_details, &options)?;
            Ok(wit::StartedReport { instance_id, usage: usage.map(Into::into) })
        })
    }

    fn report_instance(
        on: wit::Connection,
        report_id: String,
        instance_id: String,
        options: wit::CallOptions,
    ) -> Result<wit::ReportProgress, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let report = RecordId::parse("report-id", &report_id)?;
            let instance = RecordId::parse("instance-id", &instance_id)?;
            Ok(match reports::progress(&mut transport, &connection, &report, &instance, &options)? {
                Progress::Running => wit::ReportProgress::Running,
                Progress::Done(report) => wit::ReportProgress::Done(report.into()),
                Progress::Failed => wit::ReportProgress::Failed,
            })
        })
    }
}

impl From<Report> for wit::Report {
    fn from(report: Report) -> Self {
        Self {
            all_data: report.all_data,
            has_detail_rows: report.has_detail_rows,
            content: report.content,
            usage: report.usage.map(Into::into),
        }
    }
}
