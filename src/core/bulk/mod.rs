//! Bulk API 2.0: queries and loads of many records, as jobs that Salesforce runs by itself.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_0.htm>
//!
//! `job` is what both kinds have, `query_job` and `ingest_job` make them, `upload` gives an ingest job its data, `end` aborts and
//! deletes. `query_results` and `ingest_results` read what a job gave. For a shell that sends for itself, `result_pages`
//! reads all pages, and `split` and `load` make jobs of data of any length. `csv` knows where a record ends, and no more: data are
//! text, from one side to the other.

mod advice;
mod csv;
mod cursor;
mod end;
mod ingest_job;
mod ingest_results;
mod job;
mod load;
mod query_job;
mod query_results;
mod result_pages;
mod split;
#[cfg(test)]
mod tests;
mod upload;

pub use cursor::ResultsCursor;
pub use end::{abort, delete};
pub use ingest_job::{ColumnDelimiter, IngestOperation, LineEnding, NewIngestJob, close_ingest_job, create_ingest_job};
pub use ingest_results::{IngestResult, IngestResults, get_ingest_results};
pub use job::{Job, JobKind, JobState, get_job};
pub use load::{Closing, LoadSummary, Loading, data_not_whole};
pub use query_job::create_query_job;
pub use query_results::{QueryResults, get_query_results};
pub use result_pages::{ResultPages, ResultSummary};
pub use split::{Between, Inside, Split};
pub use upload::{Upload, upload_job_data};
