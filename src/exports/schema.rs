//! `schema`.

use super::Connector;
use super::mapping::modified_since;
use super::types::{answer, call};
use crate::core::name::ObjectName;
use crate::core::schema;
use crate::world::exports::workflow::salesforce::schema as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn list_objects(
        on: wit::Connection,
        if_modified_since: Option<String>,
        options: wit::CallOptions,
    ) -> Result<Option<wit::ObjectList>, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let since = modified_since(if_modified_since)?;
            let list = schema::list_objects(&mut transport, &connection, since.as_deref(), &options)?;
            Ok(list.map(|list| wit::ObjectList {
                objects: list.objects.into_iter().map(Into::into).collect(),
                last_modified: list.last_modified,
                usage: list.usage.map(Into::into),
            }))
        })
    }

    fn describe_object(
        on: wit::Connection,
        object: String,
        if_modified_since: Option<String>,
        options: wit::CallOptions,
    ) -> Result<Option<wit::ObjectDescription>, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let object = ObjectName::parse(&object)?;
            let since = modified_since(if_modified_since)?;
            let described = schema::describe_object(&mut transport, &connection, &object, since.as_deref(), &options)?;
            Ok(described.map(|described| wit::ObjectDescription {
                object: described.object.into(),
                fields: described.fields.into_iter().map(Into::into).collect(),
                record_type_infos: described.record_type_infos.into_iter().map(Into::into).collect(),
                child_relationships: described.child_relationships.into_iter().map(Into::into).collect(),
                last_modified: described.last_modified,
                usage: described.usage.map(Into::into),
            }))
        })
    }

    fn describe_json(
        on: wit::Connection,
        object: Option<String>,
        if_modified_since: Option<String>,
        options: wit::CallOptions,
    ) -> Result<Option<wit::RawDescription>, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let object = object.map(|object| ObjectName::parse(&object)).transpose()?;
            let since = modified_since(if_modified_since)?;
            let raw = schema::describe_json(&mut transport, &connection, object.as_ref(), since.as_deref(), &options)?;
            Ok(raw.map(|raw| wit::RawDescription {
                description: raw.description,
                last_modified: raw.last_modified,
                usage: raw.usage.map(Into::into),
            }))
        })
    }
}
