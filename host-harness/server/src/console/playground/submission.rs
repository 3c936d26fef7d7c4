//! One call as the form says it.

use std::sync::Arc;

use serde_json::json;

use super::fields::Fields;
use super::input::{Form, Wrong};
use crate::executions::{IdempotencyKey, Request};
use crate::ids::{ComponentDigest, ConnectionId};
use salesforce_actions::{Action, Actions, Call, InputError};
use salesforce_runtime::bindings::types::CallOptions;

/// The action that gives the page behind a cursor, which a result asks for.
pub(super) const NEXT_PAGE: &str = "next-page";

/// One call.
pub(super) struct Submission {
    pub(super) connection: ConnectionId,
    /// Digest of an uploaded component; none: the connector.
    pub(super) component: Option<ComponentDigest>,
    pub(super) call: Call,
    pub(super) idempotency_key: Option<IdempotencyKey>,
}

impl Submission {
    /// Reads the form of an action. A cursor in it asks for a further page instead of what the form says.
    ///
    /// # Errors
    /// [`Wrong`].
    pub(super) fn read(actions: &Arc<Actions>, action: &Action, fields: &Fields) -> Result<Submission, Wrong> {
        let form = Form::of(actions, action);
        form.check(fields)?;
        let connection = fields.given("connection").and_then(|text| text.parse().ok());
        let connection = connection.ok_or_else(|| wrong("connection", "expected a connection"))?;
        let component = fields.given("component").map(str::parse).transpose();
        let component = component.map_err(|_| wrong("component", "expected a component"))?;
        if let Some(cursor) = fields.given("cursor") {
            let call = Call::parse(actions, NEXT_PAGE, &json!({ "cursor": cursor }).to_string());
            let call = call.map_err(|error| wrong("playground-form", &error.to_string()))?;
            return Ok(Submission { connection, component, call, idempotency_key: None });
        }
        let call = Call::parse(actions, &action.name, &form.read(fields)?).map_err(|error| match error {
            InputError::Input { expected, .. } => form.wrong_at(&expected),
            InputError::NoSuchAction { .. } => wrong("playground-form", &error.to_string()),
        })?;
        let key = fields.given("idempotency-key").map(|key| {
            let form = || wrong("idempotency-key", &format!("expected {}", IdempotencyKey::FORM));
            IdempotencyKey::parse(key.as_bytes()).ok_or_else(form)
        });
        Ok(Submission { connection, component, call, idempotency_key: key.transpose()? })
    }

    /// The same for the server.
    pub(super) fn request(&self) -> Request {
        let options = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };
        let Submission { connection, component, call, idempotency_key } = self;
        let component = component.clone().map(String::from);
        Request::new(connection.clone().into(), component, call.clone(), options, idempotency_key.clone())
    }
}

fn wrong(element: &str, words: &str) -> Wrong {
    Wrong { element: element.to_owned(), words: words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTION: &str = "019abcde-0000-7000-8000-000000000001";

    fn read(pairs: &[(&str, &str)]) -> Result<Submission, Wrong> {
        let own = Actions::of_connector();
        Submission::read(own, own.named("soql-query").unwrap(), &Fields::of(pairs))
    }

    #[test]
    fn a_cursor_asks_for_a_further_page_and_takes_no_key() {
        let mut pairs = vec![("connection", CONNECTION), ("query.soql", "S"), ("idempotency-key", "k")];
        let asked = read(&pairs).unwrap();
        let key = asked.idempotency_key.as_ref().map(IdempotencyKey::as_str);
        assert_eq!((asked.call.action().name.as_str(), key), ("soql-query", Some("k")));
        assert_eq!(&**asked.call.input(), r#"{"query":{"soql":"S"}}"#);
        pairs.push(("cursor", "0r8"));
        let asked = read(&pairs).unwrap();
        assert_eq!((asked.call.action().name.as_str(), &**asked.call.input()), (NEXT_PAGE, r#"{"cursor":"0r8"}"#));
        assert!(asked.idempotency_key.is_none());
    }

    #[test]
    fn what_is_wrong_is_told_at_its_element() {
        let with = |pairs: &[(&'static str, &'static str)]| {
            let all = [&[("connection", CONNECTION), ("query.soql", "S")], pairs].concat();
            read(&all).err().unwrap()
        };
        assert_eq!(read(&[("query.soql", "S")]).err().unwrap().element, "connection");
        assert_eq!(read(&[("connection", "../c"), ("query.soql", "S")]).err().unwrap().element, "connection");
        assert_eq!(with(&[("component", "../c")]).element, "component");
        assert_eq!(with(&[("idempotency-key", "a\nb")]).element, "idempotency-key");
        assert_eq!(with(&[("query.batch-size", "x")]).element, "input.query.batch-size");
        let too_many = with(&[("query.batch-size", "65536")]);
        assert_eq!(too_many.element, "input.query.batch-size");
        assert!(too_many.words.starts_with("Batch size: invalid value: a number above 65,535"), "{too_many:?}");
        let misspelt = "expected the fields of this form alone, found another; the nearest is query.soql (SOQL)";
        assert_eq!(with(&[("query.sql", "x")]).words, misspelt);
        assert_eq!(with(&[("HUSH", "x")]).words, "expected the fields of this form alone, found another");
        assert_eq!(with(&[("cursor", "c"), ("query.parameters.nam", "x")]).element, "playground-form");
        let twice = [("query.include-deleted", "yes"), ("query.include-deleted", "yes")];
        assert_eq!(with(&twice).words, "Include deleted: expected once, found twice");
        let rows = [("name", "n"), ("type", "integer"), ("value", "1.5")];
        let rows = rows.map(|(part, value)| (format!("query.parameters.{part}").leak() as &'static str, value));
        let unbound = with(&rows);
        assert_eq!(unbound.element, "input.query.parameters");
        assert!(
            unbound.words.starts_with("Parameters: n: expected an integer") && !unbound.words.contains("1.5"),
            "{unbound:?}"
        );
    }
}
