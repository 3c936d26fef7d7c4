//! The records of all pages of a query.

use salesforce_actions::{Call, count_of, parameters};
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::types::ErrorKind;
use salesforce_streams::bindings::{Query, Summary};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::super::failure::Failure;
use super::super::written::Written;
use super::{Streams, input};

#[derive(Deserialize)]
struct Input {
    query: Asked,
}

/// A query as JSON has it. How many records a call gives is of no interest to a stream.
#[derive(Deserialize)]
struct Asked {
    soql: String,
    parameters: Option<Box<RawValue>>,
    #[serde(default)]
    include_deleted: bool,
    batch_size: Option<u16>,
}

impl Asked {
    fn into_query(self) -> Result<Query, Failure> {
        let Asked { soql, parameters, include_deleted, batch_size } = self;
        let parameters = parameters.map(|bound| parameters::from_file(bound.get())).transpose();
        Ok(Query {
            soql,
            parameters: parameters.map_err(Failure::Usage)?.unwrap_or_default(),
            include_deleted,
            batch_size,
        })
    }
}

/// Writes all records of the query to standard output as they come.
///
/// # Errors
/// As [`super::run`]. What was written until then is not the whole result.
pub(super) async fn all(streams: &Streams, call: &Call, csv: bool) -> Result<(), Failure> {
    let query = input::<Input>(call)?.query.into_query()?;
    let all = streams.call(call, async |instance, connection| {
        let mut records = instance.query_records(connection, query.clone(), streams.options);
        let mut written = Written::new(csv);
        while let Some(piece) = records.next_piece().await {
            if let Err(failure) = written.add(&format!("[{}]", piece.join(",")), piece.len() as u64) {
                return Ok(Err(failure));
            }
        }
        match records.finish().await {
            Ok(summary) => Ok(ended(&summary, call, written)),
            Err(error) if written.records() == 0 => Err(error),
            Err(error) => Ok(Err(Failure::reading(broken(error, written.records())))),
        }
    });
    all.await
}

/// Records that are written cannot be asked for again. A session that has expired by then is refreshed by the next command.
fn broken(mut error: ExecutionError, records: u64) -> ExecutionError {
    if let ExecutionError::Connector(error) = &mut error
        && error.kind == ErrorKind::SessionExpired
    {
        (error.kind, error.retryable) = (ErrorKind::Interrupted, true);
        error.message = format!(
            "the session expired after {records} records, behind which a stream cannot go on; the same command begins anew and \
             refreshes the session ({})",
            error.message
        );
    }
    error
}

fn ended(summary: &Summary, call: &Call, written: Written) -> Result<(), Failure> {
    if summary.cut_children > 0 {
        let words = format!(
            "sub-queries that hold fewer rows than they have: {}; to have all of them, ask with --all --all-children and without \
             --streams",
            summary.cut_children
        );
        written.warn(&words);
    }
    written.end(count_of(call, summary.count, summary.total_size, false))
}
