//! SOQL: text to syntax tree, and the tree evaluated over an [`Org`]. Not for paging, which is the server's.

pub mod ast;
pub(crate) mod cursor;
mod dates;
mod escapes;
mod evaluate;
mod keywords;
mod lexer;
mod parser;
mod source;
mod unknown;

use serde_json::Value;

pub use evaluate::Columns;
pub use unknown::Unknown;

use self::{ast::Select, evaluate::Answer};
use crate::{
    ApiError,
    org::{Org, table::Row},
};

/// What a request says beside the query itself.
#[derive(Debug, Clone, Copy)]
pub struct QueryOptions<'a> {
    /// Whether deleted records count (`queryAll`).
    pub include_deleted: bool,
    /// The API version of the request, such as `v60.0`, for the URLs in `attributes`.
    pub version: &'a str,
    /// Who asks: an Id. Whose records are `mine`, and whose time zone `convertTimezone` means.
    pub user_id: &'a str,
}

/// The whole result of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryRows {
    /// How many records matched, as `totalSize` tells it: -1 if the org does not know. For `SELECT COUNT()` the count itself.
    pub total_size: i64,
    /// All records, `attributes` first; a child sub-query is `null` or a whole `{totalSize, done: true, records}`.
    pub records: Vec<Value>,
}

/// Parses SOQL.
///
/// # Errors
/// 400 `MALFORMED_QUERY` for anything outside of Salesforce's grammar; 501 `UNKNOWN_TO_THE_MOCK` for what is within and the
/// mock does not know, see [`Unknown`]; 400 `NUMBER_OUTSIDE_VALID_RANGE` for an offset beyond 2,000.
pub fn parse(soql: &str) -> Result<ast::Query, ApiError> {
    parser::parse(soql)
}

/// Parses the `WHERE` of a query over an object, such as `Amount__c < 0`.
///
/// # Errors
/// Those of [`parse`]; 400 `MALFORMED_QUERY` when it is more than a condition.
pub(crate) fn parse_condition(object: &str, condition: &str) -> Result<ast::Query, ApiError> {
    let query = parse(&format!("SELECT Id FROM {object} WHERE ({condition})"))?;
    let Select { items, group_by, having, order_by, limit, offset, .. } = &query.select;
    let is_more = items.len() != 1
        || !group_by.is_empty()
        || having.is_some()
        || !order_by.is_empty()
        || limit.or(*offset).is_some();
    if is_more {
        let message = "expected a condition as WHERE has it, and nothing after it";
        return Err(ApiError::bad_request("MALFORMED_QUERY", message));
    }
    Ok(query)
}

/// Whether the `WHERE` of a query is true of a record, which the org need not hold yet. Without a record, only the names are
/// looked up.
///
/// # Errors
/// Those of [`evaluate()`].
pub(crate) fn holds(org: &Org, query: &ast::Query, row: Option<&Row>) -> Result<bool, ApiError> {
    evaluate::record::holds(org, query, row)
}

/// Evaluates a query over the org's records.
///
/// # Errors
/// 400 `INVALID_FIELD`, `INVALID_TYPE`, `MALFORMED_QUERY`, `INVALID_QUERY_FILTER_OPERATOR`.
pub fn evaluate(org: &Org, query: &ast::Query, options: &QueryOptions<'_>) -> Result<QueryRows, ApiError> {
    Ok(match evaluate::find(org, query, options)? {
        Answer::Groups(groups) => groups,
        Answer::Records(total_size, found) => {
            QueryRows { total_size, records: evaluate::write(org, query, options, &found, 0..found.len())? }
        }
    })
}

/// The field of the index that leads to the records of a query, and how many records are looked at; none if it is all of them.
///
/// # Errors
/// Those of [`evaluate()`].
pub(crate) fn leading_index(
    org: &Org,
    query: &ast::Query,
    options: &QueryOptions<'_>,
) -> Result<Option<(&'static str, usize)>, ApiError> {
    evaluate::leading_index(org, query, options)
}

/// What a query would return, without evaluating it: the answer to `columns=true`.
///
/// # Errors
/// Those of [`evaluate()`].
pub fn columns(org: &Org, query: &ast::Query, options: &QueryOptions<'_>) -> Result<Columns, ApiError> {
    evaluate::columns(org, query, options)
}
