//! Objects, fields and relationships: what the names of a query mean in the org.
//!
//! Source: SOQL and SOSL Reference, "Relationship Queries" and "Understanding Relationship Query Limitations".

use std::borrow::Cow;

use super::{
    super::ast::{Name, Path, Position, Related, Select},
    Context,
    entity::Entity,
    literal::Subject,
};
use crate::{
    ApiError,
    org::{
        events::check_kept,
        generated,
        schema::{Field, Kind, Lookup},
        table::{Row, Table},
        value::Value,
    },
};

/// How many lookups a path may follow.
const MAX_STEPS: usize = 5;
/// How many lookups a `FROM` may name.
const MAX_RELATED: usize = 55;
const WSDL: &str = "Please reference your WSDL or the describe call for the appropriate names.";

/// The object of a `FROM`, from which paths lead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) context: Context<'a>,
    pub(super) table: &'a Table,
    alias: Option<&'a Name>,
    related: &'a [Related],
}

/// A field, and the lookups that lead to its record.
#[derive(Debug, Clone)]
pub(super) struct Column<'a> {
    pub(super) steps: Vec<Step<'a>>,
    /// What has the field, at this place.
    pub(super) entity: Entity<'a>,
    pub(super) place: usize,
    pub(super) field: &'a Field,
    pub(super) at: Position,
}

/// A lookup that a path follows.
#[derive(Debug, Clone)]
pub(super) struct Step<'a> {
    /// What has the lookup, at this place.
    from: Entity<'a>,
    pub(super) place: usize,
    pub(super) lookup: &'a Lookup,
    /// What it leads to.
    pub(super) to: Entity<'a>,
}

