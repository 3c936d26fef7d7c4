//! `queries`: the records of all pages of a query.

use salesforce_connector::core::connection::Connection;
use salesforce_connector::core::error::Result;
use salesforce_connector::core::http::{Request, Response};
use salesforce_connector::core::soql::{Pages, Parameter, Query, Records, Summary};
use wit_bindgen::{FutureReader, StreamReader, StreamWriter};

use crate::export;
use crate::paged::{Paged, hand_over, parse};
use crate::world::Streams;
use crate::world::exports::workflow::salesforce::types::Error as WitError;
use crate::world::exports::workflow::salesforce_streams::queries as wit;

/// Records of a piece.
const PIECE: usize = 64;

impl wit::Guest for Streams {
    async fn query_records(
        on: wit::Connection,
        asked: wit::Query,
        options: wit::CallOptions,
    ) -> (StreamReader<String>, FutureReader<Result<wit::Summary, WitError>>) {
        export::stream(async move |records| stream(&on, asked, options, records).await)
    }
}

/// Hands over all records, and ends the stream.
async fn stream(
    on: &wit::Connection,
    asked: wit::Query,
    options: wit::CallOptions,
    mut records: StreamWriter<String>,
) -> Result<Summary> {
    let (connection, options) = parse(on, options)?;
    let parameters: Vec<Parameter> = asked.parameters.into_iter().map(Into::into).collect();
    let query = Query::parse(&asked.soql, &parameters, asked.include_deleted, asked.batch_size, None)?;
    let mut pages = Pages::of(query);
    hand_over(&mut pages, &mut records, &connection, &options).await?;
    Ok(pages.summary())
}

impl Paged for Pages {
    type Item = String;
    type Page = Records;

    fn request<'a>(&self, connection: &'a Connection) -> Option<Request<'a>> {
        Pages::request(self, connection)
    }

    fn read(&mut self, answer: &mut Response) -> Result<Records> {
        Pages::read(self, answer)
    }

    fn pieces(page: &Records) -> impl ExactSizeIterator<Item = Vec<String>> {
        (0..page.len().div_ceil(PIECE)).map(|piece| page.part(piece * PIECE, PIECE).map(str::to_owned).collect())
    }

    fn memory(page: Records) -> Vec<u8> {
        page.into_memory()
    }
}

impl From<Summary> for wit::Summary {
    fn from(summary: Summary) -> Self {
        Self {
            count: summary.count,
            total_size: summary.total_size,
            cut_children: summary.cut_children,
            usage: summary.usage.map(Into::into),
        }
    }
}
