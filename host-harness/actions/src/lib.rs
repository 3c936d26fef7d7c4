//! The actions of components as data: what a workflow step says, as JSON, and its run in one execution.
//!
//! For programs that learn at run time which action is called with what: a workflow engine's steps, a REST API, a form. Programs
//! that know it when they are written call the typed methods of [`Execution`](salesforce_runtime::Execution).
//!
//! An action is an exported function `func(connection, ..., options: call-options) -> result<T, error>`. Its input is a JSON
//! object of the parameters between, by name in snake case; its result is `T` as JSON. [`value`] says how each type is written.
//!
//! ```no_run
//! use salesforce_actions::{Actions, Call};
//! use salesforce_runtime::bindings::types::{CallOptions, Connection};
//! use salesforce_runtime::{Connector, egress::EgressPolicy};
//!
//! /// One step of a workflow: from JSON to JSON.
//! async fn step(
//!     connector: &Connector,
//!     connection: &Connection,
//!     action: &str,
//!     input: &str,
//! ) -> Result<String, Box<dyn std::error::Error>> {
//!     let call = Call::parse(Actions::of_connector(), action, input)?; // sends nothing
//!     let policy = EgressPolicy::origins([connection.instance_url.parse()?]);
//!     let options = CallOptions { deadline_ms: Some(10_000), max_response_bytes: None, attempts: None };
//!     let answer = call.run(connector.execution(policy), connection, options).await?;
//!     let result = answer.into_json(8 << 20)?; // at most 8 MiB
//!     Ok(result.get().to_owned())
//! }
//! ```
//!
//! With stored connections, [`Call::run`] is what a `salesforce_connections::Session::call` makes:
//! `session.call(&id, async |execution, connection| call.run(execution, &connection, options).await)`.
//!
//! # Inputs
//!
//! [`Call::parse`] refuses whatever is not what the action takes, and says where and what it expected, without repeating a
//! value. A `types.json` is itself, so records keep every digit:
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
//!
//! let misspelt = Call::parse(own, "next-page", r#"{"curser": "0r8..."}"#).unwrap_err();
//! println!("{misspelt}");
//! # Ok::<(), salesforce_actions::InputError>(())
//! ```
//!
//! # Which actions there are
//!
//! The WIT is their single description. [`Actions::of_connector`] are the connector's own; [`of_component`] reads those of any
//! component out of its binary, and [`schema::Schemas`] makes JSON Schema of either:
//!
//! ```
//! use salesforce_actions::schema::Schemas;
//! use salesforce_actions::{Effect, of_component};
//! use salesforce_runtime::component::CONNECTOR; // anybody's component
//!
//! let actions = of_component(CONNECTOR)?;
//! for action in actions.iter() {
//!     println!("{} of {}: {:?}", action.name, action.interface, action.effect);
//! }
//! let query = actions.named("soql-query").ok_or("no such action")?;
//! assert_eq!(query.interface, "workflow:salesforce/soql@0.2.1");
//! assert_eq!(query.effect, Effect::Reads);
//!
//! let schemas = Schemas::of(&actions);
//! assert!(schemas.inputs().any(|(name, _)| name == "soql-query"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Results
//!
//! | to have | take |
//! |---|---|
//! | JSON text of bounded length | [`Answer::into_json`] |
//! | a page of records, to follow its cursor | [`Answer::into_page`], and [`Walk`], which holds the pages to their total |
//! | rows and columns for people | [`table`] |
//! | texts from elsewhere, fit for a terminal or a page | [`display`] |
//!
//! # When something fails
//!
//! [`InputError`]: the input, before anything is sent. [`ExecutionError`](salesforce_runtime::ExecutionError): the call.
//! [`HostFailure`](salesforce_runtime::HostFailure): the result is longer than allowed or, of another component than the
//! connector, no JSON; the call itself has succeeded, and its outcome says whether anything was sent. [`NotRead`]: a component's
//! interfaces.
//!
//! Depends on the runtime alone, for its types and executions, and on `wit-parser`.

mod action;
pub mod bounded;
pub mod bulk;
mod bytes;
mod call;
pub mod display;
pub mod form;
pub mod json;
mod limits;
mod page;
pub mod parameters;
mod place;
pub mod schema;
pub mod table;
pub mod types;
pub mod value;
mod walk;
mod wit;

pub use action::{Action, Actions, Effect, summary};
pub use call::{Answer, Call, InputError};
pub use limits::{Attempts, DeadlineMs, ResponseBytes};
pub use page::{count_of, read_page};
pub use value::within;
pub use walk::Walk;
pub use wit::{NotRead, of_component};
