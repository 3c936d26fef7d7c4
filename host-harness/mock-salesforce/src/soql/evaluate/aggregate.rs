//! Queries that count records together: `COUNT()`, aggregate functions, `GROUP BY` and `HAVING`.
//!
//! Source: SOQL and SOSL Reference, "GROUP BY", "HAVING" and "Aggregate Functions".

use std::collections::{HashMap, HashSet};

use serde_json::{Value as Json, json};

use super::{
    super::{
        QueryRows,
        ast::{Aggregate, Item, Name, Operand, Path, Select},
    },
    Context,
    condition::{Filter, Operands, Within},
    group::Tally,
    literal::Subject,
    order::SortKey,
    path::{Column, Scope},
    selection,
};
use crate::{
    ApiError,
    org::{
        Record,
        table::Row,
        value::{Key, Value},
    },
};

/// How many groups an answer may have: there are no further pages of them.
const MAX_GROUPS: usize = 2_000;

/// Evaluates a query that returns groups, or a count alone.
pub(super) fn evaluate<'a>(context: Context<'a>, select: &'a Select) -> Result<QueryRows, ApiError> {
    let scope = Scope::of_object(context, select)?;
    let filter = selection::filter(scope, select, true)?;
    let rows = || selection::matching(scope.table, filter.as_ref(), context.options.include_deleted);
    let limit = select.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    if let [Item::Count] = select.items.as_slice() {
        refuse_around_count(scope, select)?;
        return Ok(QueryRows { total_size: rows().len().min(limit) as i64, records: Vec::new() });
    }
    let query = Grouping::compile(scope, select)?;
    let mut groups = query.groups(scope, select, &rows())?;
    groups.retain(|group| query.having.as_ref().is_none_or(|having| having.takes(&|cell| group_value(group, *cell))));
    SortKey::sort(&query.order, &mut groups, |group, cell| group_value(group, *cell));
    let offset = select.offset.and_then(|offset| usize::try_from(offset).ok()).unwrap_or_default();
    let records: Vec<_> = groups.iter().skip(offset).take(limit).map(|group| query.record(group)).collect();
    if records.len() > MAX_GROUPS {
        let message =
            "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch";
        return Err(ApiError::bad_request("EXCEEDED_ID_LIMIT", message));
    }
    Ok(QueryRows { total_size: records.len() as i64, records })
}

fn refuse_around_count(scope: Scope<'_>, select: &Select) -> Result<(), ApiError> {
    if select.group_by.is_empty() && select.order_by.is_empty() && select.offset.is_none() {
        return Ok(());
    }
    Err(scope.malformed(select.from.at, "COUNT() cannot stand with GROUP BY, ORDER BY or OFFSET; COUNT(Id) can"))
}

/// A group: the values of its keys, then those of its measures.
type Group = Vec<Value>;

fn group_value(group: &Group, cell: usize) -> &Value {
    static NULL: Value = Value::Null;
    group.get(cell).unwrap_or(&NULL)
}

/// What a query makes of groups, its names resolved. Cells are places in a [`Group`].
struct Grouping<'a> {
    cells: Cells<'a>,
    output: Vec<(String, usize)>,
    having: Option<Filter<usize>>,
    order: Vec<SortKey<usize>>,
}

/// The values a group has.
struct Cells<'a> {
    scope: Scope<'a>,
    keys: Vec<Column<'a>>,
    measures: Vec<(Aggregate, Column<'a>)>,
}

impl<'a> Grouping<'a> {
    fn compile(scope: Scope<'a>, select: &'a Select) -> Result<Self, ApiError> {
        let mut cells = Cells { scope, keys: Vec::new(), measures: Vec::new() };
        for path in &select.group_by {
            cells.group_by(path)?;
        }
        let mut output = Output { columns: Vec::new(), unnamed: 0 };
        for item in &select.items {
            let Item::Value(operand, alias) = item else {
                let message = "a query with aggregates selects grouped fields and aggregates of fields alone";
                return Err(scope.malformed(select.from.at, message));
            };
            let (cell, subject) = cells.resolve(operand)?;
            output.add(scope, operand, alias.as_ref(), cell, subject)?;
        }
        let having = select.having.as_ref().map(|condition| Filter::compile(scope.context, condition, &mut cells));
        let having = having.transpose()?;
        let order = select.order_by.iter().map(|order| SortKey::compile(scope.context, order, &mut cells));
        let order = order.collect::<Result<_, _>>()?;
        if select.group_by.is_empty() && (select.limit.is_some() || select.offset.is_some()) {
            let message = "Non-grouped query that uses overall aggregate functions cannot also use LIMIT";
            return Err(scope.malformed(select.from.at, message));
        }
        Ok(Self { cells, output: output.columns, having, order })
    }

