//! JSON as text: an answer is validated once and then sliced, so numbers keep every digit.

mod scan;
mod string;

use std::borrow::Cow;

use self::scan::{Flaw, Outline, scan};
use self::string::plain;
use super::error::{Error, Result, printable};

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

    /// Checks that a caller's text is one JSON object.
    pub fn parse_object(name: &str, text: &'a str) -> Result<Self> {
        let object = trim(text);
        if scan(object).is_ok() && object.starts_with('{') {
            return Ok(Self(object));
        }
        Err(Error::invalid_argument(name, "the text of one JSON object, such as {\"Name\":\"Acme\"}"))
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
        self.0.strip_prefix('{').map(|inner| Object { members: members(Values(inner)), outline: None })
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
        if !inner.contains('\\') {
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

/// Keys and values that come in turn.
fn members<'a>(mut values: impl Iterator<Item = Json<'a>>) -> Vec<(Cow<'a, str>, Json<'a>)> {
    let mut members = Vec::new();
    while let (Some(key), Some(value)) = (values.next(), values.next()) {
        // A key that is no text of Unicode characters (a lone surrogate) has a name that nobody asks for.
        members.push((key.unescaped(None).unwrap_or_default(), value));
    }
    members
}

/// The members of an object, in order, doubled keys included.
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, Json<'a>)>,
    /// Of a whole answer: what its validation saw on the way.
    outline: Option<(&'a str, Outline)>,
}

impl<'a> Object<'a> {
    /// Reads an answer that is an object.
    pub fn parse(body: &'a [u8], what: &str) -> Result<Self> {
        Self::parse_text(text(body, what)?, what)
    }

    /// Reads an answer that is an object, and known to be UTF-8.
    pub fn parse_text(text: &'a str, what: &str) -> Result<Self> {
        let (Json(text), outline) = read(text, what)?;
        if !text.starts_with('{') {
            return Err(not_an_object(what));
        }
        let slices = outline.members.iter().filter_map(|(start, end)| text.get(*start..*end)).map(Json);
        Ok(Self { members: members(slices), outline: Some((text, outline)) })
    }

    /// Reads an object inside an answer.
    pub fn expect(json: Json<'a>, what: &str) -> Result<Self> {
        json.object().ok_or_else(|| not_an_object(what))
    }

    /// All members.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Json<'a>)> {
        self.members.iter().map(|(key, value)| (key.as_ref(), *value))
    }

    /// The member of exactly that name; none if it is missing or null. An error if there are two.
    pub fn member(&self, name: &str) -> Result<Option<Json<'a>>> {
        let found = self.only(name, |key| key == name)?;
        Ok(found.filter(|value| !value.is_null()))
    }

    /// The member of that name without regard to case, as Salesforce treats API names. It may be null, not missing.
    pub fn field(&self, name: &str) -> Result<Json<'a>> {
        let found = self.only(name, |key| key.eq_ignore_ascii_case(name))?;
        found.ok_or_else(|| Error::invalid_response(format!("expected the field {name}, but it is missing")))
    }

    fn only(&self, name: &str, is_it: impl Fn(&str) -> bool) -> Result<Option<Json<'a>>> {
        let mut matching = self.iter().filter(|(key, _)| is_it(key));
        let found = matching.next().map(|(_, value)| value);
        match matching.next() {
            None => Ok(found),
            Some(_) => Err(Error::invalid_response(format!("expected {name} once, but it came twice"))),
        }
    }

    /// A member that is text.
    pub fn text(&self, name: &str) -> Result<Option<String>> {
        self.read(name, "a text", Json::text)
    }

    /// A member that is text to show, made printable: bounded, without control characters. None if it is anything else.
    pub fn printable(&self, name: &str, limit: usize) -> Option<String> {
        self.find(name, Json::shown).map(|text| printable(&text, limit))
    }

    /// The first member of that name that can be read; what is odd is passed over.
    pub fn find<T>(&self, name: &str, read: impl Fn(Json<'a>) -> Option<T>) -> Option<T> {
        self.iter().filter(|(key, _)| *key == name).find_map(|(_, value)| read(value))
    }

    /// A member that is a whole number, not negative.
    pub fn number(&self, name: &str) -> Result<Option<u64>> {
        self.read(name, "a whole number", Json::number)
    }

    /// A member that is true or false.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>> {
        self.read(name, "true or false", |value| value.0.parse().ok())
    }

    /// A member that is a list.
    pub fn list(&self, name: &str) -> Result<Option<Json<'a>>> {
        self.read(name, "a list", |value| value.0.starts_with('[').then_some(value))
    }

    /// The elements of a member that is a list.
    pub fn elements(&self, name: &str) -> Result<Option<Vec<Json<'a>>>> {
        let Some(list) = self.list(name)? else {
            return Ok(None);
        };
        let Some((text, outline)) = &self.outline else {
            return Ok(list.elements().map(Iterator::collect));
        };
        let inside = list.0.as_bytes().as_ptr_range();
        let elements = outline.elements.iter().filter_map(|(start, end)| text.get(*start..*end));
        Ok(Some(elements.filter(|element| inside.contains(&element.as_ptr())).map(Json).collect()))
    }

    /// Whether an object inside this one may have the key `done`: false only if none has.
    pub fn may_have_done(&self) -> bool {
        self.outline.as_ref().is_none_or(|(_, outline)| outline.may_have_done)
    }

    /// A member that is a list of texts.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>> {
        self.read(name, "a list of texts", |value| value.elements()?.map(Json::text).collect())
    }

    fn read<T>(&self, name: &str, expected: &str, read: impl Fn(Json<'a>) -> Option<T>) -> Result<Option<T>> {
        let Some(value) = self.member(name)? else {
            return Ok(None);
        };
        match read(value) {
            Some(read) => Ok(Some(read)),
            None => Err(Error::invalid_response(format!("expected {name} to be {expected}"))),
        }
    }
}

