//! The world `activity`: what an engine may repeat.

mod actions;
mod bulk;
mod changes;
mod collections;
mod files;
mod limits;
mod reports;
mod schema;
mod search;
