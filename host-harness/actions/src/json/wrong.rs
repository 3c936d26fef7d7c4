//! Why JSON or a form is not what was expected: where, what kind of thing came, and what was expected. Values are never
//! repeated, for one may be a secret in the wrong place, or very long; which names are is in [`super::spelling`].

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny};
use serde_path_to_error::{Path, Segment, Track};

use super::number::whole;
use super::objects::Objects;
use super::spelling;

/// What is expected of JSON that is kept as text. Where it is not what it should be follows, and the place in it.
pub(crate) const WITHIN: &str = "JSON within bounds; ";

/// Reads JSON text, in which every struct is an object.
///
/// # Errors
/// Where it is not what was expected, e.g. `options.attempts: invalid type: text, expected a whole number from 1 to 10`.
pub fn read<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<T, String> {
    read_seed(json, PhantomData)
}

/// As [`read`], of what the seed makes.
///
/// # Errors
/// As [`read`].
pub fn read_seed<'de, S: DeserializeSeed<'de>>(json: &'de [u8], seed: S) -> Result<S::Value, String> {
    read_told(json, seed, |_| true)
}

/// As [`read`], of JSON whose names are the caller's own.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_free<'de, T: Deserialize<'de>>(json: &'de str) -> Result<T, String> {
    read_told(json.as_bytes(), PhantomData, spelling::is_possible)
}

fn read_told<'de, S: DeserializeSeed<'de>>(
    json: &'de [u8],
    seed: S,
    is_told: fn(&str) -> bool,
) -> Result<S::Value, String> {
    let json = std::str::from_utf8(json).map_err(|_| "expected JSON in UTF-8".to_owned())?;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let mut track = Track::new();
    let read = seed.deserialize(serde_path_to_error::Deserializer::new(Objects(&mut deserializer), &mut track));
    let read = read.map_err(|error| {
        let message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let what = message.strip_suffix(&place).unwrap_or(&message);
        if error.is_data() {
            at(&track.path(), &words(what), is_told)
        } else if serde_json::from_str::<IgnoredAny>(json).is_ok() {
            at(&track.path(), unreadable(what), is_told)
        } else {
            // What is no JSON at all has no place but its line and column.
            words(&message)
        }
    })?;
    deserializer.end().map_err(|error| words(&error.to_string()))?;
    Ok(read)
}

/// Reads a query or a form.
///
/// # Errors
/// Where it is not what was expected, e.g. `limit: expected a whole number`.
pub fn read_form<T: DeserializeOwned>(form: &[u8]) -> Result<T, String> {
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(form));
    serde_path_to_error::deserialize(deserializer)
        .map_err(|error| at(error.path(), &words(&error.inner().to_string()), |_| true))
}

/// What serde says of a value, without the value: `invalid type: string "hush", expected u8` becomes
/// `invalid type: text, expected a whole number from 0 to 255`.
pub fn words(message: &str) -> String {
    let whole = [
        "expected ",
        "missing field `",
        "duplicate field `",
        "trailing ",
        "control character ",
        "unknown field, ",
        "unknown variant, ",
    ];
    if whole.iter().any(|start| message.starts_with(start)) {
        return message.to_owned();
    }
    if let Some(rest) = message.strip_prefix("EOF while parsing a") {
        // "a list", "an object", and where in the text.
        return format!("the JSON ends in the middle of a{}", rest.replacen(" string", " text", 1));
    }
    if let Some(place) = message.strip_prefix("key must be a string") {
        return format!("expected a name in quotes{place}");
    }
    if message.starts_with("unknown field `") && message.ends_with(", there are no fields") {
        return spelling::unknown("field", "", &[]);
    }
    if let Some(expected) = unparsed(message) {
        return format!("expected {expected}");
    }
    let Some((what, expected)) = message.rsplit_once(", expected ") else {
        return match message.rsplit_once(" at line ") {
            Some((_, place)) if place.len() < 40 => format!("expected something else at line {place}"),
            _ => "expected something else".to_owned(),
        };
    };
    for kind in ["field", "variant"] {
        let came = what.strip_prefix("unknown ").and_then(|rest| rest.strip_prefix(kind)?.strip_prefix(" `"));
        if let Some(came) = came.and_then(|rest| rest.strip_suffix('`')) {
            let known: Vec<_> =
                expected.split('`').skip(1).step_by(2).map(|name| (name, format!("`{name}`"))).collect();
            return spelling::unknown(kind, came, &known);
        }
    }
    let expected = for_people(expected);
    let number = what.strip_prefix("invalid value: integer ").or(what.strip_prefix("invalid type: integer "));
    if let Some(came) = number.and_then(|number| beyond(number, &expected)) {
        return format!("{came}, expected {expected}");
    }
    let came = what.split(['"', '`']).next().unwrap_or_default().trim_end();
    let came = match came.split_once(": ") {
        Some((problem, kind)) => format!("{problem}: {}", kind_for_people(kind)),
        None => came.to_owned(),
    };
    format!("{came}, expected {expected}")
}

