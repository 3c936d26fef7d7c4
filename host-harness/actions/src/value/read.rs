//! JSON as values of WIT types. No error repeats what was read: it may be a secret in the wrong place.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use salesforce_runtime::Val;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};

use super::cases::{Cases, OneOf, SomeOf};
use super::numbers::{Float, Integer};
use super::{left_out, parameter_left_out, parameters};
use crate::action::Action;
use crate::bounded;
use crate::json::number::grouped;
use crate::json::{spelling, wrong};
use crate::types::{Case, Field, Shape, TypeId, Types, member};

/// Entries of a list.
pub(crate) const LONGEST_LIST: usize = 10_000;
/// Characters of a text: as many as Salesforce takes of a query.
pub(crate) const LONGEST_TEXT: usize = 100_000;
/// Characters of `bulk.csv`.
pub(crate) const LONGEST_CSV: usize = 8 << 20;
/// Bytes of base64.
pub(crate) const LONGEST_BYTES: usize = 16 << 20;

/// The input of an action: its arguments, in their order.
pub(crate) struct Input<'a> {
    pub(crate) types: &'a Types,
    pub(crate) action: &'a Action,
}

/// A value of a type.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    pub(super) types: &'a Types,
    pub(super) id: TypeId,
}

impl<'de> DeserializeSeed<'de> for Input<'_> {
    type Value = Vec<Val>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Val>, D::Error> {
        let fields = Members { types: self.types, fields: &self.action.parameters, left_out: parameter_left_out };
        deserializer.deserialize_map(fields).map(|members| members.into_iter().map(|(_, value)| value).collect())
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Val;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        let Value { types, id } = self;
        match types.shape(id) {
            Shape::Bool => bool::deserialize(deserializer).map(Val::Bool),
            Shape::Integer { signed, bits } => deserializer.deserialize_i64(Integer { signed: *signed, bits: *bits }),
            Shape::Float { bits } => deserializer.deserialize_f64(Float { bits: *bits }),
            Shape::Char => deserializer.deserialize_str(Character),
            Shape::Text if types.is_own(id, "bulk", "csv") => {
                bounded::Text::<0, LONGEST_CSV>::deserialize(deserializer).map(|text| Val::String(text.into()))
            }
            Shape::Text => {
                bounded::Text::<0, LONGEST_TEXT>::deserialize(deserializer).map(|text| Val::String(text.into()))
            }
            Shape::Json => bounded::Json::deserialize(deserializer).map(|json| Val::String(json.get().to_owned())),
            Shape::Bytes => deserializer.deserialize_str(Base64),
            Shape::Parameters => {
                let read = bounded::Parameters::deserialize(deserializer)?.read();
                let parameters = read.map_err(|why| D::Error::custom(format!("expected {}{why}", wrong::WITHIN)))?;
                Ok(parameters::to_value(&parameters))
            }
            Shape::Option(of) => deserializer.deserialize_option(Optional(Value { types, id: *of })),
            Shape::List(of) => deserializer.deserialize_seq(Entries(Value { types, id: *of })),
            Shape::Tuple(parts) => deserializer.deserialize_seq(Parts { types, parts }),
            Shape::Record(fields) => deserializer.deserialize_map(Members { types, fields, left_out }).map(Val::Record),
            Shape::Variant(cases) => deserializer.deserialize_any(Cases { types, cases }),
            Shape::Enum(labels) => deserializer.deserialize_str(OneOf(labels)).map(Val::Enum),
            Shape::Flags(labels) => deserializer.deserialize_seq(SomeOf(labels)),
            Shape::Result { ok, error } => {
                let case =
                    |name: &str, ty: &Option<TypeId>| Case { name: name.to_owned(), docs: String::new(), ty: *ty };
                let cases = [case("ok", ok), case("error", error)];
                match deserializer.deserialize_any(Cases { types, cases: &cases })? {
                    Val::Variant(name, value) if name == "ok" => Ok(Val::Result(Ok(value))),
                    Val::Variant(_, value) => Ok(Val::Result(Err(value))),
                    other => Ok(other),
                }
            }
        }
    }
}

struct Character;

