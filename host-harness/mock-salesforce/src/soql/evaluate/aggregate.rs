//! Queries that count records together: `COUNT()`, aggregate functions, `GROUP BY` and `HAVING`.
//!
//! Source: SOQL and SOSL Reference, "GROUP BY", "HAVING" and "Aggregate Functions".

mod cells;
mod groups;

use std::borrow::Cow;

use serde_json::{Value as Json, json};

use super::{
    super::{
        QueryRows,
        ast::{Aggregate, Item, Name, Operand, Select},
    },
    Context,
    columns::ColumnMetadata,
    condition::Filter,
    format::Format,
    literal::Subject,
    money::{Shown, Whose},
    order::SortKey,
    path::Scope,
    selection,
};
use crate::{
    ApiError,
    org::{Record, schema::Kind},
};
use cells::{Cell, Cells};
use groups::Group;

/// How many groups an answer may have: there are no further pages of them.
const MAX_GROUPS: usize = 2_000;
/// How many values all groups of an answer may have.
const MAX_VALUES: usize = 500_000;
static TEXT: Kind = Kind::Text(255);

/// Evaluates a query that returns groups, or a count alone.
pub(super) fn evaluate<'a>(context: Context<'a>, select: &'a Select) -> Result<QueryRows, ApiError> {
    let scope = Scope::of_object(context, select)?;
    let filter = selection::filter(scope, select, true)?;
    let include_deleted = context.options.include_deleted;
    let limit = select.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    if let [Item::Count] = select.items.as_slice() {
        refuse_around_count(scope, select)?;
        let count = selection::count(scope.table, filter.as_ref(), include_deleted, limit);
        return Ok(QueryRows { total_size: count as i64, records: Vec::new() });
    }
    let query = Grouping::compile(scope, select)?;
    let rows = selection::matching(scope.table, filter.as_ref(), include_deleted);
    let mut groups = query.cells.groups(scope, select, &rows)?;
    let value = |group: &'_ Group, cell: &Cell| group.value(*cell).clone();
    groups.retain(|group| {
        query.having.as_ref().is_none_or(|having| having.takes(&|cell| Cow::Owned(value(group, cell))))
    });
    SortKey::sort(&query.order, &mut groups, |group, cell| Cow::Borrowed(group.value(*cell)));
    let offset = select.offset.and_then(|offset| usize::try_from(offset).ok()).unwrap_or_default();
    let told = groups.get(offset..).unwrap_or_default();
    let told = told.get(..limit).unwrap_or(told);
    if told.len() > MAX_GROUPS {
        let message =
            "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch";
        return Err(ApiError::bad_request("EXCEEDED_ID_LIMIT", message));
    }
    if told.len() * query.output.len() > MAX_VALUES {
        let message = format!("the answer has more than {MAX_VALUES} values: select less, or use LIMIT");
        return Err(ApiError::bad_request("QUERY_TOO_COMPLICATED", message));
    }
    let records: Vec<_> = told.iter().map(|group| query.record(group)).collect();
    Ok(QueryRows { total_size: records.len() as i64, records })
}

/// The columns of a query that returns groups: none of a count alone.
pub(super) fn columns<'a>(context: Context<'a>, select: &'a Select) -> Result<Vec<ColumnMetadata>, ApiError> {
    let scope = Scope::of_object(context, select)?;
    if let [Item::Count] = select.items.as_slice() {
        refuse_around_count(scope, select)?;
        return Ok(Vec::new());
    }
    let mut query = Grouping::compile(scope, select)?;
    let items = select.items.iter().filter_map(|item| match item {
        Item::Value(operand, _) => Some(operand),
        _ => None,
    });
    let column = |(operand, (name, _)): (&Operand, &(String, Column))| match operand {
        Operand::Field(path) => Ok(ColumnMetadata::field(scope.column(path)?.field)),
        Operand::Aggregate(aggregate, path) => {
            let written = format!("{}({})", aggregate.name().to_lowercase(), path.names.join("."));
            Ok(ColumnMetadata::function(name, query.cells.cell(operand)?.1.kind, written))
        }
        Operand::Format(_) => Ok(ColumnMetadata::function(name, &TEXT, name.clone())),
        _ => Ok(ColumnMetadata::function(name, query.cells.cell(operand)?.1.kind, name.clone())),
    };
    items.zip(&query.output).map(column).collect()
}

