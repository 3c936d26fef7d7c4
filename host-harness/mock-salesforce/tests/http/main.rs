//! The mock as its clients see it: through sockets, over HTTP.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod client;
mod fixture;

mod control;
mod currencies;
mod faults;
mod generated;
mod ledger;
mod oauth_authorize;
mod oauth_identity;
mod oauth_jwt;
mod oauth_refresh;
mod oauth_token;
mod permissions;
mod picklist_labels;
mod polymorphic;
mod project;
mod public_url;
mod record_types;
mod rest_actions;
mod rest_bulk_ingest;
mod rest_bulk_query;
mod rest_changes;
mod rest_collections;
mod rest_composite;
mod rest_describe;
mod rest_events;
mod rest_files;
mod rest_gate;
mod rest_query;
mod rest_quick_actions;
mod rest_reports;
mod rest_rows;
mod rest_search;
mod rest_soql;
mod rest_upsert;
mod schema;
mod seed;
mod soap_login;
mod standard_objects;
mod standard_rules;
mod tls;
mod value_sets;
