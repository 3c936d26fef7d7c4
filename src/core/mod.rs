//! The connector's logic: what to send to Salesforce, and what its answers mean.
//!
//! In scope: OAuth, SOQL, records one and many, files, bulk jobs, changes, searches, the org's schema and limits, their errors, and when a
//! request may be repeated. Not in scope: how a request travels. The core knows no WASI, clock, randomness or environment; all of those
//! reach it through [`http::Transport`], which the component implements over WASI HTTP and the tests with a script.
//!
//! ```text
//! arguments --parse--> Connection, RecordId, ... --build--> Request --send--> Response --parse--> result
//!                         InvalidArgument                      |                  |
//!                                                    Failure -> Error    salesforce_error -> Error
//! ```

pub mod api_usage;
pub mod api_version;
pub mod base64;
pub mod bulk;
pub mod call_options;
pub mod changes;
pub mod collections;
pub mod composite;
pub mod connection;
pub mod encoding;
pub mod error;
mod error_body;
mod error_list;
pub mod external_id;
pub mod files;
pub mod http;
pub mod http_date;
pub mod invoke;
pub mod json;
pub mod limits;
pub mod moment;
pub mod name;
pub mod oauth;
pub mod origin;
mod place;
pub mod record_id;
pub mod records;
pub mod reports;
pub mod retry_after;
pub mod salesforce_domains;
pub mod salesforce_error;
pub mod schema;
#[cfg(test)]
mod script;
pub mod search;
pub mod secret;
pub mod send;
pub mod soql;
mod status_code;
pub mod text;
mod typed_login;