/// What the text of a query or of a form should have been, from the words of the standard library.
fn unparsed(message: &str) -> Option<&'static str> {
    let starts = |starts: &[&str]| starts.iter().any(|start| message.starts_with(start));
    if starts(&["invalid digit ", "cannot parse integer ", "number too large ", "number too small "]) {
        return Some("a whole number");
    }
    starts(&["provided string was not `true` or `false`"]).then_some("true or false")
}

/// What serde calls the kinds of JSON, in the words of JSON.
fn kind_for_people(kind: &str) -> &str {
    match kind {
        "map" => "object",
        "sequence" => "list",
        "string" | "character" => "text",
        "integer" => "whole number",
        "floating point" => "number",
        "boolean" => "true or false",
        "unit value" => "null",
        other => other,
    }
}

/// The names of our types, and of Rust's, say nothing to callers.
fn for_people(expected: &str) -> String {
    if let Some(rest) = expected.strip_prefix("struct ") {
        return format!("an object{}", rest.trim_start_matches(|char: char| char.is_alphanumeric() || char == '_'));
    }
    match expected {
        "a map" => "an object".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a string" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "unit" => "null".to_owned(),
        "u8" => whole(0, u8::MAX),
        "u16" => whole(0, u16::MAX),
        "u32" => whole(0, u32::MAX),
        "u64" | "usize" => whole(0, u64::MAX),
        "i64" => whole(i64::MIN, i64::MAX),
        "f32" | "f64" => "a number".to_owned(),
        other => other.to_owned(),
    }
}

/// A whole number that is one and yet not what was expected, by the bound that it is beyond.
fn beyond(number: &str, expected: &str) -> Option<String> {
    let number: i128 = number.strip_prefix('`')?.strip_suffix('`')?.parse().ok()?;
    let (least, most) = expected.strip_prefix("a whole number from ")?.split_once(" to ")?;
    let bound = |text: &str| text.replace(',', "").parse::<i128>().ok();
    let (least_number, most_number) = (bound(least)?, bound(most)?);
    if number < least_number {
        return Some(format!("invalid value: a number below {least}"));
    }
    (number > most_number).then(|| format!("invalid value: a number above {most}"))
}

/// Why a value that is JSON cannot be read even to be refused by its type.
fn unreadable(message: &str) -> &'static str {
    match message {
        "number out of range" => "invalid value: a number beyond all bounds, expected a smaller one",
        "recursion limit exceeded" => "expected lists and objects less deep in one another",
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => {
            "invalid value: a text with half of a surrogate pair, expected whole characters"
        }
        _ => "expected something else",
    }
}

