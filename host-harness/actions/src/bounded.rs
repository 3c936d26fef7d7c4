//! Texts, whole numbers, lists and records of bounded size: each bound is enforced where JSON, a query or a form is read, and
//! is in the OpenAPI document, from the same type.
//!
//! No error repeats what was read: it may be a secret in the wrong place.

mod json;

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::json::number::{grouped, whole};
pub use json::{FieldValue, Json, MOST_NESTED, ParameterValue, Parameters, is_nested_deeper};

/// Text of so many characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// A whole number in bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<N, const MIN: u32, const MAX: u32>(N);

/// A list of so many entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const MIN: usize, const MAX: usize>(Vec<T>);

/// Something is too long, too short, too large, too small, or nested too deep; says what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct OutOfBounds(String);

/// What came, of a text: `a text of 1,001 characters`.
pub(crate) fn text_of(text: &str) -> String {
    format!("a text of {} characters", grouped(text.chars().count()))
}

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn check(text: &str) -> Result<(), OutOfBounds> {
        // Counting stops where it is too much.
        let fits = text.chars().take(MAX + 1).count();
        if (MIN..=MAX).contains(&fits) { Ok(()) } else { Err(OutOfBounds(Self::expected())) }
    }

    fn expected() -> String {
        format!("a text of {} to {} characters", grouped(MIN), grouped(MAX))
    }
}

impl<const MIN: usize, const MAX: usize> TryFrom<String> for Text<MIN, MAX> {
    type Error = OutOfBounds;

    fn try_from(text: String) -> Result<Self, OutOfBounds> {
        Self::check(&text).map(|()| Text(text))
    }
}

impl<const MIN: usize, const MAX: usize> From<Text<MIN, MAX>> for String {
    fn from(text: Text<MIN, MAX>) -> String {
        text.0
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<const MIN: usize, const MAX: usize>;
        impl<const MIN: usize, const MAX: usize> Visitor<'_> for Reader<MIN, MAX> {
            type Value = Text<MIN, MAX>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&Self::Value::expected())
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                match Self::Value::check(text) {
                    Ok(()) => Ok(Text(text.to_owned())),
                    Err(_) => Err(E::invalid_value(Unexpected::Other(&text_of(text)), &self)),
                }
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

impl<const MIN: usize, const MAX: usize> Serialize for Text<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<const MIN: usize, const MAX: usize> PartialSchema for Text<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(MIN)).max_length(Some(MAX)).into()
    }
}

impl<const MIN: usize, const MAX: usize> ToSchema for Text<MIN, MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Text{MIN}To{MAX}").into()
    }
}

impl<N: Copy, const MIN: u32, const MAX: u32> Whole<N, MIN, MAX> {
    /// The number.
    #[must_use]
    pub fn get(self) -> N {
        self.0
    }

    fn expected() -> String {
        whole(MIN, MAX)
    }
}

impl<N: TryFrom<u32>, const MIN: u32, const MAX: u32> Whole<N, MIN, MAX> {
    fn read(number: u64) -> Option<Self> {
        let number = u32::try_from(number).ok().filter(|number| (MIN..=MAX).contains(number))?;
        N::try_from(number).ok().map(Whole)
    }

    /// The number, if it is in bounds.
    ///
    /// # Errors
    /// [`OutOfBounds`].
    pub fn of(number: impl Into<u64>) -> Result<Self, OutOfBounds>
    where
        N: Copy,
    {
        Self::read(number.into()).ok_or_else(|| OutOfBounds(Self::expected()))
    }
}

impl<N: TryFrom<u32> + Copy, const MIN: u32, const MAX: u32> FromStr for Whole<N, MIN, MAX> {
    type Err = OutOfBounds;

    fn from_str(digits: &str) -> Result<Self, OutOfBounds> {
        digits.parse().ok().and_then(Self::read).ok_or_else(|| OutOfBounds(Self::expected()))
    }
}

impl<'de, N: TryFrom<u32> + Copy, const MIN: u32, const MAX: u32> Deserialize<'de> for Whole<N, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<N, const MIN: u32, const MAX: u32>(PhantomData<N>);
        impl<N: TryFrom<u32> + Copy, const MIN: u32, const MAX: u32> Visitor<'_> for Reader<N, MIN, MAX> {
            type Value = Whole<N, MIN, MAX>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&Self::Value::expected())
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Whole::read(number).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
            }
        }
        deserializer.deserialize_u64(Reader(PhantomData))
    }
}

impl<N: Serialize, const MIN: u32, const MAX: u32> Serialize for Whole<N, MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<N, const MIN: u32, const MAX: u32> PartialSchema for Whole<N, MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(MIN)).maximum(Some(MAX)).into()
    }
}

