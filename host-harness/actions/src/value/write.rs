//! Values that a component gave: examined, then as JSON.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use salesforce_runtime::Val;
use salesforce_runtime::bindings::types::ApiUsage;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::json::{NotGiven, NotJson};
use crate::types::{Shape, TypeId, Types, member};

/// Bytes of a text that is no JSON: a token, a URL, a name.
const LONGEST_TEXT: usize = 64 << 10;
/// As `soql.wit` says.
const LONGEST_CURSOR: usize = 512;
/// Three for each of the 2,000 records of a page, and room.
const LONGEST_LIST: usize = 10_000;
/// Lists and objects of JSON in one another: as many as the connector passes on, and what readers of JSON take.
const MOST_NESTED: usize = 128;

/// A value that became JSON but for the writing of it: JSON text is checked and stands as itself.
pub(crate) enum Written {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    Json(Box<RawValue>),
    List(Vec<Written>),
    Object(Vec<(String, Written)>),
}

/// Looks at a value that a component gave, field by field, and replaces what it claims of the org's allowance, which the
/// egress has seen itself.
///
/// # Errors
/// What it is that its interface does not allow.
pub(crate) fn examined(
    types: &Types,
    id: TypeId,
    value: &mut Val,
    usage: Option<ApiUsage>,
) -> Result<(), &'static str> {
    if let Shape::Option(of) = types.shape(id)
        && types.is_own(*of, "types", "api-usage")
    {
        *value = Val::Option(usage.map(|ApiUsage { used, allowed }| {
            Box::new(Val::Record(vec![("used".to_owned(), Val::U32(used)), ("allowed".to_owned(), Val::U32(allowed))]))
        }));
        return Ok(());
    }
    if types.is_own(id, "soql", "page") {
        examined_page(value)?;
    }
    match (types.shape(id), value) {
        (Shape::Text, Val::String(text)) if types.is_own(id, "soql", "cursor") => {
            let fits = text.chars().take(LONGEST_CURSOR + 1).count() <= LONGEST_CURSOR;
            if fits && !text.chars().any(char::is_control) { Ok(()) } else { Err("a cursor that is none") }
        }
        // The host bounds it with the rest of the result.
        (Shape::Text, Val::String(_)) if types.is_own(id, "bulk", "csv") => Ok(()),
        (Shape::Text, Val::String(text)) => {
            if text.len() <= LONGEST_TEXT {
                Ok(())
            } else {
                Err("a text of more than 65,536 bytes")
            }
        }
        (Shape::Option(of), Val::Option(Some(value))) => examined(types, *of, value, usage),
        (Shape::List(of), Val::List(values)) => {
            if values.len() > LONGEST_LIST {
                return Err("a list of more than 10,000 entries");
            }
            values.iter_mut().try_for_each(|value| examined(types, *of, value, usage))
        }
        (Shape::Tuple(parts), Val::Tuple(values)) => {
            parts.iter().zip(values).try_for_each(|(part, value)| examined(types, *part, value, usage))
        }
        (Shape::Record(fields), Val::Record(values)) => {
            fields.iter().zip(values).try_for_each(|(field, (_, value))| examined(types, field.ty, value, usage))
        }
        (Shape::Variant(cases), Val::Variant(name, Some(value))) => {
            match cases.iter().find(|case| case.name == *name).and_then(|case| case.ty) {
                Some(of) => examined(types, of, value, usage),
                None => Ok(()),
            }
        }
        (Shape::Result { ok, .. }, Val::Result(Ok(Some(value)))) => {
            ok.map_or(Ok(()), |of| examined(types, of, value, usage))
        }
        (Shape::Result { error, .. }, Val::Result(Err(Some(value)))) => {
            error.map_or(Ok(()), |of| examined(types, of, value, usage))
        }
        _ => Ok(()),
    }
}

/// A page has a list of records, and no more than its text can hold.
fn examined_page(page: &Val) -> Result<(), &'static str> {
    let field = |name: &str| match page {
        Val::Record(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
        _ => None,
    };
    match (field("records"), field("count")) {
        (Some(Val::String(records)), Some(Val::U32(count))) if *count as usize > records.len() / 2 => {
            Err("more records than its text holds")
        }
        (Some(Val::String(records)), _) if !records.trim_start().starts_with('[') => Err("records that are no list"),
        _ => Ok(()),
    }
}

