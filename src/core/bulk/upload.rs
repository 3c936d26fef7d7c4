//! The data of an ingest job.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/upload_job_data.htm>

use super::csv::{Records, unmark};
use super::job::JobKind;
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::http::{Body, Method, Request, Response, Transport};
use crate::core::record_id::RecordId;
use crate::core::send::{Repeat, send};

/// CSV with a header and at least one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    csv: String,
    rows: u64,
}

impl Upload {
    /// Counts the rows. The text is neither copied nor changed, but for a byte order mark, which Salesforce would take for a
    /// part of the first column's name.
    pub fn parse(mut csv: String) -> Result<Self> {
        unmark(&mut csv);
        let Some(records) = Records::of(&csv) else {
            return Err(Error::invalid_argument(
                "csv",
                "CSV whose last quote is closed; a quote in a value is doubled",
            ));
        };
        match records.count {
            0 | 1 => Err(Error::invalid_argument("csv", "CSV with a header row and at least one row more")),
            count => Ok(Self { csv, rows: count - 1 }),
        }
    }
}

/// Gives a job its data; answers how many rows they have.
pub fn upload_job_data(
    transport: &mut dyn Transport,
    connection: &Connection,
    job: &RecordId,
    data: Upload,
    options: &CallOptions,
) -> Result<(u64, Option<ApiUsage>)> {
    let request = request(connection, job, data.csv.into_bytes());
    let sent = send(transport, &request, Repeat::Never, options).and_then(|response| read(&response));
    let usage = sent.map_err(|error| {
        error.if_unknown("; the job is open, so nothing was processed: abort it, and begin with a new one")
    })?;
    Ok((data.rows, usage))
}

/// The request that gives a job these data.
pub(super) fn request<'a>(connection: &'a Connection, job: &RecordId, csv: Vec<u8>) -> Request<'a> {
    let body = Body { content_type: "text/csv; charset=UTF-8".into(), bytes: csv };
    Request::send_body(connection, Method::Put, &JobKind::Ingest.path_to(job, "/batches"), body)
}

/// Whether the data were taken.
pub(super) fn read(response: &Response) -> Result<Option<ApiUsage>> {
    match response.status {
        201 => Ok(ApiUsage::of(response)),
        _ => Err(Error::invalid_response("expected status 201 for an upload").with_answer(response)),
    }
}
