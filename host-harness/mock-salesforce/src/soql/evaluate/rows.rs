//! Records as JSON: `attributes` first, parents nested, children in a result of their own.
//!
//! Source: REST API Developer Guide, "Query"; SOQL and SOSL Reference, "SELECT" and "Relationship Queries".

use serde_json::{Value as Json, json};

use super::{
    super::ast::{FieldSet, Item, Name, Operand, Position, Select, TypeOf},
    Context,
    found::Found,
    is_aggregate,
    path::{Column, Scope, Step, is_polymorphic},
    selection::Selection,
    term::Term,
};
use crate::{
    ApiError,
    org::{
        Record, RecordId, attributes,
        schema::Field,
        table::{Row, Table},
    },
};

/// How many records `FIELDS(ALL)` and `FIELDS(CUSTOM)` are given at most.
const MAX_FIELDS_LIMIT: u64 = 200;

/// The records that a query returns. Everything that it names is looked up.
pub(super) fn find<'a>(context: Context<'a>, select: &'a Select) -> Result<(i64, Found), ApiError> {
    let scope = Scope::of_object(context, select)?;
    Shape::compile(scope, select)?;
    let found = Selection::compile(scope, select, true)?.found();
    Ok((scope.table.object.total(found.len()), found))
}

/// What the query tells of these records.
pub(super) fn write<'a>(context: Context<'a>, select: &'a Select, ids: &[RecordId]) -> Result<Vec<Json>, ApiError> {
    let scope = Scope::of_object(context, select)?;
    let shape = Shape::compile(scope, select)?;
    let rows = ids.iter().filter_map(|id| scope.table.row(*id));
    Ok(rows.map(|row| shape.record(context, row)).collect())
}

/// What is told of a record.
#[derive(Debug)]
struct Shape<'a> {
    table: &'a Table,
    members: Vec<Member<'a>>,
}

#[derive(Debug)]
enum Member<'a> {
    Field {
        column: Column<'a>,
    },
    /// What a function gives, under an alias.
    Value {
        name: String,
        term: Term<'a>,
    },
    Parent {
        step: Step<'a>,
        shape: Shape<'a>,
    },
    /// A lookup of whose record `TYPEOF` tells nothing.
    Nothing {
        name: &'a str,
    },
    Children {
        name: &'a str,
        place: usize,
        selection: Selection<'a>,
        shape: Shape<'a>,
    },
}

impl<'a> Shape<'a> {
    fn compile(scope: Scope<'a>, select: &'a Select) -> Result<Self, ApiError> {
        let mut shape = Self { table: scope.table, members: Vec::new() };
        for item in &select.items {
            match item {
                Item::Value(Operand::Field(_), Some(alias)) => {
                    return Err(scope.malformed(alias.at, "only aggregate expressions use field aliasing"));
                }
                Item::Value(operand, alias) => match scope.term(operand)? {
                    Term::Field(column) if alias.is_none() => shape.add(scope, column)?,
                    term => shape.add_value(scope, term, alias.as_ref())?,
                },
                Item::TypeOf(type_of) => shape.add_type_of(scope, type_of)?,
                Item::Fields(set, at) => shape.add_set(scope, *set, select.limit, *at)?,
                Item::Children(children) => {
                    let member = Member::children(scope, children)?;
                    if shape.members.iter().any(|known| known.name() == member.name()) {
                        let message = format!("duplicate sub-query: {}", member.name());
                        return Err(scope.malformed(children.from.at, &message));
                    }
                    shape.members.push(member);
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
            self.add(scope, Column { steps: Vec::new(), table: scope.table, place, field, at })?;
        }
        Ok(())
    }

    /// Adds a field at the end of its path; paths with the same beginning share it.
    fn add(&mut self, scope: Scope<'a>, mut column: Column<'a>) -> Result<(), ApiError> {
        let mut shape = self;
        for step in std::mem::take(&mut column.steps) {
            shape = shape.parent(step);
        }
        let is_same = |member: &Member<'_>| matches!(member, Member::Field { column: known } if known.is_same(&column));
        if shape.members.iter().any(is_same) {
            return Err(scope.malformed(column.at, &format!("duplicate field selected: {}", column.field.name)));
        }
        shape.members.push(Member::Field { column });
        Ok(())
    }

    /// What is told of the record that a lookup leads to.
    fn parent(&mut self, step: Step<'a>) -> &mut Self {
        let is_step =
            |member: &Member<'_>| matches!(member, Member::Parent { step: known, .. } if known.place == step.place);
        let place = self.members.iter().position(is_step).unwrap_or(self.members.len());
        if place == self.members.len() {
            let shape = Shape { table: step.table, members: Vec::new() };
            self.members.push(Member::Parent { step, shape });
        }
        match self.members.get_mut(place) {
            Some(Member::Parent { shape, .. }) => shape,
            _ => unreachable!("the member at this place is a parent: it was found or made as one"),
        }
    }

    fn add_value(&mut self, scope: Scope<'a>, term: Term<'a>, alias: Option<&Name>) -> Result<(), ApiError> {
        let unnamed = self.members.iter().filter(|member| member.name().starts_with("expr")).count();
        let name = alias.map_or_else(|| format!("expr{unnamed}"), |alias| alias.text.clone());
        if self.members.iter().any(|known| known.name().eq_ignore_ascii_case(&name)) {
            return Err(scope.malformed(term.subject().at, &format!("duplicate alias: {name}")));
        }
        self.members.push(Member::Value { name, term });
        Ok(())
    }

    /// Adds the fields of `TYPEOF` for the object that its lookup leads to.
    fn add_type_of(&mut self, scope: Scope<'a>, type_of: &TypeOf) -> Result<(), ApiError> {
        let at = type_of.relationship.at;
        let mut steps = scope.lookups(&type_of.relationship)?;
        let Some(last) = steps.pop() else {
            return Err(scope.malformed(at, "TYPEOF takes a relationship"));
        };
        let holder = steps.last().map_or(scope.table, |step| step.table);
        if !is_polymorphic(&holder.object, last.lookup) {
            let message =
                format!("TYPEOF takes a polymorphic relationship, and '{}' is none", last.lookup.relationship);
            return Err(scope.malformed(at, &message));
        }
        for (object, _) in &type_of.when {
            scope.context.find_object(object)?;
        }
        let when = type_of.when.iter().find(|(object, _)| object.text.eq_ignore_ascii_case(last.table.object.name));
        let fields = when.map_or(&type_of.otherwise, |(_, fields)| fields);
        let shape = steps.into_iter().fold(self, |shape, step| shape.parent(step));
        if fields.is_empty() {
            shape.members.push(Member::Nothing { name: last.lookup.relationship });
            return Ok(());
        }
        let target = scope.at(last.table);
        let parent = shape.parent(last);
        fields.iter().try_for_each(|path| parent.add(target, target.column(path)?))
    }

    fn record(&self, context: Context<'_>, row: &'a Row) -> Json {
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
            Self::Field { column } => column.field.name,
            Self::Value { name, .. } => name,
            Self::Children { name, .. } | Self::Nothing { name } => name,
            Self::Parent { step, .. } => step.lookup.relationship,
        }
    }

    fn value(&self, context: Context<'_>, row: &'a Row) -> Json {
        match self {
            Self::Field { column } => column.value(row).to_json(),
            Self::Value { term, .. } => term.value(row).to_json(),
            Self::Nothing { .. } => Json::Null,
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
