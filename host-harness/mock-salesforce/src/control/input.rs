//! What a request brings: a JSON body, a query, and what its path names. What is wrong with it is told by its place.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use jiff::SignedDuration;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// The largest body, in bytes.
pub(super) const MOST_BYTES: usize = 50 * 1024 * 1024;
/// The longest name that the control plane gives to something, in characters.
const LONGEST_NAME: usize = 80;
/// A year.
const LONGEST_SECONDS: i64 = 366 * 24 * 60 * 60;

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        parse(&bytes(request, state, "JSON").await?).map(Self)
    }
}

/// The bytes of a body, which shall be of this format.
pub(super) async fn bytes<S: Send + Sync>(request: Request, state: &S, format: &str) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        let status = rejection.status().as_u16();
        Problem::new(status, "body", rejection.body_text(), format!("{format} of at most {MOST_BYTES} bytes"))
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.is_empty() {
        return Err(Problem::wrong("body", "none", "a JSON object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut deserializer);
    let value = parsed.map_err(|error| {
        let place = match error.path().to_string().as_str() {
            "." => "body".to_owned(),
            path => format!("body.{path}"),
        };
        wrong(place, &error.inner().to_string())
    })?;
    deserializer.end().map_err(|error| wrong("body".to_owned(), &error.to_string()))?;
    Ok(value)
}

/// From serde's words, which mostly say what came and what was expected.
fn wrong(place: String, words: &str) -> Problem {
    if let Some((got, expected)) = words.split_once(", expected ") {
        return Problem::wrong(place, got, expected);
    }
    match words.strip_prefix("missing field ") {
        Some(field) => Problem::wrong(place, "nothing", format!("a field {field}")),
        None => Problem::wrong(place, words, "the JSON that the OpenAPI document describes"),
    }
}

/// What the query says.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(query)| Self(query)).map_err(|rejection| {
            let got = parts.uri.query().unwrap_or_default();
            Problem::wrong("query", got, format!("what the OpenAPI document describes ({})", rejection.body_text()))
        })
    }
}

/// What the path names.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(named)| Self(named)).map_err(|rejection| {
            let expected = format!("what the OpenAPI document describes ({})", rejection.body_text());
            Problem::wrong("path", parts.uri.path(), expected)
        })
    }
}

/// A name that the caller chooses: 1 to 80 letters, digits, `-`, `_` and `.`.
pub(super) fn name(place: &str, text: &str) -> Result<String, Problem> {
    let is_right = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if (1..=LONGEST_NAME).contains(&text.len()) && text.chars().all(is_right) {
        Ok(text.to_owned())
    } else {
        Err(Problem::wrong(place, text, format!("1 to {LONGEST_NAME} letters, digits, '-', '_' or '.'")))
    }
}

/// A number within bounds.
pub(super) fn within(place: &str, number: u64, least: u64, most: u64) -> Result<u64, Problem> {
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(Problem::wrong(place, number.to_string(), format!("a number from {least} to {most}")))
    }
}

/// How long something takes: whole seconds, up to a year.
pub(super) fn seconds(place: &str, seconds: i64) -> Result<SignedDuration, Problem> {
    if (0..=LONGEST_SECONDS).contains(&seconds) {
        Ok(SignedDuration::from_secs(seconds))
    } else {
        Err(Problem::wrong(place, seconds.to_string(), format!("seconds from 0 to {LONGEST_SECONDS}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[serde(rename = "count")]
        _count: u64,
    }

    fn told(body: &str) -> (String, String, String) {
        let problem = parse::<std::collections::BTreeMap<String, Thing>>(body.as_bytes()).unwrap_err();
        let problem = serde_json::to_value(problem).unwrap();
        let text = |name: &str| problem[name].as_str().unwrap().to_owned();
        (text("place"), text("got"), text("expected"))
    }

    #[test]
    fn what_is_wrong_has_a_place_and_says_what_was_expected() {
        let is = |body, place: &str, got: &str, expected: &str| {
            assert_eq!(told(body), (place.to_owned(), got.to_owned(), expected.to_owned()), "{body}");
        };
        is("", "body", "none", "a JSON object");
        is(r#"{"a": {"count": "x"}}"#, "body.a.count", r#"invalid type: string "x""#, "u64 at line 1 column 19");
        is(r#"{"a": {}}"#, "body.a", "nothing", "a field `count` at line 1 column 8");
        is(r#"{"a": {"cuont": 1}}"#, "body.a.cuont", "unknown field `cuont`", "`count` at line 1 column 14");
        let (place, got, _) = told("{} {}");
        assert_eq!((place.as_str(), got.as_str()), ("body", "trailing characters at line 1 column 4"));
    }

    #[test]
    fn names_are_short_and_plain() {
        assert!(name("path.name", "before_2.0-rc").is_ok());
        for text in ["", "a b", "../x", "é", &"x".repeat(81)] {
            assert!(name("path.name", text).is_err(), "{text}");
        }
    }
}
