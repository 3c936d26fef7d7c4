//! `bulk`: the results of a query job. Of `bulk-load` there is more in [`load`](crate::load).

use salesforce_connector::core::bulk::{ResultPages, ResultSummary, ResultsCursor};
use salesforce_connector::core::connection::Connection;
use salesforce_connector::core::error::{Error, Result};
use salesforce_connector::core::http::{Request, Response};
use wit_bindgen::{FutureReader, StreamReader, StreamWriter};

use crate::export;
use crate::load::load;
use crate::paged::{Paged, hand_over, parse};
use crate::world::Streams;
use crate::world::exports::workflow::salesforce::types::Error as WitError;
use crate::world::exports::workflow::salesforce_streams::bulk as wit;

/// Bytes of a piece.
const PIECE: usize = 16 << 10;

impl wit::Guest for Streams {
    async fn bulk_results(
        on: wit::Connection,
        cursor: String,
        max_records: Option<u32>,
        options: wit::CallOptions,
    ) -> (StreamReader<u8>, FutureReader<Result<wit::ResultSummary, WitError>>) {
        export::stream(async move |bytes| stream(&on, &cursor, max_records, options, bytes).await)
    }

    async fn bulk_load(
        on: wit::Connection,
        job: wit::NewIngestJob,
        data: StreamReader<u8>,
        whole: FutureReader<Result<(), ()>>,
        job_bytes: Option<u32>,
        options: wit::CallOptions,
    ) -> (StreamReader<wit::LoadedJob>, FutureReader<Result<wit::LoadSummary, WitError>>) {
        export::stream(async move |jobs| load(&on, job, (data, whole), job_bytes, options, jobs).await)
    }
}

/// Hands over all rows, and ends the stream.
async fn stream(
    on: &wit::Connection,
    cursor: &str,
    max_records: Option<u32>,
    options: wit::CallOptions,
    mut bytes: StreamWriter<u8>,
) -> Result<ResultSummary> {
    let (connection, options) = parse(on, options)?;
    let mut pages = ResultPages::from(ResultsCursor::parse(cursor)?, max_records)?;
    hand_over(&mut pages, &mut bytes, &connection, &options).await?;
    Ok(pages.summary())
}

impl Paged for ResultPages {
    type Item = u8;
    type Page = String;

    fn request<'a>(&self, connection: &'a Connection) -> Option<Request<'a>> {
        ResultPages::request(self, connection)
    }

    fn read(&mut self, answer: &mut Response) -> Result<String> {
        ResultPages::read(self, answer)
    }

    fn refused(error: Box<Error>) -> Box<Error> {
        ResultPages::refused(error)
    }

    fn pieces(page: &String) -> impl ExactSizeIterator<Item = Vec<u8>> {
        page.as_bytes().chunks(PIECE).map(<[u8]>::to_vec)
    }

    fn memory(page: String) -> Vec<u8> {
        page.into_bytes()
    }
}

impl From<ResultSummary> for wit::ResultSummary {
    fn from(summary: ResultSummary) -> Self {
        Self { count: summary.count, usage: summary.usage.map(Into::into) }
    }
}
