//! The component's exports: WIT in, core, WIT out; nothing else. One file per interface.

mod bulk;
mod changes;
mod collections;
mod composite;
mod files;
mod invoke;
mod limits;
mod mapping;
mod oauth;
mod records;
mod reports;
mod schema;
mod search;
mod soql;
mod types;

/// The component.
pub(crate) struct Connector;