    /// The groups, in the order of their first records. Without keys all records are one group, and none are one too.
    fn groups(&self, scope: Scope<'a>, select: &Select, rows: &[&'a Row]) -> Result<Vec<Group>, ApiError> {
        let Cells { keys, measures, .. } = &self.cells;
        let tallies =
            || measures.iter().map(|(aggregate, column)| Tally::new(*aggregate, &column.field.kind)).collect();
        let mut places = HashMap::new();
        let mut groups: Vec<(Group, Vec<Tally<'a>>)> = Vec::new();
        if keys.is_empty() {
            places.insert(Vec::new(), 0);
            groups.push((Vec::new(), tallies()));
        }
        for row in rows {
            let held: Vec<&Value> = keys.iter().map(|column| column.value(row)).collect();
            let key: Vec<Key> =
                keys.iter().zip(&held).map(|(column, value)| value.key(column.field.case_sensitive)).collect();
            let place = *places.entry(key).or_insert(groups.len());
            if place == groups.len() {
                groups.push((held.into_iter().cloned().collect(), tallies()));
            }
            let Some((_, tallies)) = groups.get_mut(place) else { continue };
            for (tally, (_, column)) in tallies.iter_mut().zip(measures) {
                tally.add(column.value(row), column.field.case_sensitive);
            }
        }
        let finished = groups.into_iter().map(|(mut group, tallies)| {
            for tally in tallies {
                group.push(tally.value()?);
            }
            Some(group)
        });
        finished.collect::<Option<_>>().ok_or_else(|| {
            let message = "a sum has more digits than a number can have";
            scope.context.source.error("NUMBER_OUTSIDE_VALID_RANGE", select.from.at, message)
        })
    }

    fn record(&self, group: &Group) -> Json {
        let mut record = Record::with_capacity(self.output.len() + 1);
        record.insert("attributes".to_owned(), json!({"type": "AggregateResult"}));
        for (name, cell) in &self.output {
            record.insert(name.clone(), group_value(group, *cell).to_json());
        }
        Json::Object(record)
    }
}

/// The columns of the answer.
struct Output {
    columns: Vec<(String, usize)>,
    /// How many aggregates have no alias.
    unnamed: usize,
}

impl Output {
    fn add(
        &mut self,
        scope: Scope<'_>,
        operand: &Operand,
        alias: Option<&Name>,
        cell: usize,
        subject: Subject<'_>,
    ) -> Result<(), ApiError> {
        let name = match (alias, operand) {
            (Some(alias), _) => alias.text.clone(),
            (None, Operand::Field(_)) => subject.name.to_owned(),
            (None, Operand::Aggregate(..)) => {
                self.unnamed += 1;
                format!("expr{}", self.unnamed - 1)
            }
        };
        if self.columns.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            return Err(scope.malformed(subject.at, &format!("duplicate alias: {name}")));
        }
        self.columns.push((name, cell));
        Ok(())
    }
}

impl<'a> Cells<'a> {
    fn group_by(&mut self, path: &Path) -> Result<(), ApiError> {
        let column = self.scope.column(path)?;
        if !column.field.kind.is_groupable() {
            let message = format!("field '{}' can not be grouped in a query call", column.field.name);
            return Err(self.scope.malformed(path.at, &message));
        }
        self.keys.push(column);
        Ok(())
    }
}

impl<'a> Operands<'a> for Cells<'a> {
    type Place = usize;

    fn resolve(&mut self, operand: &Operand) -> Result<(usize, Subject<'a>), ApiError> {
        let (Operand::Field(path) | Operand::Aggregate(_, path)) = operand;
        let column = self.scope.column(path)?;
        let subject = column.subject();
        let key = self.keys.iter().position(|key| key.is_same(&column));
        let Operand::Aggregate(aggregate, _) = operand else {
            let message = format!("Field must be grouped or aggregated: {}", subject.name);
            return key.map(|key| (key, subject)).ok_or_else(|| self.scope.malformed(path.at, &message));
        };
        if key.is_some() {
            let message = format!("Grouped field should not be aggregated: {}", subject.name);
            return Err(self.scope.malformed(path.at, &message));
        }
        if !aggregate.supports(subject.kind) {
            let message = format!("field {} does not support aggregate operator {}", subject.name, aggregate.name());
            return Err(self.scope.malformed(path.at, &message));
        }
        let is_same = |(known, of): &(Aggregate, Column<'_>)| known == aggregate && of.is_same(&column);
        let place = self.measures.iter().position(is_same).unwrap_or(self.measures.len());
        if place == self.measures.len() {
            self.measures.push((*aggregate, column));
        }
        let subject = Subject { kind: aggregate.kind(subject.kind), ..subject };
        Ok((self.keys.len() + place, subject))
    }

    fn join(&self, _: &usize, select: &'a Select, _: Within) -> Result<HashSet<Key>, ApiError> {
        Err(self.scope.malformed(select.from.at, "HAVING takes no sub-selects"))
    }
}
