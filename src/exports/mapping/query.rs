//! A query with its values, and where to go on in its answer.

use super::wit;
use crate::core::error::Result;
use crate::core::soql::{Argument, ChildCursor, LikeMatch, Parameter, Query, Value};

pub(crate) fn query(query: wit::Query) -> Result<Query> {
    let parameters: Vec<Parameter> = query.parameters.into_iter().map(Into::into).collect();
    Query::parse(&query.soql, &parameters, query.include_deleted, query.batch_size, query.max_records)
}

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

impl From<ChildCursor> for wit::ChildCursor {
    fn from(child: ChildCursor) -> Self {
        Self {
            record_index: child.record_index,
            relationship: child.relationship,
            count: child.count,
            total_size: child.total_size,
            next: child.next.text(),
        }
    }
}
