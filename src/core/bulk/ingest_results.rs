//! What became of the rows of an ingest job.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/get_job_failed_results.htm>, and those beside it.

use super::csv;
use super::job::JobKind;
use super::query_results::get;
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Transport};
use crate::core::record_id::RecordId;
use crate::core::text::contains;

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each case is documented once, in wit/bulk.wit")]
pub enum IngestResult {
    Successful,
    Failed,
    Unprocessed,
}

impl IngestResult {
    /// What Salesforce tells of each row, in lower case.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Successful => &["sf__id", "sf__created"],
            Self::Failed => &["sf__id", "sf__error"],
            Self::Unprocessed => &[],
        }
    }
}

/// Rows of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestResults {
    /// The header and the rows.
    pub csv: String,
    /// How many rows there are.
    pub count: u64,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

/// Reads all rows of a kind.
pub fn get_ingest_results(
    transport: &mut dyn Transport,
    connection: &Connection,
    job: &RecordId,
    which: IngestResult,
    options: &CallOptions,
) -> Result<IngestResults> {
    let below = match which {
        IngestResult::Successful => "/successfulResults",
        IngestResult::Failed => "/failedResults",
        IngestResult::Unprocessed => "/unprocessedrecords",
    };
    let mut response = get(transport, Request::get(connection, &JobKind::Ingest.path_to(job, below)), options)
        .map_err(|error| error.if_too_large("; the results of a job come whole: load less in one job"))?;
    let (mut csv, records) = csv::take_counting(&mut response).map_err(|error| error.with_answer(&response))?;
    let header = csv.get(..records.first_end).unwrap_or_default().to_ascii_lowercase();
    if records.count > 0 && !which.columns().iter().all(|column| contains(&header, column)) {
        let message = ["expected a header with ", &which.columns().join(" and "), ", but none came"];
        return Err(Error::invalid_response(message.concat()).with_answer(&response));
    }
    if which == IngestResult::Failed {
        // `sf__Error` is a server's text, and may repeat the token.
        connection.access_token.redact_whole_from(&mut csv);
    }
    Ok(IngestResults { csv, count: records.count.saturating_sub(1), usage: ApiUsage::of(&response) })
}
