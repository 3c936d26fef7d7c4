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
            let limit = |limit: limits::OrgLimit| wit::OrgLimit {
                name: limit.name,
                max: limit.max,
                remaining: limit.remaining,
            };
            Ok(wit::LimitList {
                limits: found.limits.into_iter().map(limit).collect(),
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
            let count = |count: limits::RecordCount| wit::RecordCount { object: count.object, count: count.count };
            Ok(wit::CountList {
                counts: found.counts.into_iter().map(count).collect(),
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
            let item = |item: limits::RecentItem| wit::RecentItem { object: item.object, id: item.id, name: item.name };
            Ok(wit::RecentList {
                items: found.items.into_iter().map(item).collect(),
                usage: found.usage.map(Into::into),
            })
        })
    }
}
