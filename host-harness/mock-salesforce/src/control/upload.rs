//! A body that is a file to the org's loaders. These tell lines; JSON mostly comes as one line, so it is laid out with a line for each
//! value, and a line is told as the value's place.

use std::path::PathBuf;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde_json::Value;

use super::input::{self, Body};
use super::problem::Problem;
use crate::org::files::{FileError, Source};

/// A body: JSON, or CSV if it says that it is.
pub(super) struct Upload {
    pub(super) source: Source,
    json: Option<Value>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !content_type.is_some_and(|told| told.trim_start().to_ascii_lowercase().starts_with("text/csv")) {
            let Body(json) = Body::<Value>::from_request(request, state).await?;
            return Ok(Self::of(json));
        }
        let bytes = input::bytes(request, state, "CSV").await?;
        let text = String::from_utf8(Bytes::into(bytes)).map_err(|error| {
            Problem::wrong("body", format!("no UTF-8 after {} bytes", error.utf8_error().valid_up_to()), "UTF-8")
        })?;
        Ok(Self { source: Source { path: PathBuf::from("body.csv"), text }, json: None })
    }
}

impl Upload {
    pub(super) fn of(json: Value) -> Self {
        let text = format!("{json:#}");
        Self { source: Source { path: PathBuf::from("body.json"), text }, json: Some(json) }
    }

    /// What is wrong with it, by its place.
    pub(super) fn problem(&self, error: &FileError) -> Problem {
        let line = error.line.unwrap_or(1);
        let expected = format!("what the org takes ({})", error.problem);
        let Some(json) = &self.json else {
            return Problem::wrong(format!("body, line {line}"), line_of(&self.source, line), expected);
        };
        let (mut place, mut value) = ("body".to_owned(), Some(json));
        for step in path(&self.source.text, line) {
            match step {
                Step::Member(name) => {
                    value = value.and_then(|value| value.get(&name));
                    place = format!("{place}.{name}");
                }
                Step::Item(number) => {
                    value = value.and_then(|value| value.get(number));
                    place = format!("{place}[{number}]");
                }
            }
        }
        Problem::wrong(place, value.map_or_else(String::new, Value::to_string), expected)
    }
}

/// What is wrong with one of several files.
pub(super) fn problem_of_file(place: &str, sources: &[Source], error: &FileError) -> Problem {
    let line = error.line.unwrap_or(1);
    let got = sources.iter().find(|source| source.path == error.path).map_or("", |source| line_of(source, line));
    let place = format!("{place}[\"{}\"], line {line}", error.path.display());
    Problem::wrong(place, got, format!("what the org takes ({})", error.problem))
}

fn line_of(source: &Source, line: usize) -> &str {
    source.text.lines().nth(line.saturating_sub(1)).unwrap_or_default()
}

/// From the whole to a value within.
#[derive(Debug, PartialEq)]
enum Step {
    Member(String),
    Item(usize),
}

/// An object or list that is open at a line.
struct Open {
    is_list: bool,
    items: usize,
    member: String,
}

/// The way to the value that begins in this line, from 1, of JSON as serde lays it out: two blanks a level, a line a value.
fn path(text: &str, line: usize) -> Vec<Step> {
    let mut open: Vec<Open> = Vec::new();
    for line in text.lines().take(line) {
        let content = line.trim_start();
        open.truncate((line.len() - content.len()) / 2);
        if let Some(around) = open.last_mut().filter(|_| !content.starts_with(['}', ']'])) {
            around.items += 1;
            let name = serde_json::Deserializer::from_str(content).into_iter::<String>().next();
            around.member = name.and_then(Result::ok).unwrap_or_default();
        }
        if content.ends_with(['{', '[']) {
            open.push(Open { is_list: content.ends_with('['), items: 0, member: String::new() });
        }
    }
    let entered = open.into_iter().filter(|open| open.items > 0);
    entered.map(|open| if open.is_list { Step::Item(open.items - 1) } else { Step::Member(open.member) }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_is_told_as_the_place_of_its_value() {
        let upload = Upload::of(json!({"a": [{"b": 1}, {"c{": {"d\"": []}, "e": "x["}], "f": {}}));
        let place = |part: &str| {
            let line = upload.source.text.lines().position(|line| line.contains(part)).unwrap() + 1;
            let error = FileError { path: PathBuf::new(), line: Some(line), problem: "p".to_owned() };
            let problem = serde_json::to_value(upload.problem(&error)).unwrap();
            (problem["place"].as_str().unwrap().to_owned(), problem["got"].as_str().unwrap().to_owned())
        };
        for (part, expected, got) in [
            ("\"b\"", "body.a[0].b", "1"),
            ("c{", "body.a[1].c{", "{\"d\\\"\":[]}"),
            ("d\\\"", "body.a[1].c{.d\"", "[]"),
            ("\"e\"", "body.a[1].e", "\"x[\""),
            ("\"f\"", "body.f", "{}"),
        ] {
            assert_eq!(place(part), (expected.to_owned(), got.to_owned()));
        }
        assert_eq!(path("{\n  \"a\": 1\n}", 1), []);
        assert_eq!(path("[\n  {\n", 2), [Step::Item(0)]);
    }
}
