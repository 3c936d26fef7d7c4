//! JSON as text: answers are validated once and sliced, so numbers keep every digit.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{Error, Result, printable};

/// How deeply arrays and objects may be nested: the bound of most JSON readers, so what leaves the connector can be read
/// by whoever gets it.
const DEEPEST: usize = 128;

/// Reads an answer. `what` completes "expected ...". A byte order mark is ignored (RFC 8259 section 8.1); anything else
/// around or inside the one value that JSON does not allow is an error. The error never repeats the body.
pub fn parse<'a, T: Deserialize<'a>>(body: &'a [u8], what: &str) -> Result<T> {
    let unreadable = |why: &str| Error::invalid_response(format!("expected {what}, but {why}"));
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(unreadable("the body is not UTF-8"));
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_ascii_start().as_bytes().first() {
        None => return Err(unreadable("the body is empty")),
        Some(b'<') => return Err(unreadable("a web page came, perhaps a login or maintenance page")),
        Some(_) => {}
    }
    if !is_shallow(text) {
        return Err(unreadable("it is nested more than 128 levels deep"));
    }
    // serde's own words may quote the body.
    serde_json::from_str(text).map_err(|error| {
        unreadable(&format!("the JSON has another form (line {}, column {})", error.line(), error.column()))
    })
}

/// Checks that a caller's text is one JSON object, and gives it back without the space around it.
pub fn parse_object<'a>(name: &str, text: &'a str) -> Result<&'a str> {
    let refused = || Error::invalid_argument(name, "the text of one JSON object, such as {\"Name\":\"Acme\"}");
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    if !text.starts_with('{') || !is_shallow(text) {
        return Err(refused());
    }
    let _: &RawValue = serde_json::from_str(text).map_err(|_| refused())?;
    Ok(text)
}

/// Whether valid JSON stays within [`DEEPEST`]. On invalid JSON the answer means nothing.
fn is_shallow(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut deepest = 0;
    outside_strings(text, |byte| match byte {
        b'[' | b'{' => {
            depth += 1;
            deepest = deepest.max(depth);
        }
        b']' | b'}' => depth = depth.saturating_sub(1),
        _ => {}
    });
    deepest <= DEEPEST
}

/// Number of elements of a valid JSON array.
pub fn count_elements(array: &RawValue) -> usize {
    let mut depth = 0_usize;
    let mut commas = 0;
    let mut empty = true;
    outside_strings(array.get(), |byte| match byte {
        b'[' | b'{' => {
            empty &= depth == 0;
            depth += 1;
        }
        b']' | b'}' => depth = depth.saturating_sub(1),
        b',' if depth == 1 => commas += 1,
        b' ' | b'\t' | b'\r' | b'\n' => {}
        _ => empty = false,
    });
    if empty { 0 } else { commas + 1 }
}

/// Calls `see` with every byte outside string literals, and with the quote that opens each.
fn outside_strings(text: &str, mut see: impl FnMut(u8)) {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        see(byte);
        if byte == b'"' {
            while let Some(byte) = bytes.next() {
                match byte {
                    b'"' => break,
                    b'\\' => drop(bytes.next()),
                    _ => {}
                }
            }
        }
    }
}

/// The elements of an array.
pub fn list(raw: &RawValue) -> Result<Vec<&RawValue>> {
    parse(raw.get().as_bytes(), "a list")
}

/// A string, its escapes resolved.
pub fn text(raw: &RawValue) -> Result<String> {
    parse(raw.get().as_bytes(), "a text")
}

/// The members of an object, in order, doubled keys included. Values stay text until they are asked for, so one reader
/// serves every shape: a derived one for each would make up a fifth of the component.
pub struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads an answer that is an object.
    pub fn parse(body: &'a [u8], what: &str) -> Result<Self> {
        parse(body, what)
    }

    /// Reads an object inside an answer.
    pub fn from_raw(raw: &'a RawValue, what: &str) -> Result<Self> {
        parse(raw.get().as_bytes(), what)
    }

    /// All members.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), *value))
    }

    /// The member of exactly that name; none if it is missing or null. An error if there are two.
    pub fn member(&self, name: &str) -> Result<Option<&'a RawValue>> {
        let found = self.only(name, |key| key == name)?;
        Ok(found.filter(|value| value.get() != "null"))
    }

    /// The member of that name without regard to case, as Salesforce treats API names. It may be null, not missing.
    pub fn field(&self, name: &str) -> Result<&'a RawValue> {
        let found = self.only(name, |key| key.eq_ignore_ascii_case(name))?;
        found.ok_or_else(|| Error::invalid_response(format!("expected the field {name}, but it is missing")))
    }

    fn only(&self, name: &str, is_it: impl Fn(&str) -> bool) -> Result<Option<&'a RawValue>> {
        let mut matching = self.iter().filter(|(key, _)| is_it(key));
        let found = matching.next().map(|(_, value)| value);
        match matching.next() {
            None => Ok(found),
            Some(_) => Err(Error::invalid_response(format!("expected {name} once, but it came twice"))),
        }
    }

    /// A member that is text.
    pub fn text(&self, name: &str) -> Result<Option<String>> {
        self.member(name)?.map(|value| text(value).map_err(|_| has_other_type(name, "a text"))).transpose()
    }

    /// A member that is text to show, made [`printable`].
    pub fn printable(&self, name: &str, limit: usize) -> Result<Option<String>> {
        Ok(self.text(name)?.map(|text| printable(&text, limit)))
    }

    /// A member that is a whole number, not negative.
    pub fn number(&self, name: &str) -> Result<Option<u64>> {
        self.member(name)?
            .map(|value| value.get().parse().map_err(|_| has_other_type(name, "a whole number")))
            .transpose()
    }

    /// A member that is true or false.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>> {
        self.member(name)?
            .map(|value| value.get().parse().map_err(|_| has_other_type(name, "true or false")))
            .transpose()
    }

    /// A member that is a list of texts.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>> {
        let read = |value| list(value)?.into_iter().map(text).collect::<Result<_>>();
        self.member(name)?.map(|value| read(value).map_err(|_| has_other_type(name, "a list of texts"))).transpose()
    }
}

