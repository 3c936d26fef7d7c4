//! `limits`.

use salesforce_connector::core::limits::{self, parse_objects};

use crate::connect::run;
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::limits as wit;

impl wit::Guest for Activity {
    fn org_limits() -> Result<Vec<wit::OrgLimit>, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let found = limits::org_limits(transport, connection, options)?;
            Ok(found.limits.into_iter().map(Into::into).collect())
        })
    }

    fn record_counts(objects: Vec<String>) -> Result<wit::CountList, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let found = limits::record_counts(transport, connection, &parse_objects(&objects)?, options)?;
            Ok(wit::CountList { counts: found.counts.into_iter().map(Into::into).collect(), missing: found.missing })
        })
    }

    fn recent_items(limit: Option<u8>) -> Result<Vec<wit::RecentItem>, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let found = limits::recent_items(transport, connection, limit, options)?;
            Ok(found.items.into_iter().map(Into::into).collect())
        })
    }
}
