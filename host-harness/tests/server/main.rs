//! The server over HTTP: a [`Server`](salesforce_server::Server) in this process, an org beside it, and a client that
//! knows nothing but the API.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails; clippy exempts only functions marked as tests"
)]

mod browser;
mod client;
mod fixture;
mod log;
mod program;
mod receiver;

mod agents;
mod apex_rest;
mod authorization;
mod backup;
mod backup_cut_off;
mod bad_input;
mod bounds;
mod bulk;
mod bulk_contradicted;
mod busy;
mod change;
mod clients;
mod clock;
mod component_files;
mod connections;
mod console;
mod crash;
mod disk;
mod documents;
mod executions;
mod hostile;
mod idempotency;
mod ids;
mod issuers;
mod kept;
mod keys;
mod matrix;
mod operators;
mod problems;
mod refresh;
mod refused;
mod rotation;
mod secrets;
mod security;
mod streams;
mod tenants;
mod tokens;
mod traces;
mod uploads;
mod webhook;