fn refuse_around_count(scope: Scope<'_>, select: &Select) -> Result<(), ApiError> {
    if select.group_by.is_empty() && select.order_by.is_empty() && select.offset.is_none() {
        return Ok(());
    }
    Err(scope.malformed(select.from.at, "COUNT() cannot stand with GROUP BY, ORDER BY or OFFSET; COUNT(Id) can"))
}

/// What a query makes of groups, its names resolved.
struct Grouping<'a> {
    cells: Cells<'a>,
    output: Vec<(String, Column)>,
    having: Option<Filter<Cell>>,
    order: Vec<SortKey<Cell>>,
}

impl<'a> Grouping<'a> {
    fn compile(scope: Scope<'a>, select: &'a Select) -> Result<Self, ApiError> {
        let mut cells = Cells::group_by(scope, select)?;
        let mut output = Output { columns: Vec::new(), unnamed: 0 };
        for item in &select.items {
            let Item::Value(operand, alias) = item else {
                let message = "a query with aggregates selects grouped fields and aggregates of fields alone";
                return Err(scope.malformed(select.from.at, message));
            };
            let (operand, format) = match operand {
                Operand::Format(inner) => (&**inner, Some(format(scope, inner)?)),
                _ => (operand, None),
            };
            let (cell, subject) = cells.cell(operand)?;
            output.add(scope, operand, alias.as_ref(), Column { cell, format }, subject)?;
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

    fn record(&self, group: &Group) -> Json {
        let mut record = Record::with_capacity(self.output.len() + 1);
        record.insert("attributes".to_owned(), json!({"type": "AggregateResult"}));
        for (name, column) in &self.output {
            let value = group.value(column.cell);
            let value =
                column.format.as_ref().map_or_else(|| value.to_json(), |format| format.of_value(value).to_json());
            record.insert(name.clone(), value);
        }
        Json::Object(record)
    }
}

/// How the text of an aggregate looks.
fn format(scope: Scope<'_>, operand: &Operand) -> Result<Format, ApiError> {
    let Operand::Aggregate(aggregate, path) = operand else { return Err(scope.unknown_format(operand.path().at)) };
    let column = scope.column(path)?;
    let is_count = matches!(aggregate, Aggregate::Count | Aggregate::CountDistinct);
    if !is_count && scope.context.money(&column, Whose::Org, Shown::Text).is_some() {
        return Err(scope.unknown_format(path.at));
    }
    let kind = match aggregate {
        Aggregate::Sum => &column.field.kind,
        Aggregate::Avg => return Err(scope.unknown_format(path.at)),
        _ => aggregate.kind(&column.field.kind),
    };
    Format::of(kind, || scope.context.time_zone()).ok_or_else(|| scope.unknown_format(path.at))
}

/// What the answer tells of each group.
struct Column {
    cell: Cell,
    format: Option<Format>,
}

/// The columns of the answer.
struct Output {
    columns: Vec<(String, Column)>,
    /// How many functions have no alias.
    unnamed: usize,
}

impl Output {
    fn add(
        &mut self,
        scope: Scope<'_>,
        operand: &Operand,
        alias: Option<&Name>,
        column: Column,
        subject: Subject<'_>,
    ) -> Result<(), ApiError> {
        let name = match (alias, operand) {
            (Some(alias), _) => alias.text.clone(),
            (None, Operand::Field(_)) => subject.name.to_owned(),
            (None, _) => {
                self.unnamed += 1;
                format!("expr{}", self.unnamed - 1)
            }
        };
        if self.columns.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            return Err(scope.malformed(subject.at, &format!("duplicate alias: {name}")));
        }
        self.columns.push((name, column));
        Ok(())
    }
}
