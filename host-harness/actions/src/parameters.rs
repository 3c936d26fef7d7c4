//! Bound parameters of a query, from `--param` and `--params-file`.
//!
//! `--param NAME=VALUE` binds text. `--param NAME:TYPE=VALUE` binds another type; `TYPE[]` binds a list for `IN`, split at
//! commas, with `\,` for a comma in a value and `\\` for a backslash. `--param NAME:null` binds null.
//!
//! A parameters file is a JSON object of names to values. `"text"`, `true`, `12`, `-1.50` and `null` are what they look
//! like; other types are an object of one type and its value, `{"date": "2026-11-24"}`; an array is a list.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

use crate::json::{spelling, wrong};
use salesforce_runtime::bindings::soql::{Argument, LikeMatch, LikePattern, Parameter, Value};

/// The types' names.
pub const TYPE_NAMES: [&str; 15] = [
    "text",
    "integer",
    "decimal",
    "boolean",
    "date",
    "datetime",
    "time",
    "currency",
    "id",
    "like-exact",
    "like-starts-with",
    "like-ends-with",
    "like-contains",
    "like-pattern",
    "null",
];

/// The types, as they are written, with an example of each.
const TYPES: &str = "text, integer, decimal, boolean, date (2026-11-24), datetime (2026-11-24T09:30:00Z), \
                     time (17:30:00), currency (USD5000), id, like-exact, like-starts-with, like-ends-with, \
                     like-contains, like-pattern (50\\%%), null";

/// Reads one `--param`.
///
/// ```
/// use salesforce_actions::parameters::from_argument;
/// use salesforce_runtime::bindings::soql::{Argument, Value};
///
/// let since = from_argument("since:date=2026-11-24")?;
/// assert_eq!(since.name, "since");
/// assert!(matches!(since.argument, Argument::One(Value::Date(day)) if day == "2026-11-24"));
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
/// What was expected of it.
pub fn from_argument(argument: &str) -> Result<Parameter, String> {
    let (head, value) = match argument.split_once('=') {
        Some((head, value)) => (head, Some(value)),
        None => (argument, None),
    };
    let (name, kind) = head.split_once(':').unwrap_or((head, "text"));
    if name.is_empty() {
        return Err("expected NAME=VALUE or NAME:TYPE=VALUE, and the name is empty".to_owned());
    }
    let argument = match (kind.strip_suffix("[]"), value) {
        (None, None | Some("")) if kind == "null" => Argument::One(Value::Null),
        (_, None) => return Err(format!("expected NAME=VALUE or NAME:TYPE=VALUE, and {name} has no `=`")),
        (None, Some(value)) => Argument::One(typed(kind, value)?),
        (Some(kind), Some(values)) => {
            Argument::Many(split_list(values).iter().map(|value| typed(kind, value)).collect::<Result<_, _>>()?)
        }
    };
    Ok(Parameter { name: name.to_owned(), argument })
}

/// Reads the text of a parameters file.
///
/// # Errors
/// Where it is not what was expected.
pub fn from_file(text: &str) -> Result<Vec<Parameter>, String> {
    let Members(members) =
        wrong::read(text.as_bytes()).map_err(|error| format!("expected a JSON object of names to values: {error}"))?;
    let parameter = |(index, (name, value)): (usize, (String, Box<RawValue>))| {
        let shown = if spelling::is_possible(&name) { name.clone() } else { format!("parameter {}", index + 1) };
        let argument = argument(&value).map_err(|error| format!("{shown}: {error}"))?;
        Ok(Parameter { name, argument })
    };
    members.into_iter().enumerate().map(parameter).collect()
}

fn argument(value: &RawValue) -> Result<Argument, String> {
    match wrong::read_free::<Json>(value.get())? {
        Json::Array(values) => values.iter().map(json_value).collect::<Result<_, _>>().map(Argument::Many),
        value => json_value(&value).map(Argument::One),
    }
}

