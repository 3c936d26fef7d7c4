//! `reports`.

use salesforce_connector::core::record_id::RecordId;
use salesforce_connector::core::reports::{self, Progress, Report};

use crate::connect::run;
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::reports as wit;

impl wit::Guest for Activity {
    fn run_report(report_id: String, include_details: bool) -> Result<wit::Report, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let report = RecordId::parse("report-id", &report_id)?;
            Ok(reports::run(transport, connection, &report, include_details, options)?.into())
        })
    }

    fn report_instance(report_id: String, instance_id: String) -> Result<wit::ReportProgress, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let report = RecordId::parse("report-id", &report_id)?;
            let instance = RecordId::parse("instance-id", &instance_id)?;
            Ok(match reports::progress(transport, connection, &report, &instance, options)? {
                Progress::Running => wit::ReportProgress::Running,
                Progress::Done(report) => wit::ReportProgress::Done(report.into()),
                Progress::Failed => wit::ReportProgress::Failed,
            })
        })
    }
}

impl From<Report> for wit::Report {
    fn from(report: Report) -> Self {
        Self { all_data: report.all_data, has_detail_rows: report.has_detail_rows, content: report.content }
    }
}
