//! The actions of components as data: what a workflow step says, as JSON, and its run in one execution.
//!
//! The WIT is the single description of an action ([`Actions`]): what it takes and gives, as JSON and as JSON Schema, and what
//! is said of it come from there. [`Actions::of_connector`] are the connector's own; [`of_component`] reads those of any
//! component.
//!
//! ```
//! use salesforce_actions::{Actions, Call};
//!
//! let own = Actions::of_connector();
//! for (action, input) in [
//!     ("soql-query", r#"{"query": {"soql": "SELECT Id FROM Account WHERE Name = :n", "parameters": {"n": "Acme"}}}"#),
//!     ("next-page", r#"{"cursor": "0r8..."}"#),
//!     ("get-record-field-values", r#"{"object": "Account", "key": {"id": "001..."}, "fields": ["Name", "Owner.Name"]}"#),
//!     ("create-or-update-record", r#"{"object": "Account", "fields": {"Name": "Acme"},
//!         "target": {"upsert": {"external_id": {"field": "ERP_Id__c", "value": "42"}}}}"#),
//! ] {
//!     let call = Call::parse(own, action, input)?;
//!     assert_eq!(call.action().name, action);
//! }
//! # Ok::<(), salesforce_actions::InputError>(())
//! ```
//!
//! [`Call::run`] makes the call in an execution of the runtime; [`Answer::into_json`] is what it gave.
//!
//! Depends on the runtime alone, for its types and executions, and on `wit-parser`.

mod action;
pub mod bounded;
mod call;
pub mod display;
pub mod json;
mod limits;
mod page;
pub mod parameters;
pub mod schema;
pub mod table;
pub mod types;
pub mod value;
mod walk;
mod wit;

pub use action::{Action, Actions, Effect, summary};
pub use call::{Answer, Call, InputError};
pub use limits::{Attempts, DeadlineMs, ResponseBytes};
pub use page::read_page;
pub use value::within;
pub use walk::Walk;
pub use wit::{NotRead, of_component};
