//! Bytes, as JSON has them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::problem::Problem;

/// Bytes, as text, as JSON or in base64.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum BytesForm {
    Text(String),
    Base64(String),
    /// An answer with it has `content-type: application/json;charset=UTF-8` unless it is told another.
    #[schema(value_type = Value)]
    Json(Value),
}

impl BytesForm {
    pub(super) fn bytes(self, place: &str) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Text(text) => Ok(text.into_bytes()),
            Self::Json(json) => Ok(json.to_string().into_bytes()),
            Self::Base64(text) => STANDARD.decode(&text).map_err(|error| {
                Problem::wrong(format!("{place}.base64"), text, format!("base64 with padding (RFC 4648): {error}"))
            }),
        }
    }

    /// The type that an answer with it has, where the form says one.
    pub(super) fn content_type(&self) -> Option<&'static str> {
        matches!(self, Self::Json(_)).then_some("application/json;charset=UTF-8")
    }
}

impl From<&[u8]> for BytesForm {
    fn from(bytes: &[u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(STANDARD.encode(bytes)),
        }
    }
}
