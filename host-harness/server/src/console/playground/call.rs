//! One call as the form says it.

use super::fields::Fields;
use super::input::{Wrong, input};
use crate::executions::{IdempotencyKey, Request};
use crate::ids::{ComponentDigest, ConnectionId};
use salesforce_actions::{ActionName, InputError};
use salesforce_runtime::bindings::types::CallOptions;

/// One call.
pub(super) struct Call {
    pub(super) connection: ConnectionId,
    /// Digest of an uploaded component; none: the connector.
    pub(super) component: Option<ComponentDigest>,
    pub(super) action: ActionName,
    /// The action's input, in the API's JSON.
    pub(super) input: String,
    pub(super) idempotency_key: Option<IdempotencyKey>,
}

impl Call {
    /// Reads the form. A cursor in it asks for a further page instead of what the form says.
    ///
    /// # Errors
    /// [`Wrong`].
    pub(super) fn read(fields: &Fields) -> Result<Call, Wrong> {
        let action = if fields.given("cursor").is_some() { ActionName::NextPage } else { super::action(fields) };
        let wrong = |field, expected: &str| Wrong { field, expected: expected.to_owned() };
        let connection = fields.given("connection").and_then(|text| text.parse().ok());
        let connection = connection.ok_or_else(|| wrong("connection", "a connection"))?;
        let component = fields.given("component").map(str::parse).transpose();
        let component = component.map_err(|_| wrong("component", "a component"))?;
        let input = input(action, fields)?;
        let key = fields.given("idempotency-key").filter(|_| action != ActionName::NextPage);
        let key = key.map(|key| {
            IdempotencyKey::parse(key.as_bytes()).ok_or_else(|| wrong("idempotency-key", IdempotencyKey::FORM))
        });
        let idempotency_key = key.transpose()?;
        Ok(Call { connection, component, action, input, idempotency_key })
    }

    /// The same for the server.
    ///
    /// # Errors
    /// [`InputError`].
    pub(super) fn request(&self) -> Result<Request, InputError> {
        let options = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };
        let (connection, component, key) =
            (self.connection.clone().into(), self.component.clone().map(String::from), self.idempotency_key.clone());
        Request::new(connection, component, self.action, &self.input, options, key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTION: &str = "019abcde-0000-7000-8000-000000000001";

    #[test]
    fn a_cursor_asks_for_a_further_page_and_takes_no_key() {
        let mut pairs =
            vec![("action", "soql-query"), ("connection", CONNECTION), ("soql", "S"), ("idempotency-key", "k")];
        let call = Call::read(&Fields::of(&pairs)).unwrap();
        let key = call.idempotency_key.as_ref().map(IdempotencyKey::as_str);
        assert_eq!((call.action, key), (ActionName::SoqlQuery, Some("k")));
        pairs.push(("cursor", "0r8"));
        let call = Call::read(&Fields::of(&pairs)).unwrap();
        assert_eq!((call.action, call.input.as_str()), (ActionName::NextPage, r#"{"cursor":"0r8"}"#));
        assert!(call.idempotency_key.is_none() && call.request().is_ok());
    }

    #[test]
    fn a_call_needs_a_connection_and_a_key_that_fits_a_header() {
        assert_eq!(Call::read(&Fields::of(&[("soql", "S")])).err().unwrap().field, "connection");
        let pairs = [("connection", "../c"), ("soql", "S")];
        assert_eq!(Call::read(&Fields::of(&pairs)).err().unwrap().field, "connection");
        let pairs = [("connection", CONNECTION), ("component", "../c"), ("soql", "S")];
        assert_eq!(Call::read(&Fields::of(&pairs)).err().unwrap().field, "component");
        let pairs = [("connection", CONNECTION), ("soql", "S"), ("idempotency-key", "a\nb")];
        assert_eq!(Call::read(&Fields::of(&pairs)).err().unwrap().field, "idempotency-key");
    }
}
