//! The result of a query job: a line of CSV for each record, written when it is read.

use serde_json::Value;

use super::dialect::Dialect;
use crate::ApiError;
use crate::org::Org;
use crate::org::schema::Kind;
use crate::soql::ast::{Item, Operand, Query};
use crate::soql::cursor::Cursor;
use crate::soql::{self, QueryOptions};

/// Records written at a time.
const WRITTEN_AT_ONCE: usize = 2_000;

/// What a query found, to be told in lines of CSV.
#[derive(Debug)]
pub(super) struct Extract {
    dialect: Dialect,
    columns: Vec<String>,
    cursor: Cursor,
}

impl Extract {
    /// Runs a query; answers its object too.
    ///
    /// # Errors
    /// Those of the query; 400 `API_ERROR` for what bulk queries do not support.
    pub(super) fn run(
        org: &Org,
        soql: &str,
        dialect: Dialect,
        options: &QueryOptions<'_>,
    ) -> Result<(String, Self), ApiError> {
        let query = soql::parse(soql)?;
        let columns = columns(&query)?;
        let from = query.select.from.text.clone();
        let cursor = Cursor::open(org, query, options)?;
        if let Some(what) = columns.iter().find_map(|column| no_text(org, &from, column)) {
            return Err(unsupported(what));
        }
        Ok((org.object(&from)?.name.to_string(), Self { dialect, columns, cursor }))
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.cursor.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.cursor.bytes()
    }

    /// The header and the lines from this record on, at most so many; answers how many there are.
    pub(super) fn page(&self, first: usize, most: usize) -> Result<(Vec<u8>, usize), ApiError> {
        let last = first.saturating_add(most).min(self.len());
        let mut lines = self.dialect.lines([self.columns.iter().map(String::as_str)])?;
        let paths: Vec<Vec<&str>> = self.columns.iter().map(|column| column.split('.').collect()).collect();
        for start in (first..last).step_by(WRITTEN_AT_ONCE) {
            for record in self.cursor.records(start..last.min(start + WRITTEN_AT_ONCE))? {
                let values: Vec<String> = paths.iter().map(|path| text(&record, path)).collect();
                lines.extend(self.dialect.lines([values.iter().map(String::as_str)])?);
            }
        }
        Ok((lines, last.saturating_sub(first)))
    }
}

fn unsupported(what: &str) -> ApiError {
    ApiError::bad_request("API_ERROR", format!("{what} not supported in Bulk Query"))
}

/// What the field is that a path of an object leads to, if it has no place in a line of CSV.
fn no_text(org: &Org, object: &str, path: &str) -> Option<&'static str> {
    let (relationships, field) = path.rsplit_once('.').unwrap_or(("", path));
    let mut relationships = relationships.split('.').filter(|name| !name.is_empty());
    let object = relationships.try_fold(org.object(object).ok(), |object, name| {
        let (_, _, lookup) = object?.lookup(name)?;
        Some(org.object(lookup.to).ok())
    });
    match &object.flatten()?.field(field)?.1.kind {
        Kind::Base64 => Some("Blob fields"),
        kind if kind.is_compound() => Some("Selecting compound data"),
        _ => None,
    }
}

/// The paths that the query selects.
fn columns(query: &Query) -> Result<Vec<String>, ApiError> {
    let select = &query.select;
    if !select.group_by.is_empty() {
        return Err(unsupported("Aggregate Relationships"));
    }
    if select.offset.is_some() {
        return Err(unsupported("OFFSET"));
    }
    let column = |item: &Item| match item {
        Item::Value(Operand::Field(path) | Operand::Label(path), _) => {
            // An alias of the object may stand before a field, and is no part of its name.
            let alias = select.alias.as_ref().or(Some(&select.from));
            let is_alias = |name: &String| alias.is_some_and(|alias| alias.text.eq_ignore_ascii_case(name));
            let skipped = usize::from(path.names.len() > 1 && path.names.first().is_some_and(is_alias));
            Ok(path.names.get(skipped..).unwrap_or_default().join("."))
        }
        Item::Children(_) => Err(unsupported("Nested queries")),
        _ => Err(unsupported("Functions and aggregates")),
    };
    select.items.iter().map(column).collect()
}

/// A value as text: null is empty, a moment ends in `Z`.
fn text(record: &Value, path: &[&str]) -> String {
    let mut value = record;
    for name in path {
        let members = value.as_object();
        let found = members.and_then(|members| members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)));
        match found {
            Some((_, found)) => value = found,
            None => return String::new(),
        }
    }
    match value {
        Value::Null | Value::Object(_) | Value::Array(_) => String::new(),
        Value::String(text) => match text.strip_suffix("+0000") {
            Some(moment) if crate::org::value::parse_moment(text).is_some() => format!("{moment}Z"),
            _ => text.clone(),
        },
        other => other.to_string(),
    }
}
