//! `soql`.

use super::Connector;
use super::mapping::query;
use super::types::{answer, call};
use crate::core::soql::{self, Cursor, Page};
use crate::world::exports::workflow::salesforce::soql as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn soql_query(on: wit::Connection, asked: wit::Query, options: wit::CallOptions) -> Result<wit::Page, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            Ok(soql::soql_query(&mut transport, &connection, &query(asked)?, &options)?.into())
        })
    }

    fn next_page(on: wit::Connection, cursor: String, options: wit::CallOptions) -> Result<wit::Page, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            Ok(soql::next_page(&mut transport, &connection, &Cursor::parse(&cursor)?, &options)?.into())
        })
    }

    fn explain(on: wit::Connection, asked: wit::Query, options: wit::CallOptions) -> Result<String, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            soql::explain(&mut transport, &connection, &query(asked)?, &options)
        })
    }
}

impl From<Page> for wit::Page {
    fn from(page: Page) -> Self {
        Self {
            records: page.records,
            count: page.count,
            total_size: page.total_size,
            next: page.next.map(|cursor| cursor.text()),
            children: page.children.into_iter().map(Into::into).collect(),
            usage: page.usage.map(Into::into),
        }
    }
}
