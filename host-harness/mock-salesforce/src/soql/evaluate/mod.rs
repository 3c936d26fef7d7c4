//! From a syntax tree and an org to rows.
//!
//! Every name is resolved once, in [`path`], [`entity`] and [`term`], and every literal takes the type of its field once, in
//! [`literal`]. What remains is run over the records: [`selection`] finds them (by the index that [`plan`] chooses), [`order`] sorts them,
//! and either [`rows`] writes them out or [`aggregate`] counts them together.

mod aggregate;
mod columns;
mod condition;
mod date_part;
mod distance;
mod entity;
mod format;
pub(super) mod found;
mod generated;
mod group;
mod like;
mod literal;
mod money;
mod order;
mod path;
mod plan;
pub(super) mod record;
mod rows;
mod selection;
mod term;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use columns::Columns;
use jiff::tz::TimeZone;
use serde_json::Value as Json;

use self::{found::Found, path::Scope, plan::Plan, selection::Selection};
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

/// The result of a query.
pub(super) enum Answer {
    /// Groups, or a count.
    Groups(QueryRows),
    /// Records, and how many the query says there are.
    Records(i64, Found),
}

/// Evaluates a query, and writes no record yet.
pub(super) fn find<'a>(org: &'a Org, query: &'a Query, options: &QueryOptions<'a>) -> Result<Answer, ApiError> {
    let context = Context { org, source: &query.source, options: *options };
    if let Some(at) = query.select.for_update.filter(|_| !query.select.order_by.is_empty()) {
        return Err(query.source.malformed(at, "FOR UPDATE cannot stand with ORDER BY"));
    }
    let Some(org) = generated::looked_at(context, &query.select)? else {
        return find_in(context, query);
    };
    let context = Context { org: &org, ..context };
    Ok(match find_in(context, query)? {
        // Places in that table are no places in the generated one.
        Answer::Records(total_size, found) => {
            let table = context.find_object(&query.select.from)?;
            Answer::Records(total_size, Found::Ids(found.ids(table, 0..found.len())))
        }
        groups @ Answer::Groups(_) => groups,
    })
}

fn find_in<'a>(context: Context<'a>, query: &'a Query) -> Result<Answer, ApiError> {
    if is_aggregate(&query.select) {
        return aggregate::evaluate(context, &query.select).map(Answer::Groups);
    }
    rows::find(context, &query.select).map(|(total_size, found)| Answer::Records(total_size, found))
}

/// The field of the index that leads to the records of a query, and how many of them are looked at; none if it is all of them.
pub(super) fn leading_index<'a>(
    org: &'a Org,
    query: &'a Query,
    options: &QueryOptions<'a>,
) -> Result<Option<(&'static str, usize)>, ApiError> {
    let context = Context { org, source: &query.source, options: *options };
    let scope = Scope::of_object(context, &query.select)?;
    let plan = if is_aggregate(&query.select) {
        let filter = selection::filter(scope, &query.select, true)?;
        Plan::new(scope.table, filter.as_ref(), &[], usize::MAX)
    } else {
        Selection::compile(scope, &query.select, true)?.plan()
    };
    Ok(plan.leading_field().map(|field| (field, plan.len())))
}

/// Writes the records at these positions of a result. The org is as it was when they were found.
pub(super) fn write<'a>(
    org: &'a Org,
    query: &'a Query,
    options: &QueryOptions<'a>,
    found: &Found,
    positions: Range<usize>,
) -> Result<Vec<Json>, ApiError> {
    let context = Context { org, source: &query.source, options: *options };
    let table = context.find_object(&query.select.from)?;
    let ids = found.ids(table, positions);
    match generated::holding(context, table, &ids)? {
        Some(org) => rows::write(Context { org: &org, ..context }, &query.select, &ids),
        None => rows::write(context, &query.select, &ids),
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
