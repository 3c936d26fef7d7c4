//! Jobs that query.

use super::job::{self, Job, JobKind};
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::Result;
use crate::core::http::Transport;
use crate::core::json::quoted;
use crate::core::soql::Query;

/// Makes a job of a query, of which only its text and whether it includes deleted records are used.
pub fn create_query_job(
    transport: &mut dyn Transport,
    connection: &Connection,
    query: &Query,
    options: &CallOptions,
) -> Result<Job> {
    let operation = if query.includes_deleted() { "queryAll" } else { "query" };
    let json = [
        "{\"operation\":\"",
        operation,
        "\",\"query\":",
        &quoted(query.soql()),
        ",\"contentType\":\"CSV\",\"columnDelimiter\":\"COMMA\",\"lineEnding\":\"LF\"}",
    ];
    let asked = [("operation", operation), ("columnDelimiter", "COMMA")];
    job::create(transport, connection, JobKind::Query, &asked, json.concat(), options)
}
