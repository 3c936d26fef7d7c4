//! Queries over objects whose records are generated: what the numbers of records do not answer is evaluated over a table of
//! the few records that have to be looked at.

use super::{
    super::ast::{Item, Select},
    Context, is_aggregate,
    path::Scope,
    plan::Plan,
    selection::{self, Selection},
};
use crate::{
    ApiError,
    org::{Org, RecordId, generated, table::Table},
};

/// The org with a table of the generated records that a query has to look at; none when it has to look at none, or its
/// object is stored.
pub(super) fn looked_at<'a>(context: Context<'a>, select: &'a Select) -> Result<Option<Org>, ApiError> {
    let Some(table) = context.org.find_table(&select.from.text).filter(|table| table.is_generated()) else {
        return Ok(None);
    };
    let scope = Scope::of_object(context, select)?;
    let plan = if is_aggregate(select) {
        let filter = selection::filter(scope, select, true)?;
        let plan = Plan::by_id(table, filter.as_ref(), &[]);
        if matches!(select.items.as_slice(), [Item::Count]) && plan.count().is_some() {
            return Ok(None);
        }
        plan
    } else {
        let plan = Selection::compile(scope, select, true)?.by_id();
        if plan.span().is_some() {
            return Ok(None);
        }
        plan
    };
    generated::check_few(table, plan.len())?;
    context.org.with_generated(table.object.name, plan.places()).map(Some)
}

/// The org with a table of these generated records; none when they are stored.
pub(super) fn holding(context: Context<'_>, table: &Table, ids: &[RecordId]) -> Result<Option<Org>, ApiError> {
    if !table.is_generated() {
        return Ok(None);
    }
    let numbers = ids.iter().filter_map(|id| table.number(*id));
    context.org.with_generated(table.object.name, numbers).map(Some)
}
