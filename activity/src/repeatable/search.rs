//! `search`.

use salesforce_connector::core::search::{self, Found, bind_sosl};
use salesforce_connector::core::soql::Parameter;

use crate::connect::run;
use crate::mapping::search_request;
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::search as wit;

impl wit::Guest for Activity {
    fn search(text: String, request: wit::SearchRequest) -> Result<wit::Found, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let search = search_request(&text, request)?;
            Ok(search::search(transport, connection, &search, options)?.into())
        })
    }

    fn sosl_search(sosl: String, parameters: Vec<wit::Parameter>) -> Result<wit::Found, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let parameters: Vec<Parameter> = parameters.into_iter().map(Into::into).collect();
            let sosl = bind_sosl(&sosl, &parameters)?;
            Ok(search::sosl_search(transport, connection, &sosl, options)?.into())
        })
    }
}

impl From<Found> for wit::Found {
    fn from(found: Found) -> Self {
        Self { records: found.records, count: found.count }
    }
}