impl<'a> Context<'a> {
    /// The object of a name.
    pub(super) fn find_object(&self, name: &Name) -> Result<&'a Table, ApiError> {
        self.org.find_table(&name.text).ok_or_else(|| {
            if let Some(unknown) = self.org.unknown_object(&name.text) {
                return unknown;
            }
            let message = format!(
                "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the \
                 '__c' after the entity name. {WSDL}",
                name.text
            );
            self.source.error("INVALID_TYPE", name.at, &message)
        })
    }

    /// The field that names lead to: relationships, and at last a field.
    pub(super) fn column(&self, from: Entity<'a>, names: &[&str], at: Position) -> Result<Column<'a>, ApiError> {
        let Some((name, relationships)) = names.split_last() else {
            return Err(self.source.malformed(at, "a field was expected"));
        };
        let steps = self.steps(from.clone(), relationships, at)?;
        let entity = steps.last().map_or(from, |step| step.to.clone());
        let (place, field) = entity.object().field(name).ok_or_else(|| {
            let message = format!(
                "No such column '{name}' on entity '{}'. If you are attempting to use a custom field, be sure to append \
                 the '__c' after the custom field name. {WSDL}",
                entity.object().name
            );
            self.source.error("INVALID_FIELD", at, &message)
        })?;
        Ok(Column { steps, entity, place, field, at })
    }

    /// The lookups that relationships follow.
    fn steps(&self, from: Entity<'a>, relationships: &[&str], at: Position) -> Result<Vec<Step<'a>>, ApiError> {
        if relationships.len() > MAX_STEPS {
            let message = format!("a field path cannot follow more than {MAX_STEPS} relationships");
            return Err(self.source.malformed(at, &message));
        }
        let mut from = from;
        let mut steps = Vec::with_capacity(relationships.len());
        for relationship in relationships {
            let found = from.object().lookup(relationship);
            let step = found.and_then(|(place, _, lookup)| {
                Some(Step { from: from.clone(), place, lookup, to: Entity::led_to(self.org, lookup)? })
            });
            let step = step.ok_or_else(|| {
                let unknown = found.and_then(|(_, _, lookup)| self.org.unknown_target(lookup.to));
                unknown.unwrap_or_else(|| self.no_relationship(at, relationship))
            })?;
            from = step.to.clone();
            steps.push(step);
        }
        Ok(steps)
    }

    fn no_relationship(&self, at: Position, name: &str) -> ApiError {
        let message = format!(
            "Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, \
             be sure to append the '__r' after the custom relationship name. {WSDL}"
        );
        self.source.error("INVALID_FIELD", at, &message)
    }
}

impl<'a> Scope<'a> {
    /// The object that a query or a semi-join names.
    pub(super) fn of_object(context: Context<'a>, select: &'a Select) -> Result<Self, ApiError> {
        let table = context.find_object(&select.from)?;
        check_kept(&table.object, "query")?;
        Self::new(context, table, select)
    }

    fn new(context: Context<'a>, table: &'a Table, select: &'a Select) -> Result<Self, ApiError> {
        let scope = Self { context, table, alias: select.alias.as_ref(), related: &select.related };
        if let Some(beyond) = scope.related.get(MAX_RELATED) {
            let message = format!("no more than {MAX_RELATED} relationships can be specified in a query");
            return Err(scope.malformed(beyond.path.at, &message));
        }
        for (place, related) in scope.related.iter().enumerate() {
            let before = scope.related.get(..place).unwrap_or_default();
            Self { related: before, ..scope }.check_related(&related.path)?;
        }
        Ok(scope)
    }

    /// The object that the child relationship of a sub-query leads to, the place of the field that looks up to the
    /// parent, and the relationship's name. The parent's name or alias may stand before it.
    pub(super) fn of_children(&self, select: &'a Select) -> Result<(Self, usize, &'a str), ApiError> {
        let wanted = match select.from.text.split_once('.') {
            Some((parent, relationship)) if self.is_called(parent) => relationship,
            _ => &select.from.text,
        };
        let mut lookups = self.context.org.lookups_to(self.table.object.name);
        let found = lookups.find_map(|(table, place, lookup)| {
            Some((table, place, lookup.children.filter(|name| name.eq_ignore_ascii_case(wanted))?))
        });
        let (table, place, name) = found.ok_or_else(|| self.no_children(select.from.at, &select.from.text))?;
        generated::check_stored(table, "a sub-query of them")?;
        Ok((Self::new(self.context, table, select)?, place, name))
    }

    /// The field that a path leads to.
    pub(super) fn column(&self, path: &Path) -> Result<Column<'a>, ApiError> {
        self.context.column(Entity::Object(self.table), &self.names(path), path.at)
    }

    /// The lookups that a path of relationships follows.
    pub(super) fn lookups(&self, path: &Path) -> Result<Vec<Step<'a>>, ApiError> {
        self.steps(&self.names(path), path.at)
    }

    fn steps(&self, relationships: &[&str], at: Position) -> Result<Vec<Step<'a>>, ApiError> {
        self.context.steps(Entity::Object(self.table), relationships, at)
    }

    /// The names of a path from the object on, whatever alias it begins with.
    fn names<'p>(&self, path: &'p Path) -> Vec<&'p str>
    where
        'a: 'p,
    {
        let mut names: Vec<&str> = path.names.iter().map(String::as_str).collect();
        for related in self.related.iter().rev() {
            let is_called =
                |name: &&str| related.alias.as_ref().is_some_and(|alias| alias.text.eq_ignore_ascii_case(name));
            if names.len() > 1 && names.first().is_some_and(is_called) {
                names.splice(..1, related.path.names.iter().map(String::as_str));
            }
        }
        if names.len() > 1 && names.first().is_some_and(|name| self.is_called(name)) {
            names.remove(0);
        }
        names
    }

    /// Refuses what `FROM` names beside the object and is no lookup from it.
    fn check_related(&self, path: &Path) -> Result<(), ApiError> {
        match self.names(path).as_slice() {
            names if names.len() < path.names.len() || path.names.len() > 1 => self.steps(names, path.at).map(drop),
            _ => Err(self.no_children(path.at, &path.names.join("."))),
        }
    }

    /// Whether a path may begin with this name and yet follow no relationship.
    fn is_called(&self, name: &str) -> bool {
        let is_alias = self.alias.is_some_and(|alias| alias.text.eq_ignore_ascii_case(name));
        is_alias || self.table.object.name.eq_ignore_ascii_case(name) && self.table.object.lookup(name).is_none()
    }

    fn no_children(&self, at: Position, name: &str) -> ApiError {
        let message = format!(
            "Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom \
             relationship, be sure to append the '__r' after the custom relationship name. {WSDL}"
        );
        self.context.source.error("INVALID_TYPE", at, &message)
    }

    pub(super) fn malformed(&self, at: Position, message: &str) -> ApiError {
        self.context.source.malformed(at, message)
    }
}

impl<'a> Column<'a> {
    /// The field's value; null when a lookup on the way is empty. A checkbox is then false.
    ///
    /// Source: SOQL and SOSL Reference, "null Values in Lookup Relationships and Outer Joins".
    pub(super) fn value(&self, row: &'a Row) -> Cow<'a, Value> {
        let row = self.steps.iter().try_fold(row, |row, step| step.follow(row));
        let value = row.map_or(Cow::Owned(Value::Null), |row| self.entity.value(row, self.place));
        match (&*value, &self.field.kind) {
            (Value::Null, Kind::Boolean) => Cow::Owned(Value::Boolean(false)),
            _ => value,
        }
    }

    /// What a condition on the field asks about.
    pub(super) fn subject(&self) -> Subject<'a> {
        let Field { name, kind, case_sensitive, .. } = self.field;
        Subject { name, kind, case_sensitive: *case_sensitive, at: self.at }
    }

    /// Whether both are the same field of the same record.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let mut steps = self.steps.iter().zip(&other.steps);
        self.place == other.place && self.steps.len() == other.steps.len() && steps.all(|(one, two)| one.is_same(two))
    }
}

impl<'a> Step<'a> {
    /// The record that the lookup leads to.
    pub(super) fn follow(&self, row: &'a Row) -> Option<&'a Row> {
        self.to.row(&self.from.value(row, self.place))
    }

    /// Whether both are the same lookup of the same record.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.lookup.relationship == other.lookup.relationship
    }
}
