//! `changes`.

use salesforce_connector::core::changes::{self, Span};
use salesforce_connector::core::name::ObjectName;

use crate::connect::run;
use crate::mapping::changes_request;
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::changes as wit;

impl wit::Guest for Activity {
    fn updated_records(object: String, start: String, end: String) -> Result<wit::UpdatedIds, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let (object, span) = (ObjectName::parse(&object)?, Span::parse(&start, &end)?);
            let found = changes::updated_records(transport, connection, &object, &span, options)?;
            Ok(wit::UpdatedIds { ids: found.ids, count: found.count, latest_date_covered: found.latest_date_covered })
        })
    }

    fn deleted_records(object: String, start: String, end: String) -> Result<wit::DeletedIds, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let (object, span) = (ObjectName::parse(&object)?, Span::parse(&start, &end)?);
            let found = changes::deleted_records(transport, connection, &object, &span, options)?;
            Ok(wit::DeletedIds {
                records: found.records,
                count: found.count,
                earliest_date_available: found.earliest_date_available,
                latest_date_covered: found.latest_date_covered,
            })
        })
    }

    fn changed_records(object: String, request: wit::ChangesRequest) -> Result<wit::Changed, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let request = changes_request(connection, &object, request)?;
            let found = changes::changed_records(transport, connection, &request, options)?;
            Ok(wit::Changed { records: found.records, count: found.count, position: found.position, more: found.more })
        })
    }
}
