//! What serde says of JSON that has not the right form, in plain words: its own are those of Rust's types.

/// What a form's type is called, and what a caller calls it.
const PLAIN: &[(&str, &str)] = &[
    ("u8", "a whole number from 0 to 255"),
    ("u16", "a whole number from 0 to 65535"),
    ("u32", "a whole number from 0 to 4294967295"),
    ("u64", "a whole number from 0 on"),
    ("usize", "a whole number from 0 on"),
    ("i64", "a whole number"),
    ("f64", "a number"),
    ("a boolean", "true or false"),
    ("a string", "a text"),
    ("a sequence", "a list"),
    ("a map", "an object"),
    ("a tuple of size 2", "a list of two"),
    ("string or map", "a text, or an object with one member"),
];

/// How a moment is written.
pub(crate) const MOMENT: &str = "a date-time such as 2026-01-01T00:00:00Z";

/// What is wrong, without the line and column at its end.
pub(crate) fn told(error: &serde_json::Error) -> String {
    let words = error.to_string();
    words.rsplit_once(" at line ").map_or(words.clone(), |(words, _)| words.to_owned())
}

/// What a caller calls what serde expected, if it is a type.
pub(crate) fn plain(expected: &str) -> Option<&'static str> {
    if expected.starts_with("struct ") || expected.starts_with("internally tagged enum ") {
        return Some("an object");
    }
    PLAIN.iter().find(|(known, _)| *known == expected).map(|(_, plain)| *plain)
}

/// What is wrong, in a sentence.
pub(crate) fn sentence(error: &serde_json::Error) -> String {
    let words = told(error);
    let Some((got, expected)) = words.rsplit_once(", expected ") else { return words };
    let expected = plain(expected).unwrap_or(expected);
    let got = match got.split_once(": ").map_or(got, |(_, got)| got) {
        "sequence" => "a list",
        "map" => "an object",
        got => got,
    };
    format!("{got}: expected {expected}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn types_have_plain_names() {
        let said = |json: &str| sentence(&serde_json::from_str::<BTreeMap<String, u16>>(json).unwrap_err());
        assert_eq!(said("[]"), "a list: expected an object");
        assert_eq!(said(r#"{"a": {}}"#), "an object: expected a whole number from 0 to 65535");
        assert_eq!(said(r#"{"a": "x"}"#), "string \"x\": expected a whole number from 0 to 65535");
        assert_eq!(said(r#"{"a""#), "EOF while parsing an object");
    }
}
