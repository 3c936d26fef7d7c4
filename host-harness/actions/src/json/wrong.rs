//! Why JSON or a form is not what was expected, without repeating any of it: what came may be a secret in the wrong place, or
//! very long.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed};
use serde_path_to_error::{Path, Segment, Track};

use super::objects::Objects;

/// The longest name of a member that is told.
const LONGEST_NAME: usize = 40;

/// Reads JSON text, in which every struct is an object.
///
/// # Errors
/// Where it is not what was expected, e.g. `options.attempts: expected a whole number from 1 to 10 at line 1 column 40`.
pub fn read<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<T, String> {
    read_seed(json, PhantomData)
}

/// As [`read`], of what the seed makes.
///
/// # Errors
/// As [`read`].
pub fn read_seed<'de, S: DeserializeSeed<'de>>(json: &'de [u8], seed: S) -> Result<S::Value, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let mut track = Track::new();
    let read = seed.deserialize(serde_path_to_error::Deserializer::new(Objects(&mut deserializer), &mut track));
    let read = read.map_err(|error| {
        let words = words(&error.to_string());
        // What is no JSON at all has no place but its line and column.
        if error.is_data() { at(&track.path(), &words) } else { words }
    })?;
    deserializer.end().map_err(|error| words(&error.to_string()))?;
    Ok(read)
}

/// Reads a query or a form.
///
/// # Errors
/// Where it is not what was expected, e.g. `limit: expected something else`.
pub fn read_form<T: DeserializeOwned>(form: &[u8]) -> Result<T, String> {
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(form));
    serde_path_to_error::deserialize(deserializer).map_err(|error| at(error.path(), &words(&error.inner().to_string())))
}

/// What serde says of a value, without the value unless it is a misspelt name at most: `invalid type: string "hush", expected u8` becomes
/// `invalid type: string, expected u8`.
pub fn words(message: &str) -> String {
    let whole = [
        "expected ",
        "missing field `",
        "duplicate field `",
        "EOF ",
        "trailing ",
        "key must be ",
        "control character ",
    ];
    if whole.iter().any(|start| message.starts_with(start)) {
        return message.to_owned();
    }
    let Some((what, expected)) = message.rsplit_once(", expected ") else {
        return match message.rsplit_once(" at line ") {
            Some((_, place)) if place.len() < LONGEST_NAME => format!("expected something else at line {place}"),
            _ => "expected something else".to_owned(),
        };
    };
    // The names of our types say nothing to callers.
    let expected = match expected.strip_prefix("struct ") {
        Some(rest) => {
            format!("an object{}", rest.trim_start_matches(|char: char| char.is_alphanumeric() || char == '_'))
        }
        None => expected.to_owned(),
    };
    let kind = what.split(['"', '`']).next().unwrap_or_default().trim_end();
    let variant = what.strip_prefix("unknown variant `").and_then(|rest| rest.strip_suffix('`'));
    match variant.filter(|name| is_name(&name.replace('-', "_"))) {
        Some(name) => format!("{kind} `{name}`, expected {expected}"),
        None => format!("{kind}, expected {expected}"),
    }
}

/// What is wrong, with the members that lead to it. One that cannot be the name of a field, misspelt at most, is not told.
fn at(path: &Path, words: &str) -> String {
    let mut place = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => place.push_str(&format!("[{index}]")),
            Segment::Map { key } if is_name(key) => {
                if !place.is_empty() {
                    place.push('.');
                }
                place.push_str(key);
            }
            _ => break,
        }
    }
    if place.is_empty() { words.to_owned() } else { format!("{place}: {words}") }
}

/// Whether a text can be the name of something here, and so may be told.
pub fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it is read matters")]
    struct Outer {
        name: String,
        list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it is read matters")]
    struct Inner {
        count: u8,
        kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        First,
        Second,
    }

    #[test]
    fn a_place_and_what_was_expected_are_told_and_nothing_that_came() {
        for (json, told) in [
            (r#"{"name":1,"list":[]}"#, "name: invalid type: integer, expected a string at line 1 column 9"),
            (r#"{"name":"","list":[{"count":"HUSH"}]}"#, "list[0].count: invalid type: string, expected u8"),
            (
                r#"{"name":"","list":[{"count":"HUSH, expected u8 `"}]}"#,
                "list[0].count: invalid type: string, expected u8",
            ),
            (
                r#"{"name":"","list":[{"count":1,"kind":"HUSH"}]}"#,
                "list[0].kind: unknown variant, expected `first` or `second`",
            ),
            (
                r#"{"name":"","list":[{"count":1,"kind":"fi-rst"}]}"#,
                "list[0].kind: unknown variant `fi-rst`, expected `first` or `second`",
            ),
            (r#"{"HUSH":1}"#, "unknown field, expected `name` or `list`"),
            (r#"{"name":"","list":[{"HUSH-1":1}]}"#, "list[0]: unknown field, expected `count` or `kind`"),
            (r#"{"name":"","list":[{"cuont":1}]}"#, "list[0].cuont: unknown field, expected `count` or `kind`"),
            (r#"{"name":""}"#, "missing field `list`"),
            (r#"["HUSH",[]]"#, "invalid type: sequence, expected an object"),
            (r#"{"name":"","list":[[1]]}"#, "list[0]: invalid type: sequence, expected an object"),
            (r#"{"name":"","name":"HUSH"}"#, "duplicate field `name`"),
            (r#""HUSH""#, "invalid type: string, expected an object"),
            ("HUSH", "expected value at line 1 column 1"),
            (r#"{"name":"HUSH"#, "EOF while parsing a string"),
            (r#"{"name":"","list":[]}HUSH"#, "trailing characters"),
        ] {
            let words = read::<Outer>(json.as_bytes()).unwrap_err();
            assert!(words.contains(told) && !words.contains("HUSH"), "{words}, and not: {told}");
        }
        for (form, told) in [
            ("count=HUSH", "count: expected something else"),
            ("cuont=1", "cuont: unknown field, expected `count` or `kind`"),
            ("count=1&HUSH=1", "unknown field, expected `count` or `kind`"),
            ("count=1&expected%20HUSH=1", "unknown field, expected `count` or `kind`"),
            ("count=1&kind=HUSH", "kind: unknown variant, expected `first` or `second`"),
            ("kind=first", "missing field `count`"),
        ] {
            assert_eq!(read_form::<Inner>(form.as_bytes()).unwrap_err(), told);
        }
        assert_eq!(words("HUSH"), "expected something else");
        assert_eq!(words("invalid value: integer `300`, expected u8"), "invalid value: integer, expected u8");
    }
}