impl Visitor<'_> for Character {
    type Value = Val;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text of 1 character")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Val, E> {
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => Ok(Val::Char(character)),
            _ => Err(E::invalid_value(Unexpected::Other(&bounded::text_of(text)), &self)),
        }
    }
}

struct Base64;

impl Visitor<'_> for Base64 {
    type Value = Val;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "base64 of at most {} characters", grouped(LONGEST_BYTES))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Val, E> {
        let bytes =
            Some(text).filter(|text| text.len() <= LONGEST_BYTES).and_then(|text| BASE64_STANDARD.decode(text).ok());
        bytes.ok_or_else(|| {
            if text.len() > LONGEST_BYTES {
                return E::invalid_value(Unexpected::Other(&bounded::text_of(text)), &self);
            }
            E::invalid_value(Unexpected::Other("a text that is no base64"), &self)
        })?;
        Ok(Val::String(text.to_owned()))
    }
}

struct Optional<'a>(Value<'a>);

impl<'de> Visitor<'de> for Optional<'_> {
    type Value = Val;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value or null")
    }

    fn visit_unit<E: Error>(self) -> Result<Val, E> {
        Ok(Val::Option(None))
    }

    fn visit_none<E: Error>(self) -> Result<Val, E> {
        Ok(Val::Option(None))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        self.0.deserialize(deserializer).map(|value| Val::Option(Some(Box::new(value))))
    }
}

struct Entries<'a>(Value<'a>);

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = Val;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of at most {} entries", grouped(LONGEST_LIST))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Val, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element_seed(self.0)? {
            if entries.len() == LONGEST_LIST {
                return Err(A::Error::custom(format!("expected a list of at most {} entries", grouped(LONGEST_LIST))));
            }
            entries.push(entry);
        }
        Ok(Val::List(entries))
    }
}

struct Parts<'a> {
    types: &'a Types,
    parts: &'a [TypeId],
}

impl<'de> Visitor<'de> for Parts<'_> {
    type Value = Val;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of {} entries", self.parts.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Val, A::Error> {
        let mut entries = Vec::new();
        for id in self.parts {
            let entry = list.next_element_seed(Value { types: self.types, id: *id })?;
            entries.push(entry.ok_or_else(|| A::Error::invalid_length(entries.len(), &self))?);
        }
        match list.next_element::<IgnoredAny>()? {
            None => Ok(Val::Tuple(entries)),
            Some(_) => Err(A::Error::custom(format!("expected a list of {} entries", self.parts.len()))),
        }
    }
}

/// An object with the fields of a record.
struct Members<'a> {
    types: &'a Types,
    fields: &'a [Field],
    left_out: fn(&Types, TypeId) -> Option<Val>,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Vec<(String, Val)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values: Vec<Option<Val>> = vec![None; self.fields.len()];
        while let Some(key) = map.next_key::<String>()? {
            let found = self.fields.iter().zip(&mut values).find(|(field, _)| member(&field.name) == key);
            let Some((field, value)) = found else {
                let members: Vec<_> = self.fields.iter().map(|field| member(&field.name)).collect();
                let known: Vec<_> = members.iter().map(|name| (name.as_str(), format!("`{name}`"))).collect();
                map.next_value_seed(Unknown(spelling::unknown("field", &key, &known)))?;
                continue;
            };
            if value.is_some() {
                return Err(A::Error::custom(format!("duplicate field `{}`", member(&field.name))));
            }
            *value = Some(map.next_value_seed(Value { types: self.types, id: field.ty })?);
        }
        let value = |(field, value): (&Field, Option<Val>)| {
            let value = value.or_else(|| (self.left_out)(self.types, field.ty));
            let missing = || A::Error::custom(format!("missing field `{}`", member(&field.name)));
            Ok((field.name.clone(), value.ok_or_else(missing)?))
        };
        self.fields.iter().zip(values).map(value).collect()
    }
}

/// The value of a member that there is not: an error at its place.
struct Unknown(String);

impl<'de> DeserializeSeed<'de> for Unknown {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<(), D::Error> {
        Err(D::Error::custom(self.0))
    }
}
