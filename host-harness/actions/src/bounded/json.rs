//! JSON that is kept as text, every digit untouched, and yet of bounded size: the fields of a record, the parameters of a query.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::OutOfBounds;
use crate::json::number::grouped;
use crate::json::wrong;
use crate::parameters::TYPE_NAMES;
use salesforce_runtime::bindings::soql::{Argument, LikePattern, Parameter, Value};

/// How deep lists and objects may be in one another, in any request.
pub const MOST_NESTED: usize = 32;

/// Members of one object, entries of one list, in the fields of a record.
const MOST_MEMBERS: usize = 2_000;
/// Characters of a name: Salesforce's longest is of 255.
const LONGEST_NAME: usize = 255;
/// Characters of one value of a record: a file of 3 MB in base64.
const LONGEST_VALUE: usize = 4 << 20;
/// Parameters of a query.
const MOST_PARAMETERS: usize = 1_000;
/// Values of a list that a parameter binds.
const MOST_VALUES: usize = 10_000;
/// Characters of a parameter's value: as many as the query itself may have.
const LONGEST_PARAMETER: usize = 100_000;

/// Whether lists and objects are nested deeper than that. It reads the text without recursion.
#[must_use]
pub fn is_nested_deeper(json: &[u8], most: usize) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > most {
                    return true;
                }
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => (),
        }
    }
    false
}

/// Any JSON, such as the fields of a record.
#[derive(Debug)]
pub struct Json(Box<RawValue>);

/// What [`Json`] is made of: a value of a record's field.
pub struct FieldValue;

/// Parameters of a query: a JSON object of names to values.
pub struct Parameters(Box<RawValue>);

/// What [`Parameters`] are made of: one value.
pub struct ParameterValue;

impl Json {
    /// The text as it came.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }
}

impl TryFrom<Box<RawValue>> for Json {
    type Error = OutOfBounds;