/// The text of a parameters file that binds these.
#[must_use]
pub fn to_json(parameters: &[Parameter]) -> Box<RawValue> {
    let members = parameters.iter().map(|parameter| {
        let value = match &parameter.argument {
            Argument::One(value) => to_json_value(value),
            Argument::Many(values) => Json::Array(values.iter().map(to_json_value).collect()),
        };
        format!("{}:{value}", Json::from(parameter.name.as_str()))
    });
    let text = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// The members of an object in their order. A name that comes twice stays twice: the component refuses it.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

fn to_json_value(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(value) => Json::from(*value),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Integer(value) => Json::from(*value),
        other => {
            let (kind, text) = written(other);
            Json::Object(Map::from_iter([(kind.to_owned(), Json::from(text))]))
        }
    }
}

/// The name of a value's type, and the value as text: what [`from_argument`] reads.
#[must_use]
pub fn written(value: &Value) -> (&'static str, String) {
    match value {
        Value::Null => ("null", String::new()),
        Value::Boolean(value) => ("boolean", value.to_string()),
        Value::Integer(value) => ("integer", value.to_string()),
        Value::Decimal(digits) => ("decimal", digits.clone()),
        Value::Text(text) => ("text", text.clone()),
        Value::Date(date) => ("date", date.clone()),
        Value::Datetime(datetime) => ("datetime", datetime.clone()),
        Value::Time(time) => ("time", time.clone()),
        Value::Currency(amount) => ("currency", amount.clone()),
        Value::Id(id) => ("id", id.clone()),
        Value::LikePattern(LikePattern { text, match_ }) => {
            let kind = match match_ {
                LikeMatch::Exact => "like-exact",
                LikeMatch::StartsWith => "like-starts-with",
                LikeMatch::EndsWith => "like-ends-with",
                LikeMatch::Contains => "like-contains",
                LikeMatch::Pattern => "like-pattern",
            };
            (kind, text.clone())
        }
    }
}

fn json_value(value: &Json) -> Result<Value, String> {
    match value {
        Json::Null => Ok(Value::Null),
        Json::Bool(value) => Ok(Value::Boolean(*value)),
        Json::String(text) => Ok(Value::Text(text.clone())),
        Json::Number(number) => {
            let digits = number.to_string();
            Ok(digits.parse().map(Value::Integer).unwrap_or(Value::Decimal(digits)))
        }
        Json::Object(object) => match object.iter().next() {
            Some((kind, Json::String(value))) if object.len() == 1 => typed(kind, value),
            Some((kind, value)) if object.len() == 1 && TYPE_NAMES.contains(&kind.as_str()) => Err(format!(
                "expected the value of {kind} as text, {{\"{kind}\": \"...\"}}, and {} came",
                match value {
                    Json::Null => "null",
                    Json::Bool(_) => "a boolean",
                    Json::Number(_) => "a number",
                    Json::String(_) => "a text",
                    Json::Array(_) => "a list",
                    Json::Object(_) => "an object",
                }
            )),
            _ => Err(format!(
                "expected an object of one type and its value as text, e.g. {{\"date\": \"2026-11-24\"}}; the types are {TYPES}"
            )),
        },
        Json::Array(_) => Err("expected a list of values, found a list in a list".to_owned()),
    }
}

fn typed(kind: &str, value: &str) -> Result<Value, String> {
    let owned = || value.to_owned();
    let like = |matching| Value::LikePattern(LikePattern { text: owned(), match_: matching });
    Ok(match kind {
        "text" => Value::Text(owned()),
        "integer" => Value::Integer(value.parse().map_err(|_| "expected an integer")?),
        "decimal" => Value::Decimal(owned()),
        "boolean" => Value::Boolean(value.parse().map_err(|_| "expected true or false")?),
        "date" => Value::Date(owned()),
        "datetime" => Value::Datetime(owned()),
        "time" => Value::Time(owned()),
        "currency" => Value::Currency(owned()),
        "id" => Value::Id(owned()),
        "like-exact" => like(LikeMatch::Exact),
        "like-starts-with" => like(LikeMatch::StartsWith),
        "like-ends-with" => like(LikeMatch::EndsWith),
        "like-contains" => like(LikeMatch::Contains),
        "like-pattern" => like(LikeMatch::Pattern),
        "null" if value.is_empty() => Value::Null,
        "null" => return Err("null takes no value".to_owned()),
        _ => {
            let meant =
                spelling::nearest(kind, TYPE_NAMES).map_or(String::new(), |name| format!(" (did you mean {name}?)"));
            return Err(format!(
                "there is no such type{meant}; expected one of {TYPES}, or one of them followed by [] for a list"
            ));
        }
    })
}

