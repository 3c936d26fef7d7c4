//! One error as the REST API tells it. Not for OAuth errors, which have a shape of their own.
//!
//! Source: REST API Developer Guide, "Status Codes and Error Responses".

use serde_json::{Map, Value, json};

/// An error of the REST API: an HTTP status and a JSON array that holds one object.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// The HTTP status code.
    pub status: u16,
    /// Salesforce's `errorCode`, such as `MALFORMED_QUERY`.
    pub code: &'static str,
    /// The text for people, as Salesforce words it.
    pub message: String,
    /// The API names of the fields at fault. Errors of a write have the list even when it is empty, others have none.
    pub fields: Option<Vec<String>>,
    /// One further member of the object, such as `duplicateResult`. Boxed, for it is rare and errors are often moved.
    pub extra: Option<Box<(&'static str, Value)>>,
}

impl ApiError {
    /// An error without fields.
    #[must_use]
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), fields: None, extra: None }
    }

    /// A 400, the status of everything that is wrong with what the caller sent.
    #[must_use]
    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// A 404 `NOT_FOUND` with the message of a missing record or resource.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    /// The same error of a write, about these fields.
    #[must_use]
    pub fn on(mut self, fields: &[&str]) -> Self {
        self.fields = Some(fields.iter().map(ToString::to_string).collect());
        self
    }

    /// The body of the answer: `[{"message", "errorCode", "fields"?, ...}]`.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut error = Map::new();
        if let Some((name, value)) = self.extra.as_deref() {
            error.insert((*name).to_owned(), value.clone());
        }
        error.insert("message".to_owned(), json!(self.message));
        error.insert("errorCode".to_owned(), json!(self.code));
        if let Some(fields) = &self.fields {
            error.insert("fields".to_owned(), json!(fields));
        }
        Value::Array(vec![Value::Object(error)])
    }

    /// The same error as one item of a collections answer: `{"statusCode", "message", "fields"}`.
    ///
    /// Source: REST API Developer Guide, "sObject Collections".
    #[must_use]
    pub fn collection_item(&self) -> Value {
        let mut error = Map::new();
        error.insert("statusCode".to_owned(), json!(self.code));
        error.insert("message".to_owned(), json!(self.message));
        error.insert("fields".to_owned(), json!(self.fields.as_deref().unwrap_or_default()));
        if let Some((name, value)) = self.extra.as_deref() {
            error.insert((*name).to_owned(), value.clone());
        }
        Value::Object(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_of_writes_have_fields_and_have_them_always() {
        let error = ApiError::bad_request("MALFORMED_QUERY", "unexpected token: 'x'");
        assert_eq!(error.body(), json!([{"message": "unexpected token: 'x'", "errorCode": "MALFORMED_QUERY"}]));
        let error = ApiError::new(404, "ENTITY_IS_DELETED", "entity is deleted").on(&[]);
        let body = json!([{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}]);
        assert_eq!(error.body(), body);
    }

    #[test]
    fn extra_members_stand_beside_the_code() {
        let mut error = ApiError::bad_request("DUPLICATES_DETECTED", "one or more duplicates").on(&["Email"]);
        error.extra = Some(Box::new(("duplicateResult", json!({"allowSave": true}))));
        assert_eq!(
            error.body(),
            json!([{
                "duplicateResult": {"allowSave": true},
                "message": "one or more duplicates",
                "errorCode": "DUPLICATES_DETECTED",
                "fields": ["Email"],
            }])
        );
        assert_eq!(
            error.collection_item(),
            json!({
                "statusCode": "DUPLICATES_DETECTED",
                "message": "one or more duplicates",
                "fields": ["Email"],
                "duplicateResult": {"allowSave": true},
            })
        );
    }
}