fn not_an_object(what: &str) -> Box<Error> {
    Error::invalid_response(["expected ", what, " to be a JSON object"].concat())
}

/// The value of a member that must be there.
pub fn required<T>(name: &str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::invalid_response(format!("expected {name}, but it is missing")))
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
    fn members_are_read_by_type() {
        let body = br#"{"t":"a\u0062","n":9007199254740993,"b":true,"l":["x"],"null":null,"twice":1,"twice":1}"#;
        let object = Object::parse(body, "x").unwrap();
        assert_eq!(object.text("t").unwrap().as_deref(), Some("ab"));
        assert_eq!(object.number("n").unwrap(), Some(9_007_199_254_740_993));
        assert_eq!(object.boolean("b").unwrap(), Some(true));
        assert_eq!(object.list("l").unwrap().unwrap().as_str(), r#"["x"]"#);
        assert_eq!(object.texts("l").unwrap().unwrap(), ["x"]);
        assert_eq!((object.text("null").unwrap(), object.text("T").unwrap()), (None, None));
        assert!(required("T", object.text("T").unwrap()).unwrap_err().message.contains("missing"));
        for error in [object.text("n"), object.text("twice"), object.text("b"), object.text("l")] {
            assert_eq!(error.unwrap_err().kind, ErrorKind::InvalidResponse);
        }
        assert!(object.number("t").is_err() && object.boolean("n").is_err() && object.texts("t").is_err());
        assert!(object.list("t").is_err());
        for number in ["-1", "1.0", "1e400", "18446744073709551616", "true"] {
            let body = format!("{{\"n\":{number}}}");
            assert!(Object::parse(body.as_bytes(), "x").unwrap().number("n").is_err(), "{number}");
        }
    }

    #[test]
    fn a_field_is_found_without_regard_to_case() {
        let object = Object::parse(br#"{"Name":null,"n\u0061me2":1,"Twice":1,"twice":2}"#, "x").unwrap();
        assert!(object.field("name").unwrap().is_null());
        assert_eq!(object.field("NAME2").unwrap().as_str(), "1");
        assert!(object.field("Other").err().unwrap().message.contains("missing"));
        assert!(object.field("Twice").err().unwrap().message.contains("twice"));
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

    #[test]
    fn a_list_is_counted_however_it_is_spaced() {
        for (text, count) in [("[]", 0), ("[ ]", 0), ("[1]", 1), (" [ 1 , [2,3] ,\n{\"a\":[4,5]}, \"],[\" ] ", 4)] {
            assert_eq!(Json::parse(text.as_bytes(), "x").unwrap().elements().unwrap().count(), count, "{text}");
        }
        assert!(Json::parse(json!({}).to_string().as_bytes(), "x").unwrap().elements().is_none());
    }
}
