//! What standard objects ask of their records beside what their fields allow. Of a schema of somebody's own it asks that only where
//! it has the fields.
//!
//! Source: Object Reference, "Event", "PricebookEntry", "Account", "Contact". The wording of errors about events and hierarchies is not
//! verified.

use super::value;
use crate::ApiError;
use crate::org::table::{Row, Table};
use crate::org::value::Value;

/// Lookups that lead to records of the same object, and never back to where one began.
const HIERARCHIES: [(&str, &str); 5] = [
    ("Account", "ParentId"),
    ("Campaign", "ParentId"),
    ("Case", "ParentId"),
    ("Contact", "ReportsToId"),
    ("UserRole", "ParentRoleId"),
];

/// Whether the record may be kept.
pub(in crate::org) fn check(table: &Table, row: &Row) -> Result<(), ApiError> {
    for (_, field) in HIERARCHIES.iter().filter(|(object, _)| *object == table.object.name) {
        check_hierarchy(table, row, field)?;
    }
    match table.object.name {
        "Event" => check_event(table, row),
        "PricebookEntry" => check_price(table, row),
        "User" => check_username(table, row),
        _ => Ok(()),
    }
}

/// A record is neither its own parent nor that of one above it.
fn check_hierarchy(table: &Table, row: &Row, field: &str) -> Result<(), ApiError> {
    let Some(place) = table.object.place(field) else { return Ok(()) };
    let mut above = row.value(place).as_id();
    // Records that were put there in a circle end it, too.
    for _ in 0..table.rows().len() {
        let Some(parent) = above else { return Ok(()) };
        if parent == row.id {
            let message = "attempt to violate hierarchy constraints";
            return Err(ApiError::bad_request("CIRCULAR_DEPENDENCY", message).on(&[field]));
        }
        above = table.row(parent).and_then(|parent| parent.value(place).as_id());
    }
    Ok(())
}

/// An event begins, and ends no earlier. One of whole days has a date, one that repeats its own fields.
fn check_event(table: &Table, row: &Row) -> Result<(), ApiError> {
    let object = &*table.object;
    let is_true = |name| value(object, row, name) == &Value::Boolean(true);
    let known = ["ActivityDateTime", "DurationInMinutes", "StartDateTime", "EndDateTime"];
    if is_true("IsAllDayEvent") || is_true("IsRecurrence") || known.iter().any(|name| object.place(name).is_none()) {
        return Ok(());
    }
    let missing: Vec<_> = ["DurationInMinutes", "ActivityDateTime"]
        .into_iter()
        .filter(|name| value(object, row, name).is_null())
        .collect();
    if !missing.is_empty() {
        let message = format!("Required fields are missing: [{}]", missing.join(", "));
        return Err(ApiError::bad_request("REQUIRED_FIELD_MISSING", message).on(&missing));
    }
    match (value(object, row, "StartDateTime"), value(object, row, "EndDateTime")) {
        (Value::DateTime(start), Value::DateTime(end)) if end < start => {
            let message = "Event duration can not be negative.";
            Err(ApiError::bad_request("FIELD_INTEGRITY_EXCEPTION", message).on(&["DurationInMinutes"]))
        }
        _ => Ok(()),
    }
}

/// A product has one price in a price book.
fn check_price(table: &Table, row: &Row) -> Result<(), ApiError> {
    let object = &*table.object;
    let places = (object.place("Product2Id"), object.place("Pricebook2Id"));
    let (Some(product), Some(book)) = places else { return Ok(()) };
    let mut others = table.find(product, row.value(product)).into_iter().flatten();
    if others.any(|other| other.id != row.id && !other.deleted && other.value(book) == row.value(book)) {
        let message = "This price definition already exists in this price book";
        return Err(ApiError::bad_request("DUPLICATE_VALUE", message).on(&[]));
    }
    Ok(())
}

/// No two users have one login name, active or not.
fn check_username(table: &Table, row: &Row) -> Result<(), ApiError> {
    let Some(place) = table.object.place("Username") else { return Ok(()) };
    if table.find(place, row.value(place)).into_iter().flatten().all(|other| other.id == row.id) {
        return Ok(());
    }
    let message = "Duplicate Username. The username already exists in this or another Salesforce organization. Usernames must be \
                   unique across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the \
                   user's email address).";
    Err(ApiError::bad_request("DUPLICATE_USERNAME", message).on(&["Username"]))
}
