//! Records as JSON: `attributes` first, parents nested, children in a result of their own.
//!
//! Source: REST API Developer Guide, "Query"; SOQL and SOSL Reference, "SELECT" and "Relationship Queries".

use serde_json::{Value as Json, json};

use super::{
    super::{
        QueryRows,
        ast::{FieldSet, Item, Operand, Position, Select},
    },
    Context, is_aggregate,
    path::{Column, Scope, Step},
    selection::Selection,
};
use crate::{
    ApiError,
    org::{
        Record, attributes,
        schema::Field,
        table::{Row, Table},
    },
};

/// How many records `FIELDS(ALL)` and `FIELDS(CUSTOM)` are given at most.
const MAX_FIELDS_LIMIT: u64 = 200;

/// Evaluates a query that returns records.
pub(super) fn evaluate<'a>(context: Context<'a>, select: &'a Select) -> Result<QueryRows, ApiError> {
    let scope = Scope::of_object(context, select)?;
    let shape = Shape::compile(scope, select)?;
    let rows = Selection::compile(scope, select, true)?.rows();
    let records: Vec<_> = rows.into_iter().map(|row| shape.record(context, row)).collect();
    Ok(QueryRows { total_size: scope.table.object.total(records.len()), records })
}

/// What is told of a record.
#[derive(Debug)]
struct Shape<'a> {
    table: &'a Table,
    members: Vec<Member<'a>>,
}

#[derive(Debug)]
enum Member<'a> {
    Field { place: usize, name: &'a str },
    Parent { step: Step<'a>, shape: Shape<'a> },
    Children { name: &'a str, place: usize, selection: Selection<'a>, shape: Shape<'a> },
}

impl<'a> Shape<'a> {
    fn compile(scope: Scope<'a>, select: &'a Select) -> Result<Self, ApiError> {
        let mut shape = Self { table: scope.table, members: Vec::new() };
        for item in &select.items {
            match item {
                Item::Value(Operand::Field(path), None) => shape.add(scope, &scope.column(path)?)?,
                Item::Value(Operand::Field(_), Some(alias)) => {
                    return Err(scope.malformed(alias.at, "only aggregate expressions use field aliasing"));
                }
                Item::Fields(set, at) => shape.add_set(scope, *set, select.limit, *at)?,
                Item::Children(children) => {
                    let member = Member::children(scope, children)?;
                    if shape.members.iter().any(|known| known.name() == member.name()) {
                        let message = format!("duplicate sub-query: {}", member.name());
                        return Err(scope.malformed(children.from.at, &message));
                    }
                    shape.members.push(member);
                }
                Item::Value(Operand::Aggregate(_, path), _) => {
                    return Err(scope.malformed(path.at, "Only root queries support aggregate expressions"));
                }
                Item::Count => {
                    return Err(scope.malformed(select.from.at, "Only root queries support aggregate expressions"));
                }
            }
        }
        Ok(shape)
    }

    fn add_set(&mut self, scope: Scope<'a>, set: FieldSet, limit: Option<u64>, at: Position) -> Result<(), ApiError> {
        let is_bounded = limit.is_some_and(|limit| limit <= MAX_FIELDS_LIMIT);
        if set != FieldSet::Standard && !is_bounded {
            let message = format!("The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELDS_LIMIT}");
            return Err(scope.malformed(at, &message));
        }
        let belongs = |field: &Field| match set {
            FieldSet::All => true,
            FieldSet::Standard => !field.is_custom(),
            FieldSet::Custom => field.is_custom(),
        };
        for (place, field) in scope.table.object.seen_fields().filter(|(_, field)| belongs(field)) {
            self.add(scope, &Column { steps: Vec::new(), table: scope.table, place, field, at })?;
        }
        Ok(())
    }

    /// Adds a field at the end of its path; paths with the same beginning share it.
    fn add(&mut self, scope: Scope<'a>, column: &Column<'a>) -> Result<(), ApiError> {
        let mut shape = self;
        for step in &column.steps {
            let is_step =
                |member: &Member<'_>| matches!(member, Member::Parent { step: known, .. } if known.place == step.place);
            let place = shape.members.iter().position(is_step).unwrap_or(shape.members.len());
            if place == shape.members.len() {
                let parent = Shape { table: step.table, members: Vec::new() };
                shape.members.push(Member::Parent { step: *step, shape: parent });
            }
            match shape.members.get_mut(place) {
                Some(Member::Parent { shape: parent, .. }) => shape = parent,
                _ => unreachable!("the member at this place is a parent: it was found or made as one"),
            }
        }
        let is_same = |member: &Member<'_>| matches!(member, Member::Field { place, .. } if *place == column.place);
        if shape.members.iter().any(is_same) {
            return Err(scope.malformed(column.at, &format!("duplicate field selected: {}", column.field.name)));
        }
        shape.members.push(Member::Field { place: column.place, name: column.field.name });
        Ok(())
    }

    fn record(&self, context: Context<'_>, row: &Row) -> Json {
        let mut record = Record::with_capacity(self.members.len() + 1);
        let url = attributes(&self.table.object, row.id, context.options.version);
        record.insert("attributes".to_owned(), url);
        for member in &self.members {
            record.insert(member.name().to_owned(), member.value(context, row));
        }
        Json::Object(record)
    }
}

impl<'a> Member<'a> {
    fn children(scope: Scope<'a>, select: &'a Select) -> Result<Self, ApiError> {
        let (children, place, name) = scope.of_children(select)?;
        if is_aggregate(select) {
            return Err(scope.malformed(select.from.at, "Only root queries support aggregate expressions"));
        }
        if select.offset.is_some() {
            return Err(scope.malformed(select.from.at, "OFFSET cannot be used in sub-queries"));
        }
        let selection = Selection::compile(children, select, true)?;
        Ok(Self::Children { name, place, selection, shape: Shape::compile(children, select)? })
    }

    fn name(&self) -> &str {
        match self {
            Self::Field { name, .. } | Self::Children { name, .. } => name,
            Self::Parent { step, .. } => step.lookup.relationship,
        }
    }

    fn value(&self, context: Context<'_>, row: &Row) -> Json {
        match self {
            Self::Field { place, .. } => row.value(*place).to_json(),
            Self::Parent { step, shape } => step.follow(row).map_or(Json::Null, |parent| shape.record(context, parent)),
            Self::Children { place, selection, shape, .. } => {
                let rows = selection.children(*place, row.id);
                if rows.is_empty() {
                    return Json::Null;
                }
                let records: Vec<_> = rows.into_iter().map(|row| shape.record(context, row)).collect();
                json!({"totalSize": shape.table.object.total(records.len()), "done": true, "records": records})
            }
        }
    }
}
