//! Semi-joins and anti-joins: `Id IN (SELECT AccountId FROM Contact)`.
//!
//! Source: SOQL and SOSL Reference, "Comparison Operators", on semi-joins with IN and anti-joins with NOT IN.

use std::collections::HashSet;

use super::super::{
    super::ast::{Item, Operand, Select},
    condition::Within,
    entity::Entity,
    path::{Column, Scope},
    term::Term,
};
use super::{filter, matching};
use crate::{
    ApiError,
    org::{generated, schema::Kind, value::Key},
};

/// The Ids that the sub-select finds for a column of the outer query.
pub(super) fn keys<'a>(
    outer: Scope<'a>,
    term: &Term<'a>,
    select: &'a Select,
    within: Within,
) -> Result<HashSet<Key>, ApiError> {
    let refuse = |message: &str| Err(outer.malformed(select.from.at, message));
    match within {
        Within::And => {}
        Within::Or => return refuse("Semi join sub-selects are not allowed with the 'OR' operator"),
        Within::Not => return refuse("Semi join sub-selects are not allowed with the 'NOT' operator"),
    }
    let Term::Field(column) = term else { return refuse("a semi join takes a field, and no function of one") };
    let scope = Scope::of_object(outer.context, select)?;
    generated::check_stored(scope.table, "a semi-join with them")?;
    if scope.table.object.name == outer.table.object.name {
        return refuse("The inner and outer selects should not be on the same object type");
    }
    let [Item::Value(Operand::Field(path), None)] = select.items.as_slice() else {
        return refuse("a semi join sub-select selects exactly one field");
    };
    let selected = scope.column(path)?;
    let selected_objects = objects(&selected);
    if !objects(column).iter().any(|object| selected_objects.contains(object)) {
        let message = format!(
            "The selected field '{}' in the subquery and the left operand field in the where expression in the outer \
             query '{}' should point to the same object type",
            selected.field.name, column.field.name
        );
        return Err(scope.malformed(path.at, &message));
    }
    let condition = filter(scope, select, false)?;
    let rows = matching(scope.table, condition.as_ref(), outer.context.options.include_deleted);
    let found = rows.into_iter().map(|row| selected.value(row).key(false));
    Ok(found.filter(|key| *key != Key::Null).collect())
}

/// The objects whose Ids the column may hold.
fn objects<'a>(column: &Column<'a>) -> Vec<&'a str> {
    match (&column.field.kind, &column.entity) {
        (Kind::Id, Entity::Object(table)) => vec![table.object.name],
        (Kind::Id, Entity::Name(tables)) => tables.iter().map(|table| table.object.name).collect(),
        (Kind::Reference(lookup), _) => lookup.targets().collect(),
        _ => Vec::new(),
    }
}
