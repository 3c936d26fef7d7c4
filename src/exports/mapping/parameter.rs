//! The values of a query.

use super::wit;
use crate::core::soql::{Argument, LikeMatch, Parameter, Value};

impl From<wit::Parameter> for Parameter {
    fn from(parameter: wit::Parameter) -> Self {
        let argument = match parameter.argument {
            wit::Argument::One(value) => Argument::One(value.into()),
            wit::Argument::Many(values) => Argument::Many(values.into_iter().map(Into::into).collect()),
        };
        Self { name: parameter.name, argument }
    }
}

impl From<wit::Value> for Value {
    fn from(value: wit::Value) -> Self {
        match value {
            wit::Value::Null => Self::Null,
            wit::Value::Boolean(value) => Self::Boolean(value),
            wit::Value::Integer(value) => Self::Integer(value),
            wit::Value::Decimal(text) => Self::Decimal(text),
            wit::Value::Text(text) => Self::Text(text),
            wit::Value::LikePattern(pattern) => {
                let matching = match pattern.match_ {
                    wit::LikeMatch::Exact => LikeMatch::Exact,
                    wit::LikeMatch::StartsWith => LikeMatch::StartsWith,
                    wit::LikeMatch::EndsWith => LikeMatch::EndsWith,
                    wit::LikeMatch::Contains => LikeMatch::Contains,
                    wit::LikeMatch::Pattern => LikeMatch::Pattern,
                };
                Self::LikePattern { text: pattern.text, matching }
            }
            wit::Value::Date(text) => Self::Date(text),
            wit::Value::Datetime(text) => Self::Datetime(text),
            wit::Value::Time(text) => Self::Time(text),
            wit::Value::Currency(text) => Self::Currency(text),
            wit::Value::Id(text) => Self::Id(text),
        }
    }
}
