//! Records as JSON: `attributes` first, parents nested, children in a result of their own.
//!
//! Source: REST API Developer Guide, "Query"; SOQL and SOSL Reference, "SELECT" and "Relationship Queries".

use serde_json::{Value as Json, json};

use super::{
    super::ast::{FieldSet, Item, Name, Operand, Path, Position, Select, TypeOf},
    Context,
    columns::ColumnMetadata,
    entity::Entity,
    found::Found,
    is_aggregate,
    path::{Column, Scope, Step},
    selection::Selection,
    term::Term,
};
use crate::{
    ApiError,
    org::{Record, RecordId, attributes, schema::Field, table::Row},
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

/// The columns of a query that returns records.
pub(super) fn columns<'a>(context: Context<'a>, select: &'a Select) -> Result<Vec<ColumnMetadata>, ApiError> {
    Ok(Shape::compile(Scope::of_object(context, select)?, select)?.columns())
}

/// What is told of a record.
#[derive(Debug)]
struct Shape<'a> {
    entity: Entity<'a>,
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
    /// What `TYPEOF` tells of the record of a lookup, by its object.
    TypeOf {
        step: Step<'a>,
        when: Vec<Shape<'a>>,
        otherwise: Shape<'a>,
    },
    Children {
        name: &'a str,
        place: usize,
        selection: Selection<'a>,
        shape: Shape<'a>,
    },
}

impl<'a> Shape<'a> {
    fn of(entity: Entity<'a>) -> Self {
        Self { entity, members: Vec::new() }
    }

    fn compile(scope: Scope<'a>, select: &'a Select) -> Result<Self, ApiError> {
        let mut shape = Self::of(Entity::Object(scope.table));
        for item in &select.items {
            match item {
                Item::Value(Operand::Field(_), Some(alias)) => {
                    return Err(scope.malformed(alias.at, "only aggregate expressions use field aliasing"));
                }
                Item::Value(operand, alias) => match scope.term(operand)? {
                    Term::Field(column) if alias.is_none() => shape.add(scope, column)?,
                    term @ (Term::Format(..) | Term::Money(_)) if alias.is_none() => shape.add_of_field(scope, term)?,
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
            self.add(scope, Column { steps: Vec::new(), entity: Entity::Object(scope.table), place, field, at })?;
        }
        Ok(())
    }

    /// Adds a field at the end of its path; paths with the same beginning share it.
    fn add(&mut self, scope: Scope<'a>, mut column: Column<'a>) -> Result<(), ApiError> {
        let mut shape = self;
        for step in std::mem::take(&mut column.steps) {
            shape = shape.parent(scope, step, column.at)?;
        }
        let is_same = |member: &Member<'_>| match member {
            Member::Field { column: known } => known.is_same(&column),
            Member::Value { name, .. } => name == column.field.name,
            _ => false,
        };
        if shape.members.iter().any(is_same) {
            return Err(scope.malformed(column.at, &format!("duplicate field selected: {}", column.field.name)));
        }
        shape.members.push(Member::Field { column });
        Ok(())
    }

    /// Adds what is made of a field under the name of the field.
    fn add_of_field(&mut self, scope: Scope<'a>, mut term: Term<'a>) -> Result<(), ApiError> {
        let (name, at) = (term.column().field.name, term.column().at);
        let mut shape = self;
        for step in term.take_steps() {
            shape = shape.parent(scope, step, at)?;
        }
        if shape.members.iter().any(|member| member.name().eq_ignore_ascii_case(name)) {
            return Err(scope.malformed(at, &format!("duplicate field selected: {name}")));
        }
        shape.members.push(Member::Value { name: name.to_owned(), term });
        Ok(())
    }

    /// What is told of the record that a lookup leads to.
    fn parent(&mut self, scope: Scope<'a>, step: Step<'a>, at: Position) -> Result<&mut Self, ApiError> {
        let relationship = step.lookup.relationship;
        let is_step = |member: &Member<'_>| match member {
            Member::Parent { step: known, .. } | Member::TypeOf { step: known, .. } => known.is_same(&step),
            _ => false,
        };
        let place = self.members.iter().position(is_step).unwrap_or(self.members.len());
        if place == self.members.len() {
            let shape = Shape::of(step.to.clone());
            self.members.push(Member::Parent { step, shape });
        }
        match self.members.get_mut(place) {
            Some(Member::Parent { shape, .. }) => Ok(shape),
            _ => Err(scope.malformed(at, &type_of_alone(relationship))),
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

    /// Adds the fields of `TYPEOF`, those for each object and those for any other.
    fn add_type_of(&mut self, scope: Scope<'a>, type_of: &TypeOf) -> Result<(), ApiError> {
        let at = type_of.relationship.at;
        let mut steps = scope.lookups(&type_of.relationship)?;
        let Some(last) = steps.pop() else {
            return Err(scope.malformed(at, "TYPEOF takes a relationship"));
        };
        let relationship = last.lookup.relationship;
        if !last.lookup.is_polymorphic() {
            let message = format!("TYPEOF takes a polymorphic relationship, and '{relationship}' is none");
            return Err(scope.malformed(at, &message));
        }
        let told = |entity: Entity<'a>, fields: &[Path]| {
            let mut shape = Shape::of(entity.clone());
            for path in fields {
                let names: Vec<&str> = path.names.iter().map(String::as_str).collect();
                shape.add(scope, scope.context.column(entity.clone(), &names, path.at)?)?;
            }
            Ok(shape)
        };
        let when =
            |(object, fields): &(Name, Vec<Path>)| told(Entity::Object(scope.context.find_object(object)?), fields);
        let when = type_of.when.iter().map(when).collect::<Result<_, ApiError>>()?;
        let otherwise = told(last.to.clone(), &type_of.otherwise)?;
        let mut shape = self;
        for step in steps {
            shape = shape.parent(scope, step, at)?;
        }
        if shape.members.iter().any(|member| member.name() == relationship) {
            return Err(scope.malformed(at, &type_of_alone(relationship)));
        }
        shape.members.push(Member::TypeOf { step: last, when, otherwise });
        Ok(())
    }

    fn columns(&self) -> Vec<ColumnMetadata> {
        self.members.iter().map(|member| member.column(&self.entity)).collect()
    }

    fn record(&self, context: Context<'_>, row: &'a Row) -> Json {
        let mut record = Record::with_capacity(self.members.len() + 1);
        let mut attributes = attributes(self.entity.object_of(row), row.id, context.options.version);
        // A record that may be of several objects is told as a `Name`, as recorded answers have it; the URL says of which it is.
        if let (Entity::Name(_), Some(kind)) = (&self.entity, attributes.get_mut("type")) {
            *kind = json!(self.entity.object().name);
        }
        record.insert("attributes".to_owned(), attributes);
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
            Self::Children { name, .. } => name,
            Self::Parent { step, .. } | Self::TypeOf { step, .. } => step.lookup.relationship,
        }
    }

