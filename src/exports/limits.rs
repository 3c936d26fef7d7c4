//! `limits`.

use super::Connector;
use super::types::{answer, call};
use crate::core::limits::{self, parse_objects};
use crate::world::exports::workflow::salesforce::limits as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn org_limits(on: wit::Connection, options: wit::CallOptions) -> Result<wit::LimitList, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let found = limits::org_limits(&mut transport, &connection, &options)?;
            Ok(wit::LimitList {
                limits: found.limits.into_iter().map(Into::into).collect(),
                usage: found.usage.map(Into::into),
            })
        })
    }

    fn record_counts(
        on: wit::Connection,
        objects: Vec<String>,
        options: wit::CallOptions,
    ) -> Result<wit::CountList, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let objects = parse_objects(&objects)?;
            let found = limits::record_counts(&mut transport, &connection, &objects, &options)?;
            Ok(wit::CountList {
                counts: found.counts.into_iter().map(Into::into).collect(),
                missing: found.missing,
                usage: found.usage.map(Into::into),
            })
        })
    }

    fn recent_items(
        on: wit::Connection,
        limit: Option<u8>,
        options: wit::CallOptions,
    ) -> Result<wit::RecentList, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let found = limits::recent_items(&mut transport, &connection, limit, &options)?;
            Ok(wit::RecentList {
                items: found.items.into_iter().map(Into::into).collect(),
                usage: found.usage.map(Into::into),
            })
        })
    }
}
