//! A read that the org answers only if something changed.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_conditional.htm>

use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::Result;
use crate::core::http::{Request, Response, Transport};
use crate::core::http_date;
use crate::core::send::{Repeat, send};

/// The answer to a GET; none if nothing changed since then (304).
pub(super) fn get(
    transport: &mut dyn Transport,
    connection: &Connection,
    path: &str,
    if_modified_since: Option<&str>,
    options: &CallOptions,
) -> Result<Option<Response>> {
    let mut request = Request::get(connection, path);
    let since = if_modified_since.map(|date| ("if-modified-since", date.into()));
    request.extra_headers.extend(since);
    match send(transport, &request, Repeat::Safe, options) {
        Ok(response) => Ok(Some(response)),
        // Whoever did not ask for it has nothing that it could be the same as.
        Err(error) if error.status == Some(304) && if_modified_since.is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

/// When what the answer tells last changed, as the next call may say it.
pub(super) fn last_modified(response: &Response) -> Option<String> {
    response.header("last-modified").filter(|date| http_date::parse(date).is_some()).map(Into::into)
}
