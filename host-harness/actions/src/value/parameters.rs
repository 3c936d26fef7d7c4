//! The parameters of a query as a value.

use salesforce_runtime::Val;
use salesforce_runtime::bindings::soql::{Argument, LikeMatch, LikePattern, Parameter, Value};

/// `list<soql.parameter>`
pub(super) fn to_value(parameters: &[Parameter]) -> Val {
    let parameter = |Parameter { name, argument }: &Parameter| {
        let argument = match argument {
            Argument::One(one) => case("one", value(one)),
            Argument::Many(many) => case("many", Val::List(many.iter().map(value).collect())),
        };
        Val::Record(vec![("name".to_owned(), text(name)), ("argument".to_owned(), argument)])
    };
    Val::List(parameters.iter().map(parameter).collect())
}

fn value(value: &Value) -> Val {
    match value {
        Value::Null => Val::Variant("null".to_owned(), None),
        Value::Boolean(value) => case("boolean", Val::Bool(*value)),
        Value::Integer(value) => case("integer", Val::S64(*value)),
        Value::Decimal(digits) => case("decimal", text(digits)),
        Value::Text(value) => case("text", text(value)),
        Value::LikePattern(LikePattern { text: pattern, match_ }) => {
            let matching = match match_ {
                LikeMatch::Exact => "exact",
                LikeMatch::StartsWith => "starts-with",
                LikeMatch::EndsWith => "ends-with",
                LikeMatch::Contains => "contains",
                LikeMatch::Pattern => "pattern",
            };
            let pattern = [("text".to_owned(), text(pattern)), ("match".to_owned(), Val::Enum(matching.to_owned()))];
            case("like-pattern", Val::Record(pattern.into()))
        }
        Value::Date(value) => case("date", text(value)),
        Value::Datetime(value) => case("datetime", text(value)),
        Value::Time(value) => case("time", text(value)),
        Value::Currency(value) => case("currency", text(value)),
        Value::Id(value) => case("id", text(value)),
    }
}

fn case(name: &str, value: Val) -> Val {
    Val::Variant(name.to_owned(), Some(Box::new(value)))
}

fn text(text: &str) -> Val {
    Val::String(text.to_owned())
}
