//! What a request brings: a JSON body, a query, and what its path names. What is wrong with it is told by its place.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use jiff::SignedDuration;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::plain;
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
    let ended = parsed.map(|value| deserializer.end().map(|()| value));
    match (ended, serde_json::from_slice::<Value>(bytes)) {
        (Ok(Ok(value)), _) => Ok(value),
        (Err(error), Ok(body)) => Err(plain::problem::<T>(&body, &error)),
        (Ok(Err(error)), _) | (Err(_), Err(error)) => Err(no_json(bytes, &error)),
    }
}

/// Where the text stops being JSON.
fn no_json(bytes: &[u8], error: &serde_json::Error) -> Problem {
    let line = bytes.split(|byte| *byte == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let rest = line.get(error.column().saturating_sub(1)..).filter(|rest| !rest.is_empty());
    let got = rest.map_or("its end".into(), String::from_utf8_lossy);
    let place = format!("body, line {}, character {}", error.line(), error.column());
    Problem::wrong(place, got, "JSON as RFC 8259 has it, one value and nothing after it")
}

/// What the query says.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(query)| Self(query)).map_err(|_| {
            let got = parts.uri.query().unwrap_or_default();
            Problem::wrong("query", got, format!("the parameters that GET {} tells", super::document::PATH))
        })
    }
}

/// What the path names.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(named)| Self(named)).map_err(|_| {
            let expected = format!("a path that GET {} tells", super::document::PATH);
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

    #[test]
    fn what_is_no_json_is_told_by_its_place() {
        let told = |body: &str| serde_json::to_value(parse::<Value>(body.as_bytes()).unwrap_err()).unwrap();
        assert_eq!(told("")["expected"], "a JSON object");
        for (body, place, got) in [
            ("{} {}", "body, line 1, character 4", "{}"),
            ("{\n\"a\": x}", "body, line 2, character 6", "x}"),
            ("{", "body, line 1, character 1", "{"),
        ] {
            assert_eq!((told(body)["place"].as_str(), told(body)["got"].as_str()), (Some(place), Some(got)), "{body}");
        }
    }

    #[test]
    fn names_are_short_and_plain() {
        assert!(name("path.name", "before_2.0-rc").is_ok());
        for text in ["", "a b", "../x", "é", &"x".repeat(81)] {
            assert!(name("path.name", text).is_err(), "{text}");
        }
    }
}
