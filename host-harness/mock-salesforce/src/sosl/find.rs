//! Looks for a term in the text of the org's records, and tells of them by SOQL.

use jiff::Timestamp;
use serde_json::Value as Json;

use super::term::{Letters, letters};
use super::{Returning, Scope, Search};
use crate::ApiError;
use crate::org::Org;
use crate::org::generated::check_stored;
use crate::org::schema::{Field, Kind, Object};
use crate::org::table::{Row, Table};
use crate::soql::{self, QueryOptions};

/// The records found, `attributes` first, object by object. What changed after `indexed` is not found yet.
///
/// # Errors
/// 400 with the codes of SOQL for what a `RETURNING` says.
pub(crate) fn find(
    org: &Org,
    search: &Search,
    indexed: Timestamp,
    options: &QueryOptions<'_>,
) -> Result<Vec<Json>, ApiError> {
    let mut records = Vec::new();
    if search.returning.is_empty() {
        let is_stored = |object: &&Object| org.find_table(object.name).is_some_and(|table| !table.is_generated());
        for object in org.objects().filter(|object| is_searchable(object)).filter(is_stored) {
            let all = Returning { object: object.name.to_string(), ..Returning::default() };
            records.extend(of_object(org, search, &all, indexed, options)?);
        }
    } else {
        for returning in &search.returning {
            records.extend(of_object(org, search, returning, indexed, options)?);
        }
    }
    records.truncate(search.limit);
    Ok(records)
}

fn of_object(
    org: &Org,
    search: &Search,
    returning: &Returning,
    indexed: Timestamp,
    options: &QueryOptions<'_>,
) -> Result<Vec<Json>, ApiError> {
    let table = org.find_table(&returning.object).filter(|table| is_searchable(&table.object)).ok_or_else(|| {
        let message = format!("sObject type '{}' is not supported.", returning.object);
        ApiError::bad_request("INVALID_TYPE", message)
    })?;
    check_stored(table, "a search of them")?;
    let rows = table.rows().iter().filter(|row| !row.deleted && Org::is_older(table, row, indexed));
    let found = rows.filter(|row| search.term.is_in(&texts(table, row, search.scope)));
    let ids: Vec<String> = found.take(super::ROWS).map(|row| format!("'{}'", row.id)).collect();
    // What is wrong with the rest is told whether anything was found or not.
    let is_found = if ids.is_empty() { "Id = null".to_owned() } else { format!("Id IN ({})", ids.join(",")) };
    let fields = if returning.fields.is_empty() { "Id" } else { &returning.fields };
    let condition = returning.condition.as_ref().map(|condition| format!(" AND ({condition})")).unwrap_or_default();
    let soql = format!("SELECT {fields} FROM {} WHERE {is_found}{condition} {}", table.object.name, returning.rest);
    let query = soql::parse(&soql)?;
    Ok(soql::evaluate(org, &query, options)?.records)
}

/// Events are kept nowhere, and what another system keeps is in no index.
fn is_searchable(object: &Object) -> bool {
    !object.is_event() && object.is_counted()
}

/// The words of each text of a record.
fn texts(table: &Table, row: &Row, scope: Scope) -> Vec<Vec<Letters>> {
    let fields = table.object.seen_fields().filter(|(_, field)| is_in_scope(field, scope));
    fields.filter_map(|(place, _)| row.value(place).as_text()).map(letters).collect()
}

fn is_in_scope(field: &Field, scope: Scope) -> bool {
    match scope {
        Scope::Name => field.is_name,
        Scope::Email => matches!(field.kind, Kind::Email),
        Scope::Phone => matches!(field.kind, Kind::Phone),
        Scope::All => {
            matches!(field.kind, Kind::Text(_) | Kind::LongText(_) | Kind::Email | Kind::Phone | Kind::Url)
        }
    }
}
