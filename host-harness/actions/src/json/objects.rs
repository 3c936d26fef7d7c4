//! JSON as it is meant, for every type that reads it:
//!
//! - a struct is an object. Left alone, serde takes a list for it too, with its members in their order: nothing describes that,
//!   and what a list has too many of is read;
//! - a whole number is one in every notation, as in JSON Schema: `200.0` is `200`, and `-0` is `0`;
//! - a number that is out of bounds, and a text with half of a surrogate pair, are values of a wrong kind and no broken JSON:
//!   errors say where they are and what was expected.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};

use super::number::{self, Whole};

/// A deserializer of such JSON, and whatever it hands on.
pub(super) struct Objects<T>(pub(super) T);

/// A visitor of what [`Objects`] reads.
struct Reader<V> {
    visitor: V,
    asked: Asked,
}

/// What a type asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Any,
    Struct,
    Text,
    Integer,
    Float,
}

impl<V> Reader<V> {
    fn any(visitor: V) -> Reader<V> {
        Reader { visitor, asked: Asked::Any }
    }

    fn of_struct(visitor: V) -> Reader<V> {
        Reader { visitor, asked: Asked::Struct }
    }
}

impl<'de, V: Visitor<'de>> Reader<V> {
    fn number<E: Error>(self, digits: &str) -> Result<V::Value, E> {
        let wrong = |what: &str| Err(E::invalid_value(Unexpected::Other(what), &self.visitor));
        if self.asked == Asked::Float {
            return match digits.parse::<f64>() {
                Ok(number) if number.is_finite() => self.visitor.visit_f64(number),
                _ if digits.starts_with('-') => wrong(&format!("a number below {:e}", f64::MIN)),
                _ => wrong(&format!("a number above {:e}", f64::MAX)),
            };
        }
        match Whole::of(digits) {
            Whole::Unsigned(number) => self.visitor.visit_u64(number),
            Whole::Signed(number) => self.visitor.visit_i64(number),
            Whole::Fraction => wrong("a number with a fraction"),
            Whole::Below => wrong(&format!("a number below {}", number::grouped(i64::MIN))),
            Whole::Above => wrong(&format!("a number above {}", number::grouped(u64::MAX))),
        }
    }

    /// The bytes of a text are UTF-8 but for such halves.
    fn half_a_pair<E: Error>(&self) -> E {
        E::invalid_value(Unexpected::Other("a text with half of a surrogate pair"), &self.visitor)
    }
}

macro_rules! deserialize {
    ($($asked:ident by $by:ident: $($method:ident)+;)+) => {
        $($(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$by(Reader { visitor, asked: Asked::$asked })
        })+)+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Objects<D> {
    type Error = D::Error;

    deserialize! {
        Any by deserialize_any: deserialize_any;
        Any by deserialize_bool: deserialize_bool;
        Any by deserialize_bytes: deserialize_bytes;
        Any by deserialize_byte_buf: deserialize_byte_buf;
        Any by deserialize_option: deserialize_option;
        Any by deserialize_unit: deserialize_unit;
        Any by deserialize_seq: deserialize_seq;
        Any by deserialize_map: deserialize_map;
        Any by deserialize_ignored_any: deserialize_ignored_any;
        // serde_json hands out every digit of a number, and the bytes of any text, to those alone who ask so.
        Integer by deserialize_any: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
            deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128;
        Float by deserialize_any: deserialize_f32 deserialize_f64;
        Text by deserialize_bytes: deserialize_char deserialize_str deserialize_string deserialize_identifier;
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_unit_struct(name, Reader::any(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Reader::any(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(length, Reader::any(visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple_struct(name, length, Reader::any(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Reader::of_struct(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, Reader::any(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident $type:ty,)+) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.visitor.$method(value)
        })+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Reader<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(formatter)
    }

    visit! {
        visit_bool bool, visit_i8 i8, visit_i16 i16, visit_i32 i32, visit_i64 i64, visit_i128 i128, visit_u8 u8,
        visit_u16 u16, visit_u32 u32, visit_u64 u64, visit_u128 u128, visit_f32 f32, visit_f64 f64, visit_char char,
        visit_str &str, visit_borrowed_str &'de str, visit_string String, visit_byte_buf Vec<u8>,
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<V::Value, E> {
        match (self.asked, std::str::from_utf8(bytes)) {
            (Asked::Text, Ok(text)) => self.visitor.visit_str(text),
            (Asked::Text, Err(_)) => Err(self.half_a_pair()),
            _ => self.visitor.visit_bytes(bytes),
        }
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<V::Value, E> {
        match (self.asked, std::str::from_utf8(bytes)) {
            (Asked::Text, Ok(text)) => self.visitor.visit_borrowed_str(text),
            (Asked::Text, Err(_)) => Err(self.half_a_pair()),
            _ => self.visitor.visit_borrowed_bytes(bytes),
        }
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Objects(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Objects(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        if self.asked == Asked::Struct {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        self.visitor.visit_seq(Objects(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        match self.asked {
            Asked::Integer | Asked::Float => match number::digits(map) {
                Some(digits) => self.number(&digits),
                None => Err(A::Error::invalid_type(Unexpected::Map, &self)),
            },
            _ => self.visitor.visit_map(Objects(map)),
        }
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(Objects(data))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Objects<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Objects(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Objects(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(Objects(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Objects(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Objects<A> {
    type Error = A::Error;
    type Variant = Objects<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(seed).map(|(name, variant)| (name, Objects(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Objects(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(length, Reader::any(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Reader::of_struct(visitor))
    }
}
