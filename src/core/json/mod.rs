//! JSON as text: an answer is validated once and then sliced, so numbers keep every digit.

mod object;
mod quoted;
mod scan;
mod special;

use std::borrow::Cow;

pub use self::object::{Object, required};
pub use self::quoted::quoted;
use self::scan::{Flaw, Outline, scan};
use self::special::plain;
use super::error::{Error, Result, printable};
use super::text::contains;

/// The text of one valid JSON value, without space around it.
///
/// No `Debug`: it is people's data. serde_json is not used but in tests: its validation takes half as long again as
/// the pass of `scan`, which finds the records of a page on its way, and its typed readers would bring the formatting of
/// floating-point numbers into the component, a fifth of its size.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// Reads an answer. `what` completes "expected ...". A byte order mark is ignored (RFC 8259 section 8.1); anything
    /// else around or inside the one value that JSON does not allow is an error. The error never repeats the body.
    pub fn parse(body: &'a [u8], what: &str) -> Result<Self> {
        Ok(read(text(body, what)?, what)?.0)
    }

    /// Checks that a caller's text is one JSON object, with each member once.
    pub fn parse_object(name: &str, text: &'a str) -> Result<Self> {
        Self::parse_members(name, text).map(|(object, _)| object)
    }

    /// As [`Json::parse_object`], with its members.
    pub fn parse_members(name: &str, text: &'a str) -> Result<(Self, Object<'a>)> {
        let object = trim(text);
        match scan(object) {
            Ok(outline) if object.starts_with('{') => {
                let members = Object::outlined(object, outline);
                match members.doubled() {
                    None => Ok((Self(object), members)),
                    Some(key) => {
                        Err(Error::invalid_argument(name, &[&printable(key, 40), " once, but it came twice"].concat()))
                    }
                }
            }
            _ => Err(Error::invalid_argument(name, "one JSON object, such as {\"Name\":\"Acme\"}")),
        }
    }

    /// A text that is known to be one JSON value.
    pub(in crate::core) fn known(text: &'a str) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// Whether it is null.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The elements of an array; none if it is no array.
    pub fn elements(self) -> Option<Values<'a>> {
        self.0.strip_prefix('[').map(Values)
    }

    /// The members of an object; none if it is no object.
    pub fn object(self) -> Option<Object<'a>> {
        self.0.strip_prefix('{').map(|inner| Object::of(Values(inner)))
    }

    /// The members of these names of an object, found without taking it apart: names without regard to case, and none where
    /// there is none. No list if it is no object, or has one of them twice.
    pub fn named<const N: usize>(self, names: [&str; N]) -> Option<[Option<Json<'a>>; N]> {
        let mut found = [None; N];
        let mut values = Values(self.0.strip_prefix('{')?);
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            let is_it = |name: &&str| key.0.get(1..key.0.len() - 1).is_some_and(|key| key.eq_ignore_ascii_case(name));
            for (_, place) in names.iter().zip(&mut found).filter(|(name, _)| is_it(name)) {
                if place.replace(value).is_some() {
                    return None;
                }
            }
        }
        Some(found)
    }

    /// A whole number, not negative.
    pub fn number(self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// A string, its escapes resolved; none if it is no string or holds half of a surrogate pair.
    pub fn text(self) -> Option<String> {
        self.unescaped(None).map(Cow::into_owned)
    }

    /// A string for people to read: U+FFFD stands for half of a surrogate pair.
    pub fn shown(self) -> Option<String> {
        self.unescaped(Some(char::REPLACEMENT_CHARACTER)).map(Cow::into_owned)
    }

    /// `lone` stands for half of a surrogate pair; without it there is no text.
    fn unescaped(self, lone: Option<char>) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if !contains(inner, "\\") {
            return Some(Cow::Borrowed(inner));
        }
        let mut text = String::with_capacity(inner.len());
        let mut rest = inner.chars();
        while let Some(character) = rest.next() {
            text.push(match character {
                '\\' => escaped(&mut rest, lone)?,
                plain => plain,
            });
        }
        Some(Cow::Owned(text))
    }
}

/// The character that an escape stands for, after its backslash.
fn escaped(rest: &mut std::str::Chars<'_>, lone: Option<char>) -> Option<char> {
    Some(match rest.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => match code_unit(rest)? {
            high @ 0xd800..=0xdbff => {
                let low =
                    rest.as_str().strip_prefix("\\u").map(str::chars).and_then(|mut digits| code_unit(&mut digits));
                let Some(low) = low.filter(|low| (0xdc00..=0xdfff).contains(low)) else {
                    return lone;
                };
                rest.nth(5);
                char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?
            }
            unit => return char::from_u32(unit).or(lone),
        },
        itself => itself,
    })
}

/// The four hexadecimal digits of `\u`.
fn code_unit(digits: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |unit, _| Some(unit * 16 + digits.next()?.to_digit(16)?))
}

/// What is between brackets or braces, one value after the other; of an object, keys and values in turn.
pub struct Values<'a>(&'a str);

impl<'a> Iterator for Values<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        let rest = self.0.trim_start_matches([' ', '\t', '\r', '\n', ',', ':']);
        let length = length(rest.as_bytes());
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (length > 0).then_some(Json(value))
    }
}

/// The length of the value that the text begins with; 0 at a closing bracket or brace.
fn length(text: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at = string_end(text, at + 1);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth > 1 => depth -= 1,
            b']' | b'}' if depth == 1 => return at + 1,
            b']' | b'}' | b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Behind the quote that ends a string, from anywhere inside of it.
fn string_end(text: &[u8], mut at: usize) -> usize {
    loop {
        at += plain(text.get(at..).unwrap_or_default());
        match text.get(at) {
            Some(b'\\') => at += 2,
            Some(_) => return at + 1,
            None => return text.len(),
        }
    }
}

/// The text of an answer's body.
fn text<'a>(body: &'a [u8], what: &str) -> Result<&'a str> {
    std::str::from_utf8(body).map_err(|_| unreadable(what, "the body is not UTF-8"))
}

