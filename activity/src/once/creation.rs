//! `creation`.

use std::iter::repeat;

use salesforce_connector::core::collections::{self, Batch, Given};
use salesforce_connector::core::name::ObjectName;
use salesforce_connector::core::record_id::RecordId;
use salesforce_connector::core::records::{self, Target};
use salesforce_connector::core::reports;

use crate::connect::run;
use crate::mapping::{save_options, save_rules};
use crate::types::each;
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::creation as wit;

impl wit::Guest for Activity {
    fn create_record(object: String, fields: String, save: wit::SaveOptions) -> Result<wit::Saved, wit::Error> {
        run(Action::Write, |transport, connection, options| {
            let object = ObjectName::parse(&object)?;
            let save = save_options(&Target::Create, save)?;
            Ok(records::save(transport, connection, &object, &Target::Create, &fields, &save, options)?.into())
        })
    }

    fn create_records(
        records: Vec<wit::NewRecord>,
        all_or_none: bool,
        save: wit::SaveRules,
    ) -> Result<Vec<Result<wit::SavedRecord, wit::Error>>, wit::Error> {
        let results = run(Action::Write, |transport, connection, options| {
            let records: Vec<_> =
                records.iter().map(|new| Given { object: &new.object, id: None, fields: &new.fields }).collect();
            let batch = Batch::save(&records, all_or_none, &save_rules(save)?)?;
            Ok(collections::write(transport, connection, batch, options)?.results)
        })?;
        Ok(each(results, repeat(Action::Write)))
    }

    fn start_report(report_id: String, include_details: bool) -> Result<String, wit::Error> {
        run(Action::Write, |transport, connection, options| {
            let report = RecordId::parse("report-id", &report_id)?;
            Ok(reports::start(transport, connection, &report, include_details, options)?.0)
        })
    }
}
