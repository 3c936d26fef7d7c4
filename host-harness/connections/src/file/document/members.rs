//! Reads the JSON of a connection file, and says of which member it is not what was expected.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads the text of an object.
///
/// # Errors
/// The line (from 1) and what was expected there, with the member. Never a value out of the text: it may be a secret.
pub(super) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, (usize, String)> {
    let (mut deserializer, mut member) = (serde_json::Deserializer::from_str(text), None);
    let read = deserializer.deserialize_map(Object { member: &mut member, of: PhantomData });
    let read = read.and_then(|read| deserializer.end().map(|()| read));
    read.map_err(|error| {
        let words = without_values(&error);
        (error.line(), member.map_or_else(|| words.clone(), |member| format!("`{member}`: {words}")))
    })
}

/// An object, and the member of it whose value is being read.
struct Object<'a, T> {
    member: &'a mut Option<String>,
    of: PhantomData<T>,
}

/// Its members. The name that came last waits for its value.
struct Members<'a, A> {
    map: A,
    name: String,
    member: &'a mut Option<String>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<'_, T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(Members { map, name: String::new(), member: self.member }))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(name) = self.map.next_key::<String>()? else { return Ok(None) };
        self.name.clone_from(&name);
        seed.deserialize(StringDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        *self.member = Some(std::mem::take(&mut self.name));
        let value = self.map.next_value_seed(seed)?;
        *self.member = None;
        Ok(value)
    }
}

/// serde_json's words without its position, and without the value it found, which may be a secret.
fn without_values(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
    match words.rsplit_once(", expected ") {
        Some((found, expected)) if found.starts_with("invalid") => match expected {
            "a string" => "expected a text".to_owned(),
            "a sequence" => "expected a list".to_owned(),
            "a boolean" => "expected true or false".to_owned(),
            "u32" | "u64" => "expected a whole number".to_owned(),
            _ => format!("expected {expected}"),
        },
        _ => match words.strip_prefix("EOF while parsing a") {
            Some(rest) => format!("the JSON ends in the middle of a{}", rest.replacen(" string", " text", 1)),
            None => words.to_owned(),
        },
    }
}