/// The value of an answer, and the outline of its text.
fn read<'a>(text: &'a str, what: &str) -> Result<(Json<'a>, Outline)> {
    let text = trim(text.strip_prefix('\u{feff}').unwrap_or(text));
    match text.as_bytes().first() {
        None => return Err(unreadable(what, "the body is empty")),
        Some(b'<') => return Err(unreadable(what, "a web page came, perhaps a login or maintenance page")),
        Some(_) => {}
    }
    match scan(text) {
        Ok(outline) => Ok((Json(text), outline)),
        Err(Flaw::Depth) => Err(unreadable(what, "it is nested more than 128 levels deep")),
        Err(Flaw::Syntax(at)) => Err(unreadable(what, &format!("it is not JSON (from byte {at} on)"))),
    }
}

/// Without the space that JSON allows, which is less than ASCII has.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\n', '\r', '\t'])
}

fn unreadable(what: &str, why: &str) -> Box<Error> {
    Error::invalid_response(["expected ", what, ", but ", why].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    fn read(body: &[u8]) -> Result<&str> {
        Json::parse(body, "a value").map(Json::as_str)
    }

    /// A value as serde reads it, put together from slices.
    fn rebuilt(json: Json<'_>) -> Value {
        if let Some(elements) = json.elements() {
            Value::Array(elements.map(rebuilt).collect())
        } else if let Some(object) = json.object() {
            Value::Object(object.iter().map(|(key, value)| (key.to_owned(), rebuilt(value))).collect::<Map<_, _>>())
        } else if let Some(text) = json.text() {
            Value::String(text)
        } else {
            serde_json::from_str(json.as_str()).unwrap()
        }
    }

    #[test]
    fn text_is_kept_to_the_digit() {
        for text in ["9007199254740993", "0.123456789012345678", "1e400", "-0", "\"\\ud800\"", "{\"a\":1,\"a\":2}"] {
            assert_eq!(read(format!(" {text}\n").as_bytes()).unwrap(), text);
        }
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        assert_eq!(read("\u{feff}[1]".as_bytes()).unwrap(), "[1]");
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
            b"\x0c1",
            b"1\x0c",
            b"<html>SENTINEL</html>",
            b"{\"SENTINEL\":",
            b"\"SENTINEL\n\"",
            b"\"\\x\"",
            b"\"\\u12g4\"",
            b"01",
            b"+1",
        ] {
            let error = read(body).unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{body:?}");
            assert!(!error.message.contains("SENTINEL"), "{}", error.message);
        }
        let wrong_type = Object::parse(b"\"SENTINEL\"", "an answer").err().unwrap();
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
        assert_eq!(Json::parse_object("fields", " {\"a\":1e400} \n").unwrap().as_str(), "{\"a\":1e400}");
        let deep = ["{\"a\":".repeat(129), "1".into(), "}".repeat(129)].concat();
        for text in ["", "[]", "null", "{", "\u{c}{}", "{}\u{c}", "{}x", "{'a':1}", "\u{feff}{}", "{\"a\":NaN}", &deep]
        {
            let error = Json::parse_object("fields", text).err().unwrap();
            assert_eq!(error.kind, ErrorKind::InvalidArgument, "{text:?}");
        }
    }

    #[test]
    fn escapes_are_resolved_and_half_a_surrogate_pair_is_no_text() {
        for text in [r#""\"\\\/\b\f\n\r\t""#, r#""\u00e9\u65E5\uD83D\ude00x""#, r#""""#, r#""plain""#] {
            let expected: String = serde_json::from_str(text).unwrap();
            assert_eq!(Json::parse(text.as_bytes(), "x").unwrap().text(), Some(expected), "{text}");
        }
        for text in [r#""\ud800""#, r#""\udc00""#, r#""\ud800x""#, r#""\ud800\n""#, r#""\ud800\ud800""#, "1", "[]"] {
            assert_eq!(Json::parse(text.as_bytes(), "x").unwrap().text(), None, "{text}");
        }
    }

    #[test]
    fn a_list_is_counted_however_it_is_spaced() {
        for (text, count) in [("[]", 0), ("[ ]", 0), ("[1]", 1), (" [ 1 , [2,3] ,\n{\"a\":[4,5]}, \"],[\" ] ", 4)] {
            assert_eq!(Json::parse(text.as_bytes(), "x").unwrap().elements().unwrap().count(), count, "{text}");
        }
        assert!(Json::parse(json!({}).to_string().as_bytes(), "x").unwrap().elements().is_none());
    }

    #[test]
    fn for_people_half_a_surrogate_pair_is_the_replacement_character() {
        for (text, shown) in [
            (r#""a\ud800""#, "a\u{fffd}"),
            (r#""\udc00x""#, "\u{fffd}x"),
            (r#""\ud83d\ud83d\ude00\ud83d\n""#, "\u{fffd}😀\u{fffd}\n"),
        ] {
            assert_eq!(Json::parse(text.as_bytes(), "x").unwrap().shown().as_deref(), Some(shown), "{text}");
        }
        assert_eq!(Json::parse(b"1", "x").unwrap().shown(), None);
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,9}".prop_map(Value::from),
            "[\\[\\]{},:\"\\\\ ]{0,9}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((".{0,4}", inner), 0..6).prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn slices_make_up_the_whole(value in values()) {
            for text in [serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap()] {
                prop_assert_eq!(&rebuilt(Json::parse(text.as_bytes(), "x").unwrap()), &value);
            }
        }
    }
}
