//! Runs a Salesforce connector component the way a workflow runtime would: a fresh, sandboxed instance for every
//! execution, and no way out of it but HTTP to where the host lets it.
//!
//! - [`component`]: the connector itself, carried inside this crate, and a description of any component's bytes.
//! - [`bindings`]: the types of the WIT world, as Rust.
//! - [`runtime`]: loads components and runs their exports under limits.
//! - [`egress`]: the one way from a component to the network.
//! - [`secret`]: text that must not be shown.
//! - [`verify`]: whether a component that somebody uploaded may run, and why not.
//! - [`server`]: a small workflow runtime around all of it, as a program would run it: connections, executions, uploads.
//! - [`action`], [`json`], [`parameters`]: calls and results as JSON.
//! - [`table`], [`display`]: results and texts from elsewhere, shown to people.
//!
//! ```no_run
//! use host_harness::bindings::{soql::Query, types::{CallOptions, Connection}};
//! use host_harness::{component, egress::EgressPolicy, runtime::{Runtime, RuntimeOptions}};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = Runtime::new(RuntimeOptions::default())?; // once per process
//! let connector = runtime.load(component::CONNECTOR)?; // once per component
//!
//! let connection = Connection {
//!     instance_url: "https://example.my.salesforce.com".to_owned(),
//!     access_token: std::env::var("SALESFORCE_ACCESS_TOKEN")?,
//!     api_version: None,
//! };
//! let query = Query {
//!     soql: "SELECT Id, Name FROM Account".to_owned(),
//!     parameters: Vec::new(),
//!     include_deleted: false,
//!     batch_size: None,
//!     max_records: None,
//! };
//! let options = CallOptions { deadline_ms: Some(10_000), max_response_bytes: None, attempts: None };
//!
//! let policy = EgressPolicy::origins([connection.instance_url.parse()?]);
//! let page = connector.execution(policy).soql_query(&connection, &query, options).await?; // once per call
//! println!("{} of {:?} records: {}", page.count, page.total_size, page.records);
//! # Ok(())
//! # }
//! ```

#![deny(unsafe_code)]

pub mod action;
pub mod bindings;
pub mod bounded;
pub mod component;
pub mod display;
pub mod egress;
pub mod json;
pub mod names;
pub mod parameters;
pub mod runtime;
pub mod secret;
pub mod server;
pub mod table;
pub mod verify;