/// What is wrong, with the members that lead to it, as far as they are told. The last is left out if it is unknown and
/// resembles none.
fn at(path: &Path, words: &str, is_told: fn(&str) -> bool) -> String {
    let mut segments: Vec<&Segment> = path.iter().collect();
    if words.starts_with("unknown field, expected ") {
        segments.pop();
    }
    let mut place = String::new();
    for segment in segments {
        match segment {
            Segment::Seq { index } => place.push_str(&format!("[{index}]")),
            Segment::Map { key } if is_told(key) => {
                if !place.is_empty() {
                    place.push('.');
                }
                place.push_str(key);
            }
            _ => break,
        }
    }
    let Some(inner) = words.strip_prefix("expected ").and_then(|words| words.strip_prefix(WITHIN)) else {
        return if place.is_empty() { words.to_owned() } else { format!("{place}: {words}") };
    };
    match inner.split_once(": ") {
        _ if place.is_empty() => inner.to_owned(),
        Some((below, _)) if below.contains(' ') => format!("{place}: {inner}"),
        Some((below, _)) if below.starts_with('[') => format!("{place}{inner}"),
        Some(_) => format!("{place}.{inner}"),
        None => format!("{place}: {inner}"),
    }
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
        is_last: Option<bool>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        First,
        Second,
    }

    #[test]
    fn a_whole_number_is_read_in_every_notation() {
        for count in ["200", "200.0", "2e2", "-0"] {
            let json = format!(r#"{{"count":{count}}}"#);
            assert_eq!(read::<Inner>(json.as_bytes()).unwrap().count, if count == "-0" { 0 } else { 200 }, "{count}");
        }
    }

    #[test]
    fn a_place_and_what_was_expected_are_told_and_nothing_that_came() {
        for (json, told) in [
            (r#"{"name":1,"list":[]}"#, "name: invalid type: whole number, expected a text"),
            (
                r#"{"name":"","list":[{"count":"HUSH"}]}"#,
                "list[0].count: invalid type: text, expected a whole number from 0 to 255",
            ),
            (
                r#"{"name":"","list":[{"count":"HUSH, expected u8 `"}]}"#,
                "list[0].count: invalid type: text, expected a whole number from 0 to 255",
            ),
            (
                r#"{"name":"","list":[{"count":1,"kind":"HUSH"}]}"#,
                "list[0].kind: unknown variant, expected `first` or `second`",
            ),
            (
                r#"{"name":"","list":[{"count":1,"kind":"fi-rst"}]}"#,
                "list[0].kind: unknown variant, did you mean `first`?",
            ),
            (r#"{"HUSH":1}"#, "unknown field, expected `name` or `list`"),
            (r#"{"name":"","list":[{"HUSH-1":1}]}"#, "list[0]: unknown field, expected `count`, `kind` or `is_last`"),
            (r#"{"name":"","list":[{"cuont":1}]}"#, "list[0].cuont: unknown field, did you mean `count`?"),
            (r#"{"name":""}"#, "missing field `list`"),
            (r#"["HUSH",[]]"#, "invalid type: list, expected an object"),
            (r#"{"name":"","list":[[1]]}"#, "list[0]: invalid type: list, expected an object"),
            (r#"{"name":"","name":"HUSH"}"#, "duplicate field `name`"),
            (r#""HUSH""#, "invalid type: text, expected an object"),
            ("HUSH", "expected value at line 1 column 1"),
            (r#"{"hush":1}"#, "unknown field, expected `name` or `list`"),
            (
                r#"{"name":"","list":[{"count":1e400}]}"#,
                "list[0].count: invalid value: a number above 18,446,744,073,709,551,615, expected",
            ),
            (
                r#"{"name":"","list":[{"count":-0.5}]}"#,
                "list[0].count: invalid value: a number with a fraction, expected",
            ),
            (
                r#"{"name":"\ud800HUSH","list":[]}"#,
                "name: invalid value: a text with half of a surrogate pair, expected a text",
            ),
            (r#"{"name":"","list":[{"\udc00HUSH":1}]}"#, "list[0]: "),
            (r#"{"name":"","list":[{"count":1,"kind":5}]}"#, "list[0].kind: expected something else"),
            (r#"{"name":"","list":{"length":1}}"#, "list: invalid type: object, expected a list"),
            (r#"{"name":"","list":1.5}"#, "list: invalid type: number, expected a list"),
            (r#"{"name":"","list":null}"#, "list: invalid type: null, expected a list"),
            (r#"{"name":"","list":[1.5]}"#, "list[0]: invalid type: number, expected an object"),
            (
                r#"{"name":"","list":[{"count":1,"is_last":1.5}]}"#,
                "list[0].is_last: invalid type: number, expected true or false",
            ),
            ("1.5", "invalid type: number, expected an object"),
            (r#"{"name":"HUSH"#, "the JSON ends in the middle of a text at line 1 column 13"),
            (r#"{"name":"","list":[]}HUSH"#, "trailing characters"),
        ] {
            let words = read::<Outer>(json.as_bytes()).unwrap_err();
            assert!(words.contains(told) && !words.to_uppercase().contains("HUSH"), "{words}, and not: {told}");
        }
        for (form, told) in [
            ("count=HUSH", "count: expected a whole number"),
            ("cuont=1", "cuont: unknown field, did you mean `count`?"),
            ("count=1&HUSH=1", "unknown field, expected `count`, `kind` or `is_last`"),
            ("count=1&expected%20HUSH=1", "unknown field, expected `count`, `kind` or `is_last`"),
            ("count=1&kind=HUSH", "kind: unknown variant, expected `first` or `second`"),
            ("kind=first", "missing field `count`"),
        ] {
            assert_eq!(read_form::<Inner>(form.as_bytes()).unwrap_err(), told);
        }
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}
        assert_eq!(read::<Nothing>(br#"{"hush":1}"#).unwrap_err(), "unknown field, expected nothing");
        type Attempts = crate::bounded::Whole<u8, 1, 1_000>;
        for (number, came) in [
            ("0", "invalid value: a number below 1"),
            ("-7", "invalid value: a number below 1"),
            ("1001", "invalid value: a number above 1,000"),
            ("1.5", "invalid value: a number with a fraction"),
            ("null", "invalid type: null"),
        ] {
            let told = format!("{came}, expected a whole number from 1 to 1,000");
            assert_eq!(read::<Attempts>(number.as_bytes()).unwrap_err(), told);
        }
        let told = read::<crate::bounded::Text<1, 3>>(br#""hush""#).unwrap_err();
        assert_eq!(told, "invalid value: a text of 4 characters, expected a text of 1 to 3 characters");
        assert_eq!(words("HUSH"), "expected something else");
        let eight_bits = "invalid value: a number above 255, expected a whole number from 0 to 255";
        assert_eq!(words("invalid value: integer `300`, expected u8"), eight_bits);
    }
}