/// The values of a list: split at commas, with `\,` for a comma in a value and `\\` for a backslash.
#[must_use]
pub fn split_list(text: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut value = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ',' => values.push(std::mem::take(&mut value)),
            '\\' => value.push(characters.next_if(|next| matches!(next, ',' | '\\')).unwrap_or('\\')),
            other => value.push(other),
        }
    }
    values.push(value);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(argument: &str) -> String {
        from_argument(argument)
            .map_or_else(|error| error, |parameter| format!("{} {:?}", parameter.name, parameter.argument))
    }

    #[test]
    fn arguments_are_typed_by_their_name() {
        for (argument, expected) in [
            ("n=O'Reilly = co", "n Argument::One(Value::Text(\"O'Reilly = co\"))"),
            ("n=", "n Argument::One(Value::Text(\"\"))"),
            ("n:integer=-5", "n Argument::One(Value::Integer(-5))"),
            ("n:decimal=1.50", "n Argument::One(Value::Decimal(\"1.50\"))"),
            ("n:boolean=true", "n Argument::One(Value::Boolean(true))"),
            ("n:null", "n Argument::One(Value::Null)"),
            ("n:null=", "n Argument::One(Value::Null)"),
            ("n:datetime=2026-11-24T09:30:00+01:00", "n Argument::One(Value::Datetime(\"2026-11-24T09:30:00+01:00\"))"),
            (
                r"n:text[]=a\,b,c\\,\d",
                r#"n Argument::Many([Value::Text("a,b"), Value::Text("c\\"), Value::Text("\\d")])"#,
            ),
        ] {
            assert_eq!(shown(argument), expected);
        }
        assert!(shown("n:like-contains=50%").contains("50%"));
    }

    #[test]
    fn every_type_is_known_by_its_name() {
        for kind in TYPE_NAMES {
            let value = match kind {
                "integer" => "1",
                "boolean" => "true",
                _ => "",
            };
            assert_eq!(written(&typed(kind, value).unwrap()), (kind, value.to_owned()));
            assert!(TYPES.contains(kind), "{kind}");
        }
    }

    #[test]
    fn wrong_arguments_say_what_was_expected() {
        for (argument, words) in [
            ("n", "expected NAME=VALUE"),
            ("=x", "the name is empty"),
            ("n:integer=1.5", "expected an integer"),
            ("n:boolean=yes", "expected true or false"),
            ("n:dat=2026-11-24", "there is no such type (did you mean date?); expected one of text"),
            ("n:hunter=x", "there is no such type; expected one of text"),
            ("n:null=x", "null takes no value"),
        ] {
            assert!(shown(argument).contains(words), "{}", shown(argument));
        }
    }

    #[test]
    fn a_file_says_the_same_in_json() {
        let text = r#"{"a":"x","b":12,"c":0.10,"d":null,"e":{"date":"2026-11-24"},"f":["x",{"id":"001"}],"g":9007199254740993}"#;
        let shown = format!("{:?}", from_file(text).unwrap());
        for part in [
            "Value::Text(\"x\")",
            "Value::Integer(12)",
            "Value::Decimal(\"0.10\")",
            "Value::Null",
            "Value::Date(\"2026-11-24\")",
            "Argument::Many([Value::Text(\"x\"), Value::Id(\"001\")])",
            "Value::Integer(9007199254740993)",
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        for (text, words) in [
            ("[1]", "expected a JSON object"),
            (r#"{"a":[[1]]}"#, "a: expected a list of values"),
            (r#"{"a":{"date":"x","id":"x"}}"#, "a: expected an object of one type"),
            (
                r#"{"a":[1,{"integer":5}]}"#,
                r#"a: expected the value of integer as text, {"integer": "..."}, and a number came"#,
            ),
            (r#"{"a":1,"00D!":[[1]]}"#, "parameter 2: expected a list of values"),
            (r#"{"accountId":"\ud800"}"#, "accountId: invalid value: a text with half of a surrogate pair"),
        ] {
            assert!(from_file(text).unwrap_err().contains(words));
        }
    }
}