    fn column(&self, entity: &Entity<'_>) -> ColumnMetadata {
        let parent = |step: &Step<'_>, columns| {
            let lookup = entity.object().fields.get(step.place).map_or("", |field| field.name);
            ColumnMetadata::parent(step.lookup.relationship, lookup, columns)
        };
        match self {
            Self::Field { column } => ColumnMetadata::field(column.field),
            Self::Value { name, term } => ColumnMetadata::function(name, term.subject().kind, name.clone()),
            Self::Parent { step, shape } => parent(step, shape.columns()),
            Self::TypeOf { step, when, otherwise } => {
                parent(step, when.iter().chain([otherwise]).flat_map(Shape::columns).collect())
            }
            Self::Children { name, shape, .. } => ColumnMetadata::children(name, shape.columns()),
        }
    }

    fn value(&self, context: Context<'_>, row: &'a Row) -> Json {
        match self {
            // A blob is told by a path that only its record knows.
            Self::Field { column } if column.field.is_blob() => {
                row.json(column.entity.object(), column.place, context.options.version)
            }
            Self::Field { column } => column.value(row).to_json(),
            Self::Value { term, .. } => term.value(row).to_json(),
            Self::Parent { step, shape } => step.follow(row).map_or(Json::Null, |parent| shape.record(context, parent)),
            Self::TypeOf { step, when, otherwise } => {
                let Some(parent) = step.follow(row) else { return Json::Null };
                let object = step.to.object_of(parent).name;
                let shape = when.iter().find(|shape| shape.entity.object().name == object).unwrap_or(otherwise);
                if shape.members.is_empty() { Json::Null } else { shape.record(context, parent) }
            }
            Self::Children { place, selection, shape, .. } => {
                let rows = selection.children(*place, row.id);
                if rows.is_empty() {
                    return Json::Null;
                }
                let records: Vec<_> = rows.into_iter().map(|row| shape.record(context, row)).collect();
                json!({"totalSize": shape.entity.object().total(records.len()), "done": true, "records": records})
            }
        }
    }
}

fn type_of_alone(relationship: &str) -> String {
    format!("'{relationship}' of a TYPEOF cannot stand elsewhere in SELECT")
}
