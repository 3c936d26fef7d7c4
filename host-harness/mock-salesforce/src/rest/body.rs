//! JSON bodies of requests: read as an object, or refused as Salesforce's parser would.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde_json::{Map, Value};

use crate::ApiError;

/// A body that is a JSON object.
#[derive(Debug)]
pub(crate) struct JsonObject(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        if !is_json(&content_type) {
            let message = format!("Content-Type header specified in HTTP request is not supported: {content_type}");
            return Err(ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|error| ApiError::bad_request("JSON_PARSER_ERROR", error.to_string()))?;
        parse(&bytes).map(Self)
    }
}

pub(crate) fn is_json(content_type: &str) -> bool {
    let name = content_type.split(';').next().unwrap_or_default().trim();
    name.eq_ignore_ascii_case("application/json")
}

pub(crate) fn parse(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if bytes.is_empty() {
        let message = "The HTTP entity body is required, but this request has no entity body.";
        return Err(ApiError::bad_request("JSON_PARSER_ERROR", message));
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => {
            let message = "Cannot deserialize this value as an object: expected START_OBJECT at [line:1, column:1]";
            Err(ApiError::bad_request("JSON_PARSER_ERROR", message))
        }
        Err(error) => Err(ApiError::bad_request("JSON_PARSER_ERROR", locate(&error))),
    }
}

/// serde_json's message with the place in Salesforce's form.
fn locate(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    let message = message.strip_suffix(&place).unwrap_or(&message);
    format!("{message} at [line:{}, column:{}]", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_json_is_located() {
        let error = parse(b"{\"Name\": }").unwrap_err();
        assert_eq!((error.status, error.code), (400, "JSON_PARSER_ERROR"));
        assert_eq!(error.message, "expected value at [line:1, column:10]");
    }

    #[test]
    fn only_an_object_will_do() {
        assert_eq!(parse(b"[]").unwrap_err().code, "JSON_PARSER_ERROR");
        assert!(parse(b"").unwrap_err().message.contains("no entity body"));
        assert_eq!(parse(b"{\"a\":9007199254740993}").unwrap().get("a").unwrap().to_string(), "9007199254740993");
    }

    #[test]
    fn the_media_type_may_have_parameters() {
        assert!(is_json("application/json; charset=UTF-8"));
        assert!(!is_json("application/jsonp"));
        assert!(!is_json(""));
    }
}
