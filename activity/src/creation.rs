//! `creation`: what an engine must not repeat.

use salesforce_connector::core::name::ObjectName;
use salesforce_connector::core::records::{self, Target};

use crate::connect::run;
use crate::mapping::save_options;
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
}
