//! What all steps have: a stage, a stored connection, and calls of the component that are timed.

use std::cell::Cell;
use std::time::Instant;

use salesforce_actions::display::json::readable;
use salesforce_runtime::{Execution, ExecutionError};
use serde_json::Value;

use super::stage::Stage;
use crate::cli::{Connectors, Effect, Failure};
use salesforce_connections::{ConnectionFile, Session};
use salesforce_runtime::bindings::oauth::UserIdentity;
use salesforce_runtime::bindings::soql::{Argument, Cursor, LikeMatch, Page, Parameter, Query, Value as Bound};
use salesforce_runtime::bindings::types::{CallOptions, Connection};

/// A demo under way, once there is a connection.
pub(crate) struct Tour {
    pub(crate) stage: Stage,
    session: Session<ConnectionFile>,
    /// The same for calls of OAuth.
    oauth: Session<ConnectionFile>,
    pub(crate) options: CallOptions,
}

impl Tour {
    pub(crate) fn new(stage: Stage, connectors: Connectors, file: ConnectionFile, options: CallOptions) -> Tour {
        let oauth = Session::new(connectors.oauth.clone(), file.clone(), options);
        Tour { stage, session: connectors.session(file, options), oauth, options }
    }

    /// Makes one call of the component with the stored connection.
    ///
    /// # Errors
    /// The call.
    pub(crate) async fn call<T, F>(
        &mut self,
        effect: Effect,
        action: impl Fn(Execution, Connection) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, ExecutionError>>,
    {
        let session = self.session.clone();
        self.call_in(&session, effect, action).await
    }

    /// Asks who the user is.
    ///
    /// # Errors
    /// The call.
    pub(crate) async fn user(&mut self) -> Result<UserIdentity, Failure> {
        let (session, options) = (self.oauth.clone(), self.options);
        let ask = async |execution: Execution, connection| execution.user_info(&connection, options).await;
        self.call_in(&session, Effect::Read, ask).await
    }

    async fn call_in<T, F>(
        &mut self,
        session: &Session<ConnectionFile>,
        effect: Effect,
        action: impl Fn(Execution, Connection) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, ExecutionError>>,
    {
        let start = Instant::now();
        let runs = Cell::new(0);
        let counted = |execution: Execution, connection: Connection| {
            runs.set(runs.get() + 1);
            action(execution, connection)
        };
        let result = session.call(&(), counted).await;
        // Between two runs there was a refresh.
        self.stage.count(2 * runs.get() - 1, start.elapsed());
        result.map_err(Failure::session(effect))
    }

    /// Runs a query, shown with its parameters.
    ///
    /// # Errors
    /// The call, or standard output.
    pub(crate) async fn query(&mut self, query: &Query) -> Result<Page, Failure> {
        self.stage.asked(&format!("soql-query  {}", shown(query)))?;
        let options = self.options;
        self.call(Effect::Read, async |execution, connection| execution.soql_query(&connection, query, options).await)
            .await
    }

    /// Goes on behind a cursor.
    ///
    /// # Errors
    /// The call.
    pub(crate) async fn next_page(&mut self, cursor: &Cursor) -> Result<Page, Failure> {
        let options = self.options;
        self.call(Effect::Read, async |execution, connection| execution.next_page(&connection, cursor, options).await)
            .await
    }
}

/// A query with parameters.
pub(crate) fn query(soql: &str, parameters: Vec<Parameter>) -> Query {
    Query { soql: soql.to_owned(), parameters, include_deleted: false, batch_size: None, max_records: None }
}

/// One parameter.
pub(crate) fn parameter(name: &str, argument: Argument) -> Parameter {
    Parameter { name: name.to_owned(), argument }
}

/// The records of a page.
///
/// # Errors
/// They are not JSON objects.
pub(crate) fn records(page: &Page) -> Result<Vec<Value>, Failure> {
    serde_json::from_str(&readable(&page.records))
        .map_err(|error| Failure::Demo(format!("expected an array of records: {error}")))
}

/// The text of a record's field, empty if it is null, missing or no text.
pub(crate) fn text<'a>(record: &'a Value, field: &str) -> &'a str {
    record.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn shown(query: &Query) -> String {
    let mut text = query.soql.clone();
    for parameter in &query.parameters {
        let argument = match &parameter.argument {
            Argument::One(value) => shown_value(value),
            Argument::Many(values) => values.iter().map(shown_value).collect::<Vec<_>>().join(", "),
        };
        text.push_str(&format!("\n:{} = {argument}", parameter.name));
    }
    text
}

fn shown_value(value: &Bound) -> String {
    match value {
        Bound::Null => "null".to_owned(),
        Bound::Boolean(value) => value.to_string(),
        Bound::Integer(value) => value.to_string(),
        Bound::Decimal(text)
        | Bound::Date(text)
        | Bound::Datetime(text)
        | Bound::Time(text)
        | Bound::Currency(text)
        | Bound::Id(text) => text.clone(),
        Bound::Text(text) => format!("“{text}”"),
        Bound::LikePattern(pattern) => match pattern.match_ {
            LikeMatch::Exact => format!("exactly “{}”", pattern.text),
            LikeMatch::StartsWith => format!("starting with “{}”", pattern.text),
            LikeMatch::EndsWith => format!("ending with “{}”", pattern.text),
            LikeMatch::Contains => format!("containing “{}”", pattern.text),
            LikeMatch::Pattern => format!("like “{}”", pattern.text),
        },
    }
}