/// The value of a member that must be there.
pub fn required<T>(name: &str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::invalid_response(format!("expected {name}, but it is missing")))
}

fn has_other_type(name: &str, expected: &str) -> Error {
    Error::invalid_response(format!("expected {name} to be {expected}"))
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Object<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Object<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    members.push((key, value));
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// A key, borrowed unless it has escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use proptest::prelude::*;

    fn read(body: &[u8]) -> Result<&RawValue> {
        parse(body, "a value")
    }

    #[test]
    fn text_is_kept_to_the_digit() {
        for text in ["9007199254740993", "0.123456789012345678", "1e400", "-0", "\"\\ud800\"", "{\"a\":1,\"a\":2}"] {
            assert_eq!(read(text.as_bytes()).unwrap().get(), text);
        }
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        assert_eq!(read("\u{feff}[1]".as_bytes()).unwrap().get(), "[1]");
    }

    #[test]
    fn what_is_not_json_is_refused_and_not_repeated() {
        for body in [
            &b""[..],
            b" ",
            b"{",
            b"[1",
            b"[1]x",
            b"NaN",
            b"Infinity",
            b"[1,]",
            b"{\"a\" 1}",
            b"\xff",
            b"\"\xff\"",
            b"<html>SENTINEL</html>",
            b"{\"SENTINEL\":",
            b"\"SENTINEL\n\"",
            b"01",
            b"+1",
        ] {
            let error = read(body).unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{body:?}");
            assert!(!error.message.contains("SENTINEL"), "{}", error.message);
        }
        let wrong_type = Object::parse(b"\"SENTINEL\"", "an object").err().unwrap();
        assert!(!wrong_type.message.contains("SENTINEL"), "{}", wrong_type.message);
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(read(nested(128).as_bytes()).is_ok());
        assert!(read(nested(129).as_bytes()).is_err());
        assert!(read(nested(1_000_000).as_bytes()).is_err());
        assert!(read(format!("\"{}\"", "[".repeat(1000)).as_bytes()).is_ok(), "brackets inside a string do not count");
    }

    #[test]
    fn an_argument_must_be_one_object() {
        assert_eq!(parse_object("fields", " {\"a\":1e400} \n").unwrap(), "{\"a\":1e400}");
        for text in ["", "[]", "null", "{", "{}x", "{'a':1}", "\u{feff}{}", "{\"a\":NaN}"] {
            assert_eq!(parse_object("fields", text).unwrap_err().kind, ErrorKind::InvalidArgument, "{text:?}");
        }
    }

    #[test]
    fn members_are_read_by_type() {
        let body = br#"{"t":"a\u0062","n":9007199254740993,"b":true,"l":["x"],"null":null,"twice":1,"twice":1}"#;
        let object = Object::parse(body, "x").unwrap();
        assert_eq!(object.text("t").unwrap().as_deref(), Some("ab"));
        assert_eq!(object.number("n").unwrap(), Some(9_007_199_254_740_993));
        assert_eq!(object.boolean("b").unwrap(), Some(true));
        assert_eq!(object.texts("l").unwrap().unwrap(), ["x"]);
        assert_eq!((object.text("null").unwrap(), object.text("T").unwrap()), (None, None));
        assert!(required("T", object.text("T").unwrap()).unwrap_err().message.contains("missing"));
        for error in [object.text("n"), object.text("twice"), object.text("b"), object.text("l")] {
            assert_eq!(error.unwrap_err().kind, ErrorKind::InvalidResponse);
        }
        assert!(object.number("t").is_err() && object.boolean("n").is_err() && object.texts("t").is_err());
        for number in ["-1", "1.0", "1e400", "18446744073709551616", "true"] {
            let body = format!("{{\"n\":{number}}}");
            assert!(Object::parse(body.as_bytes(), "x").unwrap().number("n").is_err(), "{number}");
        }
    }

    #[test]
    fn a_field_is_found_without_regard_to_case() {
        let object = Object::parse(br#"{"Name":null,"n\u0061me2":1,"Twice":1,"twice":2}"#, "x").unwrap();
        assert_eq!(object.field("name").unwrap().get(), "null");
        assert_eq!(object.field("NAME2").unwrap().get(), "1");
        assert!(object.field("Other").unwrap_err().message.contains("missing"));
        assert!(object.field("Twice").unwrap_err().message.contains("twice"));
    }

    proptest! {
        #[test]
        fn elements_are_counted_as_serde_counts_them(values in prop::collection::vec("[a-z\\[\\]{},\"\\\\ ]{0,9}", 0..9)) {
            let nested: Vec<_> = values.iter().map(|value| serde_json::json!([value, { "k": [value, []] }])).collect();
            let text = serde_json::to_string_pretty(&nested).unwrap();
            prop_assert_eq!(count_elements(serde_json::from_str(&text).unwrap()), nested.len());
            let flat = serde_json::to_string(&values).unwrap();
            prop_assert_eq!(count_elements(serde_json::from_str(&flat).unwrap()), values.len());
        }
    }
}
