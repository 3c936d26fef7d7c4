//! Values as JSON, as Obelisk writes them: names with underscores, `null` for none, results as `{"ok": ...}` or `{"err": ...}`.

use serde_json::{Value as Json, json};
use wasmtime::component::{Type, Val};

/// The value that JSON is of this type. What is not there is none, false or empty. JSON where a text is wanted is its text.
pub(crate) fn parse(json: &Json, ty: &Type) -> Val {
    match ty {
        Type::Bool => Val::Bool(json.as_bool().unwrap_or_default()),
        Type::U8 => Val::U8(json.as_u64().unwrap().try_into().unwrap()),
        Type::U16 => Val::U16(json.as_u64().unwrap().try_into().unwrap()),
        Type::U32 => Val::U32(json.as_u64().unwrap().try_into().unwrap()),
        Type::U64 => Val::U64(json.as_u64().unwrap()),
        Type::S64 => Val::S64(json.as_i64().unwrap()),
        Type::String => Val::String(json.as_str().map_or_else(|| json.to_string(), str::to_owned)),
        Type::Option(option) => Val::Option((!json.is_null()).then(|| Box::new(parse(json, &option.ty())))),
        Type::List(list) => {
            Val::List(json.as_array().into_iter().flatten().map(|item| parse(item, &list.ty())).collect())
        }
        Type::Record(record) => {
            let field = |name: &str, ty: Type| (name.to_owned(), parse(&json[snake(name)], &ty));
            Val::Record(record.fields().map(|member| field(member.name, member.ty)).collect())
        }
        Type::Enum(cases) => Val::Enum(cases.names().find(|name| *json == snake(name)).unwrap().to_owned()),
        Type::Variant(variant) => {
            let is_it = |name: &str| *json == snake(name) || json.get(snake(name)).is_some();
            let case = variant.cases().find(|case| is_it(case.name)).unwrap_or_else(|| panic!("no case: {json}"));
            let payload = case.ty.map(|ty| Box::new(parse(&json[snake(case.name)], &ty)));
            Val::Variant(case.name.to_owned(), payload)
        }
        other => panic!("no parameter has {other:?}"),
    }
}

/// A value as JSON.
pub(crate) fn told(value: &Val) -> Json {
    let payload = |value: &Option<Box<Val>>| value.as_ref().map_or(Json::Null, |value| told(value));
    match value {
        Val::Bool(value) => json!(value),
        Val::U8(value) => json!(value),
        Val::U16(value) => json!(value),
        Val::U32(value) => json!(value),
        Val::U64(value) => json!(value),
        Val::S64(value) => json!(value),
        Val::String(text) => json!(text),
        Val::Option(value) => payload(value),
        Val::List(items) => items.iter().map(told).collect(),
        Val::Record(fields) => fields.iter().map(|(name, value)| (snake(name), told(value))).collect(),
        Val::Enum(case) | Val::Variant(case, None) => json!(snake(case)),
        Val::Variant(case, payload_of) => json!({snake(case): payload(payload_of)}),
        Val::Result(Ok(value)) => json!({"ok": payload(value)}),
        Val::Result(Err(value)) => json!({"err": payload(value)}),
        other => panic!("no result has {other:?}"),
    }
}

/// Whether every member of what was expected is there, with that value. JSON inside of a text is looked into.
pub(crate) fn holds(came: &Json, expected: &Json) -> bool {
    match (came, expected) {
        (Json::String(text), Json::Object(_) | Json::Array(_)) => {
            serde_json::from_str(text).is_ok_and(|came| holds(&came, expected))
        }
        (Json::Object(came), Json::Object(expected)) => {
            expected.iter().all(|(name, expected)| came.get(name).is_some_and(|came| holds(came, expected)))
        }
        (Json::Array(came), Json::Array(expected)) => {
            came.len() == expected.len() && came.iter().zip(expected).all(|(came, expected)| holds(came, expected))
        }
        _ => came == expected,
    }
}

fn snake(name: &str) -> String {
    name.replace('-', "_")
}
