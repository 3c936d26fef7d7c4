//! `schema`.

use salesforce_connector::core::invoke;
use salesforce_connector::core::name::ObjectName;
use salesforce_connector::core::schema;

use crate::connect::run;
use crate::mapping::{invocable, modified_since};
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::schema as wit;

impl wit::Guest for Activity {
    fn list_objects(if_modified_since: Option<String>) -> Result<Option<wit::ObjectList>, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let since = modified_since(if_modified_since)?;
            let list = schema::list_objects(transport, connection, since.as_deref(), options)?;
            Ok(list.map(|list| wit::ObjectList {
                objects: list.objects.into_iter().map(Into::into).collect(),
                last_modified: list.last_modified,
            }))
        })
    }

    fn describe_object(
        object: String,
        if_modified_since: Option<String>,
    ) -> Result<Option<wit::ObjectDescription>, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let object = ObjectName::parse(&object)?;
            let since = modified_since(if_modified_since)?;
            let described = schema::describe_object(transport, connection, &object, since.as_deref(), options)?;
            Ok(described.map(|described| wit::ObjectDescription {
                object: described.object.into(),
                fields: described.fields.into_iter().map(Into::into).collect(),
                record_type_infos: described.record_type_infos.into_iter().map(Into::into).collect(),
                child_relationships: described.child_relationships.into_iter().map(Into::into).collect(),
                last_modified: described.last_modified,
            }))
        })
    }

    fn describe_json(
        object: Option<String>,
        if_modified_since: Option<String>,
    ) -> Result<Option<wit::RawDescription>, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let object = object.map(|object| ObjectName::parse(&object)).transpose()?;
            let since = modified_since(if_modified_since)?;
            let raw = schema::describe_json(transport, connection, object.as_ref(), since.as_deref(), options)?;
            Ok(raw.map(|raw| wit::RawDescription { description: raw.description, last_modified: raw.last_modified }))
        })
    }

    fn describe_invocable_action(action: wit::Invocable) -> Result<String, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            invoke::describe(transport, connection, &invocable(action)?, options)
        })
    }
}
