//! The connector's actions as tools of the Model Context Protocol, for agents.
//!
//! ```text
//! actions (WIT) ──► Tools: name, description, schema ──► tools/list
//!                                                        tools/call ──► arguments ──► Host: runs it ──► text, bounded
//! ```
//!
//! A [`Host`] says which tools there are and runs their calls: the server does it for a tenant, the command line with a
//! connection file. [`serve_http`] answers one request of streamable HTTP, [`serve_stdio`] a client on standard input. What
//! agents read (descriptions, errors, what to do next) is made here, the same for both.
//!
//! [`Tools`] come from an action's [`Effect`](salesforce_actions::Effect): those that write are listed only if the host has
//! switched writes on, and refused by name otherwise.
//!
//! Results are JSON text as the action gave it, every digit kept, of at most [`RESULT_BYTES`]. Errors of a call are results
//! with `isError`, so that the agent reads them: the error as JSON, then one sentence on what to do next.
//!
//! Not for: who may ask (the server authenticates before it calls [`serve_http`]), and how a call is made.

mod agent;
mod answer;
mod arguments;
mod connections;
mod host;
mod http;
mod schema;
mod stdio;
mod texts;
mod tools;

pub use connections::{ConnectionItem, Connections};
pub use host::{Ended, Host, Ran, Refusal, ToolCall};
pub use http::{REQUEST_BYTES, serve_http};
pub use stdio::serve_stdio;
pub use tools::{Component, LIST_CONNECTIONS, Place, Tools};

/// Bytes of a result that an agent is given. An agent reads every one of them.
pub const RESULT_BYTES: usize = 256 << 10;