impl<N, const MIN: u32, const MAX: u32> ToSchema for Whole<N, MIN, MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Whole{MIN}To{MAX}").into()
    }
}

impl<T, const MIN: usize, const MAX: usize> List<T, MIN, MAX> {
    fn expected() -> String {
        format!("a list of {} to {} entries", grouped(MIN), grouped(MAX))
    }
}

impl<T, const MIN: usize, const MAX: usize> TryFrom<Vec<T>> for List<T, MIN, MAX> {
    type Error = OutOfBounds;

    fn try_from(entries: Vec<T>) -> Result<Self, OutOfBounds> {
        let fits = (MIN..=MAX).contains(&entries.len());
        if fits { Ok(List(entries)) } else { Err(OutOfBounds(Self::expected())) }
    }
}

impl<T, const MIN: usize, const MAX: usize> IntoIterator for List<T, MIN, MAX> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'de, T: Deserialize<'de>, const MIN: usize, const MAX: usize> Deserialize<'de> for List<T, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T, const MIN: usize, const MAX: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MIN: usize, const MAX: usize> Visitor<'de> for Reader<T, MIN, MAX> {
            type Value = List<T, MIN, MAX>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&Self::Value::expected())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = list.next_element()? {
                    if entries.len() == MAX {
                        return Err(A::Error::custom(OutOfBounds(Self::Value::expected())));
                    }
                    entries.push(entry);
                }
                List::try_from(entries).map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_seq(Reader(PhantomData))
    }
}

impl<T: Serialize, const MIN: usize, const MAX: usize> Serialize for List<T, MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: PartialSchema, const MIN: usize, const MAX: usize> PartialSchema for List<T, MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new().items(T::schema()).min_items(Some(MIN)).max_items(Some(MAX)).into()
    }
}

impl<T: ToSchema, const MIN: usize, const MAX: usize> ToSchema for List<T, MIN, MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("List{MIN}To{MAX}Of{}", T::name()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_str, json};

    fn schema<T: PartialSchema>() -> serde_json::Value {
        serde_json::to_value(T::schema()).unwrap()
    }

    #[test]
    fn a_text_has_so_many_characters_and_not_bytes() {
        type Two = Text<1, 2>;
        assert_eq!(from_str::<Two>("\"äö\"").unwrap().as_str(), "äö");
        for wrong in ["\"\"", "\"abc\"", "1", "null", "[]"] {
            let error = from_str::<Two>(wrong).unwrap_err().to_string();
            assert!(error.contains("expected a text of 1 to 2 characters") && !error.contains("abc"), "{error}");
        }
        assert_eq!(schema::<Two>(), json!({"type": "string", "minLength": 1, "maxLength": 2}));
    }

    #[test]
    fn a_number_is_whole_and_in_bounds() {
        type Percent = Whole<u8, 1, 100>;
        assert_eq!((from_str::<Percent>("1").unwrap().get(), from_str::<Percent>("100").unwrap().get()), (1, 100));
        for wrong in ["0", "101", "-1", "1.5", "1e1", "\"7\"", "18446744073709551616", "4294967297"] {
            assert!(
                from_str::<Percent>(wrong).unwrap_err().to_string().contains("a whole number from 1 to 100"),
                "{wrong}"
            );
        }
        assert!(from_str::<Whole<u8, 1, 1000>>("300").is_err(), "it does not fit its type");
        assert_eq!("100".parse(), Percent::of(100_u32));
        for wrong in ["", "0", "101", "-1", " 1", "1.5", "many"] {
            let error = wrong.parse::<Percent>().unwrap_err().to_string();
            assert_eq!(error, "expected a whole number from 1 to 100", "{wrong}");
        }
        assert_eq!(schema::<Percent>(), json!({"type": "integer", "minimum": 1, "maximum": 100}));
    }

    #[test]
    fn a_list_ends_where_it_is_too_long() {
        type Few = List<Text<1, 3>, 1, 2>;
        let few: Few = from_str(r#"["a","b"]"#).unwrap();
        assert_eq!(serde_json::to_value(&few).unwrap(), json!(["a", "b"]));
        for wrong in ["[]", r#"["a","b","c"]"#, r#"["long!"]"#, "{}"] {
            assert!(from_str::<Few>(wrong).is_err(), "{wrong}");
        }
        let text = json!({"type": "string", "minLength": 1, "maxLength": 3});
        assert_eq!(schema::<Few>(), json!({"type": "array", "items": text, "minItems": 1, "maxItems": 2}));
    }
}
