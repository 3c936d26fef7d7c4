//! What a search found.

use crate::core::api_usage::ApiUsage;
use crate::core::error::{Error, Result};
use crate::core::http::Response;
use crate::core::json::{Object, required};

/// Records that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// JSON array of records, as they came.
    pub records: String,
    /// How many.
    pub count: u32,
    /// API usage, if the answer told it.
    pub usage: Option<ApiUsage>,
}

impl Found {
    /// Reads an answer, which may have no more records than `limit`.
    pub(super) fn read(response: &Response, limit: Option<u16>) -> Result<Self> {
        let read = || {
            let answer = Object::parse(&response.body, "a search result")?;
            let records = required("searchRecords", answer.list("searchRecords")?)?;
            let rows = answer.elements("searchRecords")?.unwrap_or_default();
            if !rows.iter().all(|row| row.as_str().starts_with('{')) {
                return Err(Error::invalid_response("expected every record to be a JSON object"));
            }
            if limit.is_some_and(|limit| rows.len() > limit.into()) {
                return Err(Error::invalid_response("there are more records than the limit of the search"));
            }
            let usage = response.header("sforce-limit-info").and_then(ApiUsage::parse);
            let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            Ok(Self { records: records.as_str().into(), count, usage })
        };
        read().map_err(|error: Box<Error>| error.with_answer(response))
    }
}