    fn try_from(text: Box<RawValue>) -> Result<Json, OutOfBounds> {
        if is_nested_deeper(text.get().as_bytes(), MOST_NESTED) {
            return Err(too_deep());
        }
        if serde_json::from_str::<FieldValue>(text.get()).is_ok() {
            return Ok(Json(text));
        }
        // Read once more to say where; seldom, for keeping the place takes its time.
        let why = wrong::read_free::<FieldValue>(text.get()).map_or_else(|why| why, |FieldValue| String::new());
        Err(OutOfBounds(format!("{}{why}", wrong::WITHIN)))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        Box::<RawValue>::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}

/// Reads a value to its end, keeps nothing, and fails where it is out of bounds.
impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FieldValue, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = FieldValue;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value of a field")
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<FieldValue, E> {
                Ok(FieldValue)
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<FieldValue, E> {
                Ok(FieldValue)
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<FieldValue, E> {
                Ok(FieldValue)
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<FieldValue, E> {
                Ok(FieldValue)
            }

            fn visit_unit<E: Error>(self) -> Result<FieldValue, E> {
                Ok(FieldValue)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<FieldValue, E> {
                let fits = text.len() <= LONGEST_VALUE || text.chars().count() <= LONGEST_VALUE;
                within(fits, || format!("a text of at most {} characters", grouped(LONGEST_VALUE)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<FieldValue, A::Error> {
                let mut entries = 0;
                while list.next_element::<FieldValue>()?.is_some() {
                    entries += 1;
                    within::<A::Error>(entries <= MOST_MEMBERS, || {
                        format!("a list of at most {} entries", grouped(MOST_MEMBERS))
                    })?;
                }
                Ok(FieldValue)
            }

            // Numbers come here too: serde_json keeps their digits as the only member of a map.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FieldValue, A::Error> {
                let mut members = 0;
                while let Some(name) = map.next_key::<String>()? {
                    let fits = name.len() <= LONGEST_NAME || name.chars().count() <= LONGEST_NAME;
                    within::<A::Error>(fits, || format!("names of at most {} characters", grouped(LONGEST_NAME)))?;
                    members += 1;
                    within::<A::Error>(members <= MOST_MEMBERS, || {
                        format!("an object of at most {} members", grouped(MOST_MEMBERS))
                    })?;
                    map.next_value::<FieldValue>()?;
                }
                Ok(FieldValue)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

fn within<E: Error>(fits: bool, expected: impl FnOnce() -> String) -> Result<FieldValue, E> {
    if fits { Ok(FieldValue) } else { Err(E::custom(OutOfBounds(expected()))) }
}

fn too_deep() -> OutOfBounds {
    OutOfBounds(format!("lists and objects at most {MOST_NESTED} deep in one another"))
}

impl Parameters {
    /// The parameters that the object binds.
    ///
    /// # Errors
    /// What was expected instead.
    pub fn read(&self) -> Result<Vec<Parameter>, String> {
        let parameters = crate::parameters::from_file(self.0.get())?;
        let fit = parameters.len() <= MOST_PARAMETERS
            && parameters.iter().all(|parameter| {
                (1..=LONGEST_NAME).contains(&parameter.name.chars().count())
                    && match &parameter.argument {
                        Argument::One(value) => is_short(value),
                        Argument::Many(values) => values.len() <= MOST_VALUES && values.iter().all(is_short),
                    }
            });
        if fit {
            return Ok(parameters);
        }
        Err(format!(
            "expected at most {MOST_PARAMETERS} parameters, with names of 1 to {LONGEST_NAME} characters, values of at most \
             {LONGEST_PARAMETER}, and lists of at most {MOST_VALUES} values"
        ))
    }
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Parameters, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        if is_nested_deeper(text.get().as_bytes(), MOST_NESTED) {
            return Err(D::Error::custom(too_deep()));
        }
        Ok(Parameters(text))
    }
}

fn is_short(value: &Value) -> bool {
    let text = match value {
        Value::Null | Value::Boolean(_) | Value::Integer(_) => return true,
        Value::Text(text)
        | Value::Decimal(text)
        | Value::Date(text)
        | Value::Datetime(text)
        | Value::Time(text)
        | Value::Currency(text)
        | Value::Id(text) => text,
        Value::LikePattern(LikePattern { text, .. }) => text,
    };
    text.chars().count() <= LONGEST_PARAMETER
}

fn of_type(schema_type: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(schema_type)
}

fn text(longest: usize) -> ObjectBuilder {
    of_type(Type::String).max_length(Some(longest))
}

impl PartialSchema for FieldValue {
    fn schema() -> RefOr<Schema> {
        let itself = || Ref::from_schema_name("FieldValue");
        AnyOfBuilder::new()
            .item(text(LONGEST_VALUE))
            .item(of_type(Type::Number))
            .item(of_type(Type::Boolean))
            .item(of_type(Type::Null))
            .item(ArrayBuilder::new().items(itself()).max_items(Some(MOST_MEMBERS)))
            .item(members(itself()))
            .description(Some(format!("A value, nested at most {MOST_NESTED} deep with all that is around it.")))
            .into()
    }
}

impl ToSchema for FieldValue {}

fn members(value: Ref) -> ObjectBuilder {
    of_type(Type::Object)
        .max_properties(Some(MOST_MEMBERS))
        .property_names(Some(text(LONGEST_NAME).build()))
        .additional_properties(Some(value))
}

impl PartialSchema for ParameterValue {
    fn schema() -> RefOr<Schema> {
        let typed = of_type(Type::Object)
            .min_properties(Some(1))
            .max_properties(Some(1))
            .property_names(Some(of_type(Type::String).enum_values(Some(TYPE_NAMES)).build()))
            .additional_properties(Some(text(LONGEST_PARAMETER)));
        AnyOfBuilder::new()
            .item(text(LONGEST_PARAMETER))
            .item(of_type(Type::Number))
            .item(of_type(Type::Boolean))
            .item(of_type(Type::Null))
            .item(typed)
            .description(Some("A value that stands for itself, or an object of its type and the value as text."))
            .into()
    }
}

impl ToSchema for ParameterValue {}

impl PartialSchema for Parameters {
    fn schema() -> RefOr<Schema> {
        let value = || Ref::from_schema_name(ParameterValue::name());
        let list = ArrayBuilder::new().items(value()).max_items(Some(MOST_VALUES));
        let name = of_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST_NAME));
        let argument = AnyOfBuilder::new().item(value()).item(list);
        of_type(Type::Object)
            .max_properties(Some(MOST_PARAMETERS))
            .property_names(Some(name.build()))
            .additional_properties(Some(RefOr::<Schema>::from(argument)))
            .description(Some("Values by the names that the query has for them."))
            .into()
    }
}

impl ToSchema for Parameters {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{LONGEST_BYTES, LONGEST_CSV, LONGEST_LIST, LONGEST_TEXT};

    fn fields(text: &str) -> Result<Json, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    fn nested(depth: usize) -> String {
        format!("{}{}", "[".repeat(depth), "]".repeat(depth))
    }

    #[test]
    fn depth_is_counted_outside_of_texts() {
        assert!(!is_nested_deeper(nested(MOST_NESTED).as_bytes(), MOST_NESTED));
        assert!(is_nested_deeper(nested(MOST_NESTED + 1).as_bytes(), MOST_NESTED));
        let brackets = "[".repeat(100);
        assert!(!is_nested_deeper(format!(r#"["\"{brackets}","\\"]"#).as_bytes(), MOST_NESTED));
        assert!(is_nested_deeper(format!(r#"["\\",{brackets}"#).as_bytes(), MOST_NESTED));
    }

    #[test]
    fn fields_keep_their_text_within_bounds() {
        let text = r#"{"N":9007199254740993.10,"N":null,"A":{"ERP__c":"1"},"L":[1e400,true,""]}"#;
        assert_eq!(fields(text).unwrap().get(), text);
        let many = |count: usize| (0..count).map(|index| format!("\"f{index}\":1")).collect::<Vec<_>>().join(",");
        assert!(fields(&format!("{{{}}}", many(MOST_MEMBERS))).is_ok());
        for wrong in [
            format!("{{{}}}", many(MOST_MEMBERS + 1)),
            format!("{{\"a\":[{}1]}}", "1,".repeat(MOST_MEMBERS)),
            format!("{{\"{}\":1}}", "n".repeat(LONGEST_NAME + 1)),
            format!("{{\"a\":\"{}\"}}", "v".repeat(LONGEST_VALUE + 1)),
            format!("{{\"a\":{}}}", nested(MOST_NESTED)),
            format!("{{\"a\":{}}}", nested(100_000)),
        ] {
            let Err(error) = fields(&wrong) else { panic!("{wrong:.50}") };
            assert!(error.contains("expected ") && error.len() < 300, "{error}");
        }
        let long = format!(r#"{{"Owner":[1,{{"Name":"{}"}}]}}"#, "v".repeat(LONGEST_VALUE + 1));
        assert!(fields(&long).unwrap_err().contains("Owner[1].Name: expected a text of at most 4,194,304 characters"));
        let half = fields(r#"{"Owner":{"00D5g!":["\udc00"]}}"#).unwrap_err();
        assert!(half.contains("Owner: invalid value: a text with half") && !half.contains("00D5g"), "{half}");
    }

    #[test]
    fn parameters_are_read_within_bounds() {
        let read = |text: &str| serde_json::from_str::<Parameters>(text).map_err(|error| error.to_string())?.read();
        assert_eq!(read(r#"{"a":["x",{"id":"001"}],"b":1.50}"#).unwrap().len(), 2);
        let many = (0..=MOST_PARAMETERS).map(|index| format!("\"p{index}\":1")).collect::<Vec<_>>().join(",");
        for wrong in [
            format!("{{{many}}}"),
            format!("{{\"a\":[{}1]}}", "1,".repeat(MOST_VALUES)),
            format!("{{\"{}\":1}}", "n".repeat(LONGEST_NAME + 1)),
            "{\"\":1}".to_owned(),
            format!("{{\"a\":{{\"date\":\"{}\"}}}}", "v".repeat(LONGEST_PARAMETER + 1)),
            format!("{{\"a\":{}}}", nested(100_000)),
        ] {
            let Err(error) = read(&wrong) else { panic!("{wrong:.50}") };
            assert!(error.contains("expected ") && error.len() < 300, "{error}");
        }
    }

    #[test]
    fn the_bounds_are_documented() {
        let grouped = |number: usize| {
            let digits = number.to_string();
            let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
            groups.join(",")
        };
        let document = include_str!("../../../../docs/COMPONENTS.md");
        for (what, bound) in [
            ("lists and objects in one another, in the whole request", MOST_NESTED),
            ("characters of a `string`", LONGEST_TEXT),
            ("characters of `bulk.csv`", LONGEST_CSV),
            ("entries of a `list<T>`", LONGEST_LIST),
            ("characters of base64 for a `list<u8>`", LONGEST_BYTES),
            ("members of an object and entries of a list in `types.json`", MOST_MEMBERS),
            ("characters of a name in `types.json`", LONGEST_NAME),
            ("characters of a text in `types.json`", LONGEST_VALUE),
            ("parameters in a `list<soql.parameter>`", MOST_PARAMETERS),
            ("characters of the value of a parameter", LONGEST_PARAMETER),
            ("values of a parameter that is a list", MOST_VALUES),
        ] {
            let row = format!("| {what} | {} |", grouped(bound));
            assert!(document.contains(&row), "docs/COMPONENTS.md lacks {row}");
        }
    }
}
