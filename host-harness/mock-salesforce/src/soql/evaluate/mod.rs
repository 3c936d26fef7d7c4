//! From a syntax tree and an org to rows.
//!
//! Every name is resolved once, in [`path`], [`entity`] and [`term`], and every literal takes the type of its field once, in
//! [`literal`]. What remains is run over the records: [`selection`] finds them (by index where `WHERE` allows it), [`order`] sorts them,
//! and either [`rows`] writes them out or [`aggregate`] counts them together.

mod aggregate;
mod columns;
mod condition;
mod date_part;
mod distance;
mod entity;
mod format;
mod group;
mod like;
mod literal;
mod order;
mod path;
pub(super) mod record;
mod rows;
mod selection;
mod term;
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;

pub use columns::Columns;

use super::{
    QueryOptions, QueryRows,
    ast::{Item, Operand, Query, Select, Source},
};
use crate::{ApiError, org::Org};

/// What every part of an evaluation knows.
#[derive(Debug, Clone, Copy)]
struct Context<'a> {
    org: &'a Org,
    source: &'a Source,
    options: QueryOptions<'a>,
}

impl Context<'_> {
    /// The time zone of who asks; UTC when nobody knows it.
    fn time_zone(&self) -> TimeZone {
        self.org.time_zone(self.options.user_id).unwrap_or(TimeZone::UTC)
    }
}

/// Evaluates a query; see [`super::evaluate`].
pub(super) fn evaluate<'a>(org: &'a Org, query: &'a Query, options: &QueryOptions<'a>) -> Result<QueryRows, ApiError> {
    let context = Context { org, source: &query.source, options: *options };
    if let Some(at) = query.select.for_update.filter(|_| !query.select.order_by.is_empty()) {
        return Err(query.source.malformed(at, "FOR UPDATE cannot stand with ORDER BY"));
    }
    if is_aggregate(&query.select) {
        aggregate::evaluate(context, &query.select)
    } else {
        rows::evaluate(context, &query.select)
    }
}

/// The columns of a query; see [`super::columns`].
pub(super) fn columns<'a>(org: &'a Org, query: &'a Query, options: &QueryOptions<'a>) -> Result<Columns, ApiError> {
    columns::columns(Context { org, source: &query.source, options: *options }, &query.select)
}

fn is_aggregate(select: &Select) -> bool {
    let aggregates = |item: &Item| match item {
        Item::Count | Item::Value(Operand::Aggregate(..) | Operand::Grouping(_) | Operand::Date(..), _) => true,
        Item::Value(Operand::Format(inner), _) => matches!(**inner, Operand::Aggregate(..)),
        _ => false,
    };
    !select.group_by.is_empty() || select.items.iter().any(aggregates)
}
