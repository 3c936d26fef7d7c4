//! What a request brings: a JSON body, a query, and what its path names. Each is bounded before it is read, and what is wrong with it
//! is told without repeating it.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::problem::{Problem, ProblemKind};
use salesforce_actions::bounded::{MOST_NESTED, is_nested_deeper};
use salesforce_actions::json::wrong;

/// Bytes of a body, where its operation says nothing else.
pub(super) const USUAL_BYTES: usize = 64 << 10;

/// A JSON body of at most so many bytes, or a problem that says what was expected.
pub(super) struct Body<T, const MOST: usize = USUAL_BYTES>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync, const MOST: usize> FromRequest<S> for Body<T, MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        JsonText::<MOST>::from_request(request, state).await?.parse().map(Body)
    }
}

/// A JSON body that is not parsed yet: of a long one that takes a while.
pub(super) struct JsonText<const MOST: usize>(Bytes);

impl<const MOST: usize> JsonText<MOST> {
    /// Bytes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if is_nested_deeper(&self.0, MOST_NESTED) {
            let words = format!("body: expected lists and objects at most {MOST_NESTED} deep in one another");
            return Err(Problem::invalid(words));
        }
        wrong::read(&self.0).map_err(|words| Problem::invalid(format!("body: {words}")))
    }
}

impl<S: Send + Sync, const MOST: usize> FromRequest<S> for JsonText<MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                ProblemKind::UnsupportedMediaType,
                "expected Content-Type: application/json, in UTF-8 and without Content-Encoding",
            ));
        }
        read(request, MOST).await.map(JsonText)
    }
}

/// None: there is no body.
impl<T: DeserializeOwned, S: Send + Sync, const MOST: usize> OptionalFromRequest<S> for Body<T, MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let headers = request.headers();
        let is_empty = !headers.contains_key(header::TRANSFER_ENCODING) && announced(headers).unwrap_or(0) == 0;
        if is_empty {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

/// A body of at most so many bytes. One that is announced larger is refused before any of it is read.
pub(super) async fn read(request: Request, most: usize) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(ProblemKind::TooLarge, format!("body: expected at most {most} bytes"));
    if announced(request.headers()).is_some_and(|bytes| bytes > most as u64) {
        return Err(too_large());
    }
    to_bytes(request.into_body(), most).await.map_err(|error| {
        let is_length =
            std::error::Error::source(&error).is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
        if is_length { too_large() } else { Problem::invalid("the body did not arrive completely") }
    })
}

/// Bytes of the body, as its sender counts them.
fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// `application/json`, or another type that is JSON (RFC 6839), in UTF-8 and not compressed.
fn is_json(headers: &HeaderMap) -> bool {
    if !is_plain_utf_8(headers) {
        return false;
    }
    let essence = essence(headers).unwrap_or_default();
    essence.strip_prefix("application/").is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

/// Whether nothing says that it is in another encoding, or compressed.
fn is_plain_utf_8(headers: &HeaderMap) -> bool {
    let is_utf_8 = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_none_or(|value| {
        let mut parameters = value.split(';').filter_map(|part| part.trim().split_once('='));
        parameters.all(|(name, charset)| {
            !name.trim().eq_ignore_ascii_case("charset")
                || charset.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
    });
    is_utf_8 && !headers.contains_key(header::CONTENT_ENCODING)
}

/// Refuses a body that says that it is something else than WebAssembly.
pub(super) fn check_wasm(headers: &HeaderMap) -> Result<(), Problem> {
    if !headers.contains_key(header::CONTENT_TYPE)
        || essence(headers).is_some_and(|essence| essence == "application/wasm")
    {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::UnsupportedMediaType, "expected Content-Type: application/wasm, or none"))
}

/// Refuses a body that is not said to be CSV in UTF-8.
pub(super) fn check_csv(headers: &HeaderMap) -> Result<(), Problem> {
    if essence(headers).is_some_and(|essence| essence == "text/csv") && is_plain_utf_8(headers) {
        return Ok(());
    }
    let words = "expected Content-Type: text/csv, in UTF-8 and without Content-Encoding";
    Err(Problem::new(ProblemKind::UnsupportedMediaType, words))
}

/// The content type without its parameters; none if there is not exactly one.
fn essence(headers: &HeaderMap) -> Option<String> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(named), None) = (types.next(), types.next()) else { return None };
    Some(named.to_str().ok()?.split(';').next()?.trim().to_ascii_lowercase())
}

/// What the query says, or a problem that says what was expected.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = wrong::read_form(parts.uri.query().unwrap_or_default().as_bytes());
        query.map(Query).map_err(|words| Problem::invalid(format!("query: {words}")))
    }
}

/// What the path names, or a problem: what has not the form of a name names nothing.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(named)| Path(named)).map_err(|rejection| {
            use axum::extract::path::ErrorKind;
            use axum::extract::rejection::PathRejection;
            let PathRejection::FailedToDeserializePathParams(failed) = rejection else {
                return Problem::not_found("resource");
            };
            match failed.into_kind() {
                ErrorKind::Message(expected) | ErrorKind::DeserializeError { message: expected, .. } => {
                    Problem::new(ProblemKind::NotFound, expected)
                }
                _ => Problem::new(ProblemKind::NotFound, "expected a path in UTF-8"),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn json_has_one_content_type() {
        let is = |types: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for text in types {
                headers.append(header::CONTENT_TYPE, HeaderValue::from_static(text));
            }
            is_json(&headers)
        };
        assert!(is(&["application/json"]) && is(&["Application/JSON; charset=utf-8"]) && is(&["application/a+json"]));
        assert!(!is(&["application/json; charset=utf-16"]) && is(&["application/json; Charset=\"UTF-8\""]));
        assert!(
            !is(&[]) && !is(&["text/json"]) && !is(&["application/jsonx"]) && !is(&["application/json", "text/plain"])
        );
    }
}
