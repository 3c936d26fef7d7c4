//! `soql`.

use super::Connector;
use super::types::{answer, connection, start};
use crate::core::error::Result;
use crate::core::soql::{self, Argument, Cursor, LikeMatch, Page, Parameter, Query, Value};
use crate::world::exports::workflow::salesforce::soql as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn soql_query(on: wit::Connection, query: wit::Query, options: wit::CallOptions) -> Result<wit::Page, Error> {
        answer(|| {
            let (mut transport, options) = start(options)?;
            Ok(soql::soql_query(&mut transport, &connection(&on)?, &parse(query)?, &options)?.into())
        })
    }

    fn next_page(on: wit::Connection, cursor: String, options: wit::CallOptions) -> Result<wit::Page, Error> {
        answer(|| {
            let (mut transport, options) = start(options)?;
            Ok(soql::next_page(&mut transport, &connection(&on)?, &Cursor::parse(&cursor)?, &options)?.into())
        })
    }

    fn explain(on: wit::Connection, query: wit::Query, options: wit::CallOptions) -> Result<String, Error> {
        answer(|| {
            let (mut transport, options) = start(options)?;
            soql::explain(&mut transport, &connection(&on)?, &parse(query)?, &options)
        })
    }
}

fn parse(query: wit::Query) -> Result<Query> {
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

impl From<Page> for wit::Page {
    fn from(page: Page) -> Self {
        Self {
            records: page.records,
            count: page.count,
            total_size: page.total_size,
            next: page.next.map(|cursor| cursor.text()),
            children: page
                .children
                .into_iter()
                .map(|child| wit::ChildCursor {
                    record_index: child.record_index,
                    relationship: child.relationship,
                    count: child.count,
                    total_size: child.total_size,
                    next: child.next.text(),
                })
                .collect(),
            usage: page.usage.map(Into::into),
        }
    }
}
