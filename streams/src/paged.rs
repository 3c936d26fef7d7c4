//! Pages that become one stream: what to ask for next is the core's, how fast is the reader's.

use salesforce_connector::core::call_options::CallOptions;
use salesforce_connector::core::connection::Connection;
use salesforce_connector::core::error::{Error, Result};
use salesforce_connector::core::http::{Request, Response};
use wit_bindgen::StreamWriter;

use crate::both::both;
use crate::call;
use crate::export::write;
use crate::world::exports::workflow::salesforce::types as wit;

/// Pages, one after the other.
pub(crate) trait Paged {
    /// What the stream has.
    type Item: 'static;
    /// What an answer has.
    type Page;

    /// The request for the page that comes next. None: the last one was read.
    fn request<'a>(&self, connection: &'a Connection) -> Option<Request<'a>>;

    /// Reads the answer to it, of which the body is taken.
    fn read(&mut self, answer: &mut Response) -> Result<Self::Page>;

    /// The error of a request that gave no answer, as the caller is told.
    fn refused(error: Box<Error>) -> Box<Error> {
        error
    }

    /// A page in pieces that are handed over at once. Each is copied out of the page for it.
    fn pieces(page: &Self::Page) -> impl ExactSizeIterator<Item = Vec<Self::Item>>;

    /// The memory of a page that was handed over: the page after the next comes there. Two pages take the memory of two then,
    /// however many there are and however their sizes differ.
    fn memory(page: Self::Page) -> Vec<u8>;
}

/// Reads what all functions are called with.
pub(crate) fn parse(on: &wit::Connection, options: wit::CallOptions) -> Result<(Connection, CallOptions)> {
    let options = CallOptions::parse(options.deadline_ms, options.max_response_bytes, options.attempts)?;
    Ok((Connection::parse(&on.instance_url, &on.access_token, on.api_version.as_deref())?, options))
}

/// Hands over all pages, as fast as they are taken.
pub(crate) async fn hand_over<P: Paged>(
    pages: &mut P,
    stream: &mut StreamWriter<P::Item>,
    connection: &Connection,
    options: &CallOptions,
) -> Result<()> {
    let Some(request) = pages.request(connection) else { return Ok(()) };
    let mut answer = call::read(&request, options, Vec::new()).await.map_err(P::refused)?;
    let mut room = Vec::new();
    loop {
        let page = pages.read(&mut answer)?;
        let mut pieces = P::pieces(&page);
        for _ in 0..pieces.len() / 2 {
            write(stream, pieces.next().unwrap_or_default()).await?;
        }
        let rest = async {
            for piece in pieces {
                write(stream, piece).await?;
            }
            Ok(())
        };
        let Some(request) = pages.request(connection) else { return rest.await };
        // The next page comes while the rest of this one is read.
        answer = both(rest, call::read(&request, options, room)).await?.1.map_err(P::refused)?;
        room = P::memory(page);
    }
}