impl Written {
    /// # Errors
    /// [`NotGiven`]: JSON text in it is none, or too long.
    pub(crate) fn of(types: &Types, id: TypeId, value: Val, most: usize) -> Result<Written, NotGiven> {
        let below = |of: TypeId, value: Val| Written::of(types, of, value, most);
        Ok(match (types.shape(id), value) {
            (Shape::Json, Val::String(text)) => Written::Json(within(text, most)?),
            (Shape::Bytes, Val::List(bytes)) => {
                let byte = |byte: &Val| if let Val::U8(byte) = byte { *byte } else { 0 };
                Written::Text(BASE64_STANDARD.encode(bytes.iter().map(byte).collect::<Vec<_>>()))
            }
            // Those of a file are that already.
            (Shape::Option(of), Val::Option(Some(value))) => below(*of, *value)?,
            (Shape::List(of), Val::List(values)) => {
                Written::List(values.into_iter().map(|value| below(*of, value)).collect::<Result<_, _>>()?)
            }
            (Shape::Tuple(parts), Val::Tuple(values)) => {
                let parts = parts.iter().zip(values).map(|(part, value)| below(*part, value));
                Written::List(parts.collect::<Result<_, _>>()?)
            }
            (Shape::Record(fields), Val::Record(values)) => {
                let field = |(field, (_, value)): (&crate::types::Field, (String, Val))| {
                    Ok((member(&field.name), below(field.ty, value)?))
                };
                Written::Object(fields.iter().zip(values).map(field).collect::<Result<_, NotGiven>>()?)
            }
            (Shape::Variant(cases), Val::Variant(name, Some(value))) => {
                let of = cases.iter().find(|case| case.name == name).and_then(|case| case.ty);
                let value = of.map_or(Ok(Written::Null), |of| below(of, *value))?;
                Written::Object(vec![(member(&name), value)])
            }
            (Shape::Result { ok, .. }, Val::Result(Ok(Some(value)))) => match ok {
                Some(of) => Written::Object(vec![("ok".to_owned(), below(*of, *value)?)]),
                None => Written::Text("ok".to_owned()),
            },
            (Shape::Result { error, .. }, Val::Result(Err(Some(value)))) => match error {
                Some(of) => Written::Object(vec![("error".to_owned(), below(*of, *value)?)]),
                None => Written::Text("error".to_owned()),
            },
            (_, value) => Written::plain(value),
        })
    }

    /// Of a value that says what it is itself.
    fn plain(value: Val) -> Written {
        let list = |values: Vec<Val>| Written::List(values.into_iter().map(Written::plain).collect());
        match value {
            Val::Bool(value) => Written::Bool(value),
            Val::S8(value) => Written::Signed(value.into()),
            Val::S16(value) => Written::Signed(value.into()),
            Val::S32(value) => Written::Signed(value.into()),
            Val::S64(value) => Written::Signed(value),
            Val::U8(value) => Written::Unsigned(value.into()),
            Val::U16(value) => Written::Unsigned(value.into()),
            Val::U32(value) => Written::Unsigned(value.into()),
            Val::U64(value) => Written::Unsigned(value),
            Val::Float32(value) => Written::Float(value.into()),
            Val::Float64(value) => Written::Float(value),
            Val::Char(value) => Written::Text(value.into()),
            Val::String(text) | Val::Enum(text) | Val::Variant(text, None) => Written::Text(text),
            Val::List(values) | Val::Tuple(values) => list(values),
            Val::Record(fields) => Written::Object(
                fields.into_iter().map(|(name, value)| (member(&name), Written::plain(value))).collect(),
            ),
            Val::Variant(name, Some(value)) => Written::Object(vec![(member(&name), Written::plain(*value))]),
            Val::Flags(names) => Written::List(names.into_iter().map(Written::Text).collect()),
            Val::Option(Some(value)) => Written::plain(*value),
            Val::Result(Ok(None)) => Written::Text("ok".to_owned()),
            Val::Result(Err(None)) => Written::Text("error".to_owned()),
            // What no action gives.
            _ => Written::Null,
        }
    }
}

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Written::Null => serializer.serialize_unit(),
            Written::Bool(value) => serializer.serialize_bool(*value),
            Written::Unsigned(value) => serializer.serialize_u64(*value),
            Written::Signed(value) => serializer.serialize_i64(*value),
            Written::Float(value) if !value.is_finite() => {
                Err(serde::ser::Error::custom(format_args!("{value}, which JSON has no number for")))
            }
            Written::Float(value) => serializer.serialize_f64(*value),
            Written::Text(text) => serializer.serialize_str(text),
            Written::Json(json) => json.serialize(serializer),
            Written::List(values) => serializer.collect_seq(values),
            Written::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// JSON text of the component, if it is that, no longer than allowed, and not nested deeper than 128.
///
/// # Errors
/// [`NotGiven`].
pub fn within(json: String, most: usize) -> Result<Box<RawValue>, NotGiven> {
    if json.len() > most {
        return Err(NotGiven::TooLarge);
    }
    if crate::bounded::is_nested_deeper(json.as_bytes(), MOST_NESTED) {
        return Err(NotGiven::TooDeep { most: MOST_NESTED });
    }
    Ok(RawValue::from_string(json).map_err(NotJson::from)?)
}
