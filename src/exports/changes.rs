//! `changes`.

use super::Connector;
use super::mapping::changes_request;
use super::types::{answer, call};
use crate::core::changes::{self, Span};
use crate::core::name::ObjectName;
use crate::world::exports::workflow::salesforce::changes as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn updated_records(
        on: wit::Connection,
        object: String,
        from: String,
        until: String,
        options: wit::CallOptions,
    ) -> Result<wit::UpdatedIds, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let object = ObjectName::parse(&object)?;
            let span = Span::parse(&from, &until)?;
            let found = changes::updated_records(&mut transport, &connection, &object, &span, &options)?;
            Ok(wit::UpdatedIds {
                ids: found.ids,
                count: found.count,
                latest_date_covered: found.latest_date_covered,
                usage: found.usage.map(Into::into),
            })
        })
    }

    fn deleted_records(
        on: wit::Connection,
        object: String,
        from: String,
        until: String,
        options: wit::CallOptions,
    ) -> Result<wit::DeletedIds, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let object = ObjectName::parse(&object)?;
            let span = Span::parse(&from, &until)?;
            let found = changes::deleted_records(&mut transport, &connection, &object, &span, &options)?;
            Ok(wit::DeletedIds {
                records: found.records,
                count: found.count,
                earliest_date_available: found.earliest_date_available,
                latest_date_covered: found.latest_date_covered,
                usage: found.usage.map(Into::into),
            })
        })
    }

    fn changed_records(
        on: wit::Connection,
        object: String,
        request: wit::ChangesRequest,
        options: wit::CallOptions,
    ) -> Result<wit::Changed, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let request = changes_request(&connection, &object, request)?;
            let found = changes::changed_records(&mut transport, &connection, &request, &options)?;
            Ok(wit::Changed {
                records: found.records,
                count: found.count,
                position: found.position,
                more: found.more,
                usage: found.usage.map(Into::into),
            })
        })
    }
}
