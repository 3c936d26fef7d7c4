//! Whether the `WHERE` of a query holds for one record, which the org need not hold yet.

use super::{
    super::{QueryOptions, ast::Query},
    Context,
    path::Scope,
    selection,
};
use crate::{
    ApiError,
    org::{Org, table::Row},
};

/// Without a record, it only resolves the names.
pub(in crate::soql) fn holds(org: &Org, query: &Query, row: Option<&Row>) -> Result<bool, ApiError> {
    let options = QueryOptions { include_deleted: true, version: "", user_id: "" };
    let scope = Scope::of_object(Context { org, source: &query.source, options }, &query.select)?;
    let filter = selection::filter(scope, &query.select, true)?;
    Ok(match (&filter, row) {
        (Some(filter), Some(row)) => filter.takes(&|column| column.value(row)),
        _ => false,
    })
}
