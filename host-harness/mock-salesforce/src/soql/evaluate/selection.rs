//! Which records a `SELECT` is about: `FROM`, `WHERE`, `ORDER BY`, `LIMIT` and `OFFSET`.

mod semi_join;

use std::collections::HashSet;

use super::{
    super::ast::{FilterScope, Operand, Path, Select},
    condition::{Filter, Operands, Within},
    literal::Subject,
    order::SortKey,
    path::Scope,
    term::Term,
};
use crate::{
    ApiError,
    org::{
        id::RecordId,
        schema::Kind,
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
        let key = |order| SortKey::compile(scope.context, order, &mut Terms { scope, joins: false });
        Ok(Self {
            table: scope.table,
            include_deleted: scope.context.options.include_deleted,
            filter: filter(scope, select, joins)?,
            order: select.order_by.iter().map(key).collect::<Result<_, _>>()?,
            limit: select.limit.map_or(usize::MAX, saturating),
            offset: select.offset.map_or(0, saturating),
        })
    }

    /// The records, in order.
    pub(super) fn rows(&self) -> Vec<&'a Row> {
        self.arrange(matching(self.table, self.filter.as_ref(), self.include_deleted))
    }

    /// Those of the records whose lookup at `place` leads to this parent.
    pub(super) fn children(&self, place: usize, parent: RecordId) -> Vec<&'a Row> {
        let children = self.table.find_key(place, &Key::Id(parent)).into_iter().flatten();
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
    let compile = |condition| Filter::compile(scope.context, condition, &mut Terms { scope, joins });
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
    let mut rows = match filter.and_then(|filter| candidates(table, filter)) {
        Some(rows) => rows,
        None => table.rows().iter().collect(),
    };
    rows.retain(|row| takes(filter, include_deleted, row));
    rows
}

fn takes<'a>(filter: Option<&Filter<Term<'a>>>, include_deleted: bool, row: &'a Row) -> bool {
    (include_deleted || !row.deleted) && filter.is_none_or(|filter| filter.takes(&|term| term.value(row)))
}

/// The records that indexes leave for a condition; none when every record must be looked at.
fn candidates<'a>(table: &'a Table, filter: &Filter<Term<'a>>) -> Option<Vec<&'a Row>> {
    match filter {
        Filter::All(all) => all.iter().filter_map(|filter| candidates(table, filter)).min_by_key(Vec::len),
        Filter::Test(Term::Field(column), test) if column.steps.is_empty() => {
            let mut rows: Vec<&Row> = match column.field.kind {
                Kind::Id => test
                    .keys()?
                    .iter()
                    .filter_map(|key| match key {
                        Key::Id(id) => table.row(*id),
                        _ => None,
                    })
                    .collect(),
                _ if column.field.has_index() => test
                    .keys()?
                    .iter()
                    .flat_map(|key| table.find_key(column.place, key).into_iter().flatten())
                    .collect(),
                _ => return None,
            };
            // Ids count up.
            rows.sort_unstable_by_key(|row| row.id);
            Some(rows)
        }
        Filter::Any(_) | Filter::Not(_) | Filter::Test(..) => None,
    }
}

fn saturating(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Operands of `WHERE` and of `ORDER BY` without groups: terms.
struct Terms<'a> {
    scope: Scope<'a>,
    joins: bool,
}

impl<'a> Operands<'a> for Terms<'a> {
    type Place = Term<'a>;

    fn resolve(&mut self, operand: &Operand) -> Result<(Term<'a>, Subject<'a>), ApiError> {
        let term = self.scope.term(operand)?;
        let subject = term.subject();
        Ok((term, subject))
    }

    fn join(&self, term: &Term<'a>, select: &'a Select, within: Within) -> Result<HashSet<Key>, ApiError> {
        if !self.joins {
            return Err(self.scope.malformed(select.from.at, "Nesting of semi join sub-selects is not supported"));
        }
        semi_join::keys(self.scope, term, select, within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        org::Org,
        soql::{self, QueryOptions, evaluate::Context},
    };

    /// How many records are looked at for a condition; none for all.
    fn looked_at(org: &Org, object: &str, condition: &str) -> Option<usize> {
        let query = soql::parse(&format!("SELECT Id FROM {object} WHERE {condition}")).unwrap();
        let options = QueryOptions { include_deleted: false, version: "v60.0", user_id: "0055g0000000000" };
        let scope = Scope::of_object(Context { org, source: &query.source, options }, &query.select).unwrap();
        let filter = filter(scope, &query.select, true).unwrap().unwrap();
        candidates(scope.table, &filter).map(|rows| rows.len())
    }

    #[test]
    fn ids_external_ids_and_lookups_are_found_by_index() {
        let org = Org::seeded(crate::org::EPOCH);
        for (object, condition, expected) in [
            ("Account", "Id = '0015g0000000000'", Some(1)),
            ("Account", "Id IN ('0015g0000000000', '0015g0000000001')", Some(2)),
            ("Account", "ERP_Id__c = 'ERP-000007'", Some(1)),
            ("Account", "ERP_Id__c = 'ERP-000007' AND Name LIKE '%'", Some(1)),
            ("Account", "OwnerId = '0055g0000000000' AND ERP_Id__c IN ('ERP-000007', 'ERP-000008')", Some(2)),
            ("Invoice__c", "Legacy_Number__c = 'L-0001'", Some(2)),
            ("Contact", "AccountId = '0015g0000000000'", Some(260)),
            ("Account", "Id != '0015g0000000000'", None),
            ("Account", "ERP_Id__c = null", None),
            ("Account", "Id = '0015g0000000000' OR Name = 'x'", None),
            ("Account", "Parent.ERP_Id__c = 'ERP-000007'", None),
            ("Account", "Name = 'x'", None),
        ] {
            assert_eq!(looked_at(&org, object, condition), expected, "{condition}");
        }
    }
}
