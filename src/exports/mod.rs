//! The component's exports: WIT in, core, WIT out; nothing else. One file per interface.

mod composite;
mod invoke;
mod mapping;
mod oauth;
mod records;
mod reports;
mod soql;
mod types;

/// The component.
pub(crate) struct Connector;
