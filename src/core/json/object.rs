//! The members of an object.

use std::borrow::Cow;

use super::scan::Outline;
use super::{Json, Values, read, text};
use crate::core::error::{Error, Result, printable};
use crate::core::name::doubled;

/// The members of an object, in order, doubled keys included.
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, Json<'a>)>,
    /// Of a whole answer: what its validation saw on the way.
    outline: Option<(&'a str, Outline)>,
}

impl<'a> Object<'a> {
    /// Keys and values in turn.
    pub(super) fn of(values: Values<'a>) -> Self {
        Self { members: members(values), outline: None }
    }

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
        Ok(Self::outlined(text, outline))
    }

    /// An object of which one pass has said where its members lie.
    pub(super) fn outlined(text: &'a str, outline: Outline) -> Self {
        let slices = outline.members.iter().filter_map(|(start, end)| text.get(*start..*end)).map(Json);
        Self { members: members(slices), outline: Some((text, outline)) }
    }

    /// A member whose name came before, without regard to case. Of those behind the first 2,000, more than any object of
    /// Salesforce has fields, none is found: looking for each among the others would take too long.
    pub(super) fn doubled(&self) -> Option<&str> {
        doubled(&mut self.iter().map(|(key, _)| key))
    }

    /// Reads an object inside an answer.
    pub fn expect(json: Json<'a>, what: &str) -> Result<Self> {
        json.object().ok_or_else(|| not_an_object(what))
    }

    /// Without members; for [`Object::pick`].
    pub fn empty() -> Self {
        Self { members: Vec::new(), outline: None }
    }

    /// Becomes an object inside an answer, of which it takes the members of these names alone, in the place of what it had: a
    /// list of thousands of objects is read without room for each.
    pub fn pick(&mut self, json: Json<'a>, names: &[&str]) -> Result<()> {
        let inner = json.0.strip_prefix('{').ok_or_else(|| not_an_object("each entry"))?;
        self.outline = None;
        self.members.clear();
        let mut values = Values(inner);
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            let key = key.unescaped(None).unwrap_or_default();
            if names.contains(&key.as_ref()) {
                self.members.push((key, value));
            }
        }
        Ok(())
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

    /// A member that is text for people to read: U+FFFD stands for half of a surrogate pair.
    pub fn shown(&self, name: &str) -> Result<Option<String>> {
        self.read(name, "a text", Json::shown)
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

/// Keys and values that come in turn.
fn members<'a>(mut values: impl Iterator<Item = Json<'a>>) -> Vec<(Cow<'a, str>, Json<'a>)> {
    let mut members = Vec::new();
    while let (Some(key), Some(value)) = (values.next(), values.next()) {
        // A key that is no text of Unicode characters (a lone surrogate) has a name that nobody asks for.
        members.push((key.unescaped(None).unwrap_or_default(), value));
    }
    members
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
    use crate::core::error::ErrorKind;

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
    fn members_are_picked_in_the_place_of_others() {
        let body = br#"[{"other":{"a":1},"a":"x","t\u0061":true,"s":"\ud800","other":2},{"a":1,"a":2},[]]"#;
        let entries: Vec<_> = Json::parse(body, "x").unwrap().elements().unwrap().collect();
        let mut object = Object::empty();
        object.pick(entries[0], &["a", "ta", "s", "missing"]).unwrap();
        assert_eq!(object.iter().map(|(key, _)| key).collect::<Vec<_>>(), ["a", "ta", "s"]);
        assert_eq!((object.boolean("ta").unwrap(), object.boolean("missing").unwrap()), (Some(true), None));
        assert_eq!((object.shown("s").unwrap().as_deref(), object.text("s").is_err()), (Some("\u{fffd}"), true));
        assert!(object.boolean("a").is_err() && object.shown("ta").is_err());
        object.pick(entries[1], &["a"]).unwrap();
        assert!(object.number("a").unwrap_err().message.contains("twice"));
        assert!(object.pick(entries[2], &["a"]).unwrap_err().message.contains("a JSON object"));
    }

    #[test]
    fn a_field_is_found_without_regard_to_case() {
        let object = Object::parse(br#"{"Name":null,"n\u0061me2":1,"Twice":1,"twice":2}"#, "x").unwrap();
        assert!(object.field("name").unwrap().is_null());
        assert_eq!(object.field("NAME2").unwrap().as_str(), "1");
        assert!(object.field("Other").err().unwrap().message.contains("missing"));
        assert!(object.field("Twice").err().unwrap().message.contains("twice"));
    }
}
