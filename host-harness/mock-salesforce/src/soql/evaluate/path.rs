//! Objects, fields and relationships: what the names of a query mean in the org.
//!
//! Source: SOQL and SOSL Reference, "Relationship Queries" and "Understanding Relationship Query Limitations".

use super::{
    super::ast::{Name, Path, Position, Select},
    Context,
    literal::Subject,
};
use crate::{
    ApiError,
    org::{
        events::check_kept,
        schema::{Field, Kind, Lookup},
        table::{Row, Table},
        value::Value,
    },
};

/// How many lookups a path may follow.
const MAX_STEPS: usize = 5;
const WSDL: &str = "Please reference your WSDL or the describe call for the appropriate names.";

static NULL: Value = Value::Null;
static FALSE: Value = Value::Boolean(false);

/// The object of a `FROM`, from which paths lead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) context: Context<'a>,
    pub(super) table: &'a Table,
    alias: Option<&'a Name>,
}

/// A field, and the lookups that lead to its record.
#[derive(Debug, Clone)]
pub(super) struct Column<'a> {
    pub(super) steps: Vec<Step<'a>>,
    /// The object that has the field.
    pub(super) table: &'a Table,
    pub(super) place: usize,
    pub(super) field: &'a Field,
    pub(super) at: Position,
}

/// A lookup that a path follows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) place: usize,
    pub(super) lookup: &'a Lookup,
    /// The object it leads to.
    pub(super) table: &'a Table,
}

impl<'a> Scope<'a> {
    /// The object that a query or a semi-join names.
    pub(super) fn of_object(context: Context<'a>, select: &'a Select) -> Result<Self, ApiError> {
        let table = context.org.find_table(&select.from.text).ok_or_else(|| {
            let message = format!(
                "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the \
                 '__c' after the entity name. {WSDL}",
                select.from.text
            );
            context.source.error("INVALID_TYPE", select.from.at, &message)
        })?;
        check_kept(&table.object, "query")?;
        Ok(Self { context, table, alias: select.alias.as_ref() })
    }

    /// The object that the child relationship of a sub-query leads to, the place of the field that looks up to the
    /// parent, and the relationship's name.
    pub(super) fn of_children(&self, select: &'a Select) -> Result<(Self, usize, &'a str), ApiError> {
        let mut lookups = self.context.org.lookups_to(self.table.object.name);
        let found = lookups.find_map(|(table, place, lookup)| {
            let name = lookup.children.filter(|name| name.eq_ignore_ascii_case(&select.from.text))?;
            Some((Self { context: self.context, table, alias: select.alias.as_ref() }, place, name))
        });
        found.ok_or_else(|| {
            let message = format!(
                "Didn't understand relationship '{}' in FROM part of query call. If you are attempting to use a custom \
                 relationship, be sure to append the '__r' after the custom relationship name. {WSDL}",
                select.from.text
            );
            self.context.source.error("INVALID_TYPE", select.from.at, &message)
        })
    }

    /// The field that a path leads to.
    pub(super) fn column(&self, path: &Path) -> Result<Column<'a>, ApiError> {
        let names = match path.names.as_slice() {
            [first, rest @ ..] if !rest.is_empty() && self.is_called(first) => rest,
            names => names,
        };
        let Some((name, relationships)) = names.split_last() else {
            return Err(self.malformed(path.at, "a field was expected"));
        };
        if relationships.len() > MAX_STEPS {
            let message = format!("a field path cannot follow more than {MAX_STEPS} relationships");
            return Err(self.malformed(path.at, &message));
        }
        let mut table = self.table;
        let mut steps = Vec::with_capacity(relationships.len());
        for relationship in relationships {
            let lookup = table.object.lookup(relationship);
            let step = lookup.and_then(|(place, _, lookup)| {
                Some(Step { place, lookup, table: self.context.org.find_table(lookup.to)? })
            });
            let step = step.ok_or_else(|| self.no_relationship(path.at, relationship))?;
            table = step.table;
            steps.push(step);
        }
        let (place, field) = table.object.field(name).ok_or_else(|| {
            let message = format!(
                "No such column '{name}' on entity '{}'. If you are attempting to use a custom field, be sure to append \
                 the '__c' after the custom field name. {WSDL}",
                table.object.name
            );
            self.invalid_field(path.at, &message)
        })?;
        Ok(Column { steps, table, place, field, at: path.at })
    }

    /// Whether a path may begin with this name and yet follow no relationship.
    fn is_called(&self, name: &str) -> bool {
        let is_alias = self.alias.is_some_and(|alias| alias.text.eq_ignore_ascii_case(name));
        is_alias || self.table.object.name.eq_ignore_ascii_case(name) && self.table.object.lookup(name).is_none()
    }

    fn no_relationship(&self, at: Position, name: &str) -> ApiError {
        let message = format!(
            "Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, \
             be sure to append the '__r' after the custom relationship name. {WSDL}"
        );
        self.invalid_field(at, &message)
    }

    pub(super) fn malformed(&self, at: Position, message: &str) -> ApiError {
        self.context.source.malformed(at, message)
    }

    pub(super) fn invalid_field(&self, at: Position, message: &str) -> ApiError {
        self.context.source.error("INVALID_FIELD", at, message)
    }
}

impl<'a> Column<'a> {
    /// The field's value; null when a lookup on the way is empty. A checkbox is then false.
    ///
    /// Source: SOQL and SOSL Reference, "null Values in Lookup Relationships and Outer Joins".
    pub(super) fn value(&self, row: &'a Row) -> &'a Value {
        let row = self.steps.iter().try_fold(row, |row, step| step.follow(row));
        match row.map_or(&NULL, |row| row.value(self.place)) {
            Value::Null if matches!(self.field.kind, Kind::Boolean) => &FALSE,
            value => value,
        }
    }

    /// What a condition on the field asks about.
    pub(super) fn subject(&self) -> Subject<'a> {
        let Field { name, kind, case_sensitive, .. } = self.field;
        Subject { name, kind, case_sensitive: *case_sensitive, at: self.at }
    }

    /// Whether both are the same field of the same record.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let places = |column: &Self| column.steps.iter().map(|step| step.place).collect::<Vec<_>>();
        self.place == other.place && places(self) == places(other)
    }
}

impl<'a> Step<'a> {
    /// The record that the lookup leads to.
    pub(super) fn follow(&self, row: &Row) -> Option<&'a Row> {
        self.table.row(row.value(self.place).as_id()?)
    }
}
