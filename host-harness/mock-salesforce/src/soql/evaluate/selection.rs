//! Which records a `SELECT` is about: `FROM`, `WHERE`, `ORDER BY`, `LIMIT` and `OFFSET`.

mod semi_join;

use std::collections::HashSet;

use super::{
    super::ast::{FilterScope, Operand, Path, Position, Select},
    condition::{Filter, Operands, Within},
    found::Found,
    literal::Subject,
    order::SortKey,
    path::Scope,
    plan::Plan,
    term::Term,
};
use crate::{
    ApiError,
    org::{
        id::RecordId,
        table::{Row, Table},
        value::Key,
    },
};

/// The records of a `SELECT`, its names resolved.
#[derive(Debug, Clone)]
pub(super) struct Selection<'a> {
    table: &'a Table,
    include_deleted: bool,
    filter: Option<Filter<Term<'a>>>,
    order: Vec<SortKey<Term<'a>>>,
    limit: usize,
    offset: usize,
}

impl<'a> Selection<'a> {
    /// `joins` tells whether the condition may hold semi-joins.
    pub(super) fn compile(scope: Scope<'a>, select: &'a Select, joins: bool) -> Result<Self, ApiError> {
        let key = |order| SortKey::compile(scope.context, order, &mut Terms { scope, joins: false, sorts: true });
        Ok(Self {
            table: scope.table,
            include_deleted: scope.context.options.include_deleted,
            filter: filter(scope, select, joins)?,
            order: select.order_by.iter().map(key).collect::<Result<_, _>>()?,
            limit: select.limit.map_or(usize::MAX, saturating),
            offset: select.offset.map_or(0, saturating),
        })
    }

    /// The plan along all Ids.
    pub(super) fn by_id(&self) -> Plan<'a> {
        Plan::by_id(self.table, self.filter.as_ref(), &self.order)
    }

    /// Which records these are.
    pub(super) fn found(&self) -> Found {
        let all_are_taken = self.include_deleted || self.table.live() == self.table.len();
        match self.by_id().span().filter(|_| all_are_taken) {
            Some((span, down)) => {
                let (skipped, taken) = (self.offset.min(span.len()), self.limit);
                let end = skipped.saturating_add(taken).min(span.len());
                let within =
                    if down { span.end - end..span.end - skipped } else { span.start + skipped..span.start + end };
                Found::Span(within, down)
            }
            None => Found::Ids(self.rows().into_iter().map(|row| row.id).collect()),
        }
    }

    /// The plan along which the fewest records are looked at.
    pub(super) fn plan(&self) -> Plan<'a> {
        let wanted = self.limit.saturating_add(self.offset);
        Plan::new(self.table, self.filter.as_ref(), &self.order, wanted)
    }

    /// The records, in order.
    pub(super) fn rows(&self) -> Vec<&'a Row> {
        let plan = self.plan();
        let is_in_order = plan.is_in_order();
        let found = plan.rows().filter(|row| takes(self.filter.as_ref(), self.include_deleted, row));
        if is_in_order {
            return found.skip(self.offset).take(self.limit).collect();
        }
        self.arrange(by_id(found))
    }

    /// Those of the records whose lookup at `place` leads to this parent.
    pub(super) fn children(&self, place: usize, parent: RecordId) -> Vec<&'a Row> {
        let children = self.table.find_key(place, Key::Id(parent)).into_iter().flatten();
        self.arrange(children.filter(|row| takes(self.filter.as_ref(), self.include_deleted, row)).collect())
    }

    fn arrange(&self, mut rows: Vec<&'a Row>) -> Vec<&'a Row> {
        SortKey::sort(&self.order, &mut rows, |row, term| term.value(row));
        rows.into_iter().skip(self.offset).take(self.limit).collect()
    }
}

/// The condition of a `SELECT` over its records: `USING SCOPE` and `WHERE`.
pub(super) fn filter<'a>(
    scope: Scope<'a>,
    select: &'a Select,
    joins: bool,
) -> Result<Option<Filter<Term<'a>>>, ApiError> {
    let compile = |condition| Filter::compile(scope.context, condition, &mut Terms { scope, joins, sorts: false });
    let condition = select.condition.as_ref().map(compile).transpose()?;
    if select.scope != Some(FilterScope::Mine) {
        return Ok(condition);
    }
    let owner = Path { names: vec!["OwnerId".to_owned()], at: select.from.at };
    let user = RecordId::parse(scope.context.options.user_id).map_or(Key::Null, Key::Id);
    let mine = Filter::equals(scope.term(&Operand::Field(owner))?, user);
    Ok(Some(Filter::All(std::iter::once(mine).chain(condition).collect())))
}

/// The records that a condition takes, in the order of their making.
pub(super) fn matching<'a>(table: &'a Table, filter: Option<&Filter<Term<'a>>>, include_deleted: bool) -> Vec<&'a Row> {
    by_id(Plan::new(table, filter, &[], usize::MAX).rows().filter(|row| takes(filter, include_deleted, row)))
}

/// How many records a condition takes; no more than `most` are counted.
pub(super) fn count<'a>(
    table: &'a Table,
    filter: Option<&Filter<Term<'a>>>,
    include_deleted: bool,
    most: usize,
) -> usize {
    let all_are_taken = include_deleted || table.live() == table.len();
    let known = match filter {
        None => Some(if include_deleted { table.len() } else { table.live() }),
        Some(_) => Plan::by_id(table, filter, &[]).count().filter(|_| all_are_taken),
    };
    let counted = || {
        let rows = Plan::new(table, filter, &[], most).rows();
        rows.filter(|row| takes(filter, include_deleted, row)).take(most).count()
    };
    known.unwrap_or_else(counted).min(most)
}

fn by_id<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<&'a Row> {
    let mut rows: Vec<_> = rows.collect();
    // Ids count up. Most often they do already.
    rows.sort_by_key(|row| row.id);
    rows
}

fn takes<'a>(filter: Option<&Filter<Term<'a>>>, include_deleted: bool, row: &'a Row) -> bool {
    (include_deleted || !row.deleted) && filter.is_none_or(|filter| filter.takes(&|term| term.value(row)))
}

fn saturating(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Operands of `WHERE` and of `ORDER BY` without groups: terms.
struct Terms<'a> {
    scope: Scope<'a>,
    joins: bool,
    /// Whether they are for an order, which is by converted amounts.
    sorts: bool,
}

impl<'a> Operands<'a> for Terms<'a> {
    type Place = Term<'a>;

    fn resolve(&mut self, operand: &Operand) -> Result<(Term<'a>, Subject<'a>), ApiError> {
        let term = self.scope.term(operand)?;
        let subject = term.subject();
        let term = if self.sorts { term.in_corporate_currency(self.scope.context) } else { term };
        Ok((term, subject))
    }

    fn in_corporate_currency(&self, term: Term<'a>, _: Position) -> Result<Term<'a>, ApiError> {
        Ok(term.in_corporate_currency(self.scope.context))
    }

    fn join(&self, term: &Term<'a>, select: &'a Select, within: Within) -> Result<HashSet<Key>, ApiError> {
        if !self.joins {
            return Err(self.scope.malformed(select.from.at, "Nesting of semi join sub-selects is not supported"));
        }
        semi_join::keys(self.scope, term, select, within)
    }
}

#[cfg(test)]
mod tests;
