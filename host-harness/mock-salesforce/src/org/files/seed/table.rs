//! Records of one object in CSV, as the Bulk API has them.
//!
//! Source: Bulk API 2.0 Developer Guide, "Prepare CSV Files": a header of field names; `Relationship.Field` for a lookup by an
//! external Id; an empty cell says nothing, `#N/A` null.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::super::name::ApiName;
use super::super::{FileError, Source};
use super::{Draft, Seed, known_as};
use crate::csv_quotes::{self, WrongQuote};
use crate::org::foreign_key::ForeignKey;
use crate::org::schema::{Kind, Object};
use crate::org::value::parse_checkbox;
use crate::org::{Org, Record};

const NULL: &str = "#N/A";

/// What a column is about.
enum Column {
    /// The Id that the record had elsewhere.
    Id,
    Field {
        name: String,
        is_boolean: bool,
    },
    ForeignKey(ForeignKey<'static>),
}

/// Reads all records of a file.
pub(super) fn read(org: &Org, file: usize, seed: &Seed, drafts: &mut Vec<Draft>) -> Result<(), FileError> {
    let source = &seed.source;
    let stem = source.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let name = seed.object.as_deref().unwrap_or(stem);
    let table = org.find_table(name).ok_or_else(|| {
        let problem = format!(
            "the org has no object {name}: expected a file called after its object, or OBJECT={}",
            source.path.display()
        );
        FileError::of_file(&source.path, problem)
    })?;
    let object = &table.object;
    if source.text.trim().is_empty() {
        let problem = format!("an empty file: expected the API names of fields of {} in the first line", object.name);
        return Err(FileError::of_file(&source.path, problem));
    }
    csv_quotes::check(&source.text, ',').map_err(|(line, wrong)| {
        let problem = match wrong {
            WrongQuote::Unclosed => "a quote that opens a cell is never closed",
            WrongQuote::TextAfter => {
                "text after the quote that closes a cell: expected a comma or the end of the line; a quote within quotes is \
                 written twice"
            }
            WrongQuote::Unescaped => {
                "a quote in a cell that does not begin with one: expected the cell in quotes, and the quote twice"
            }
        };
        source.error(line, problem)
    })?;
    let mut reader = csv::ReaderBuilder::new().from_reader(source.text.as_bytes());
    let header = reader.headers().map_err(|error| wrong(source, &error))?.clone();
    let columns: Vec<_> = header.iter().map(|name| column(source, object, name)).collect::<Result<_, _>>()?;
    check_once(source, object, &columns)?;
    for row in reader.records() {
        let row = row.map_err(|error| wrong(source, &error))?;
        let at = row.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let (mut body, mut names) = (Record::new(), Vec::new());
        for (column, cell) in columns.iter().zip(&row).filter(|(_, cell)| !cell.is_empty()) {
            match column {
                Column::Id => names.push(known_as(cell)),
                Column::Field { name, .. } if cell == NULL => {
                    body.insert(name.clone(), Json::Null);
                }
                Column::Field { name, is_boolean: true } => {
                    body.insert(name.clone(), parse_checkbox(cell).map_or_else(|| json!(cell), Json::Bool));
                }
                Column::Field { name, .. } => {
                    body.insert(name.clone(), json!(cell));
                }
                Column::ForeignKey(key) => {
                    let value = if cell == NULL { Json::Null } else { json!(cell) };
                    body.insert(key.relationship.to_owned(), key.json(value));
                }
            }
        }
        drafts.push(Draft { file, at, object: object.name.to_owned(), names, body });
    }
    Ok(())
}

fn column(source: &Source, object: &Object, name: &str) -> Result<Column, FileError> {
    let wrong = |problem: String| source.error(1, problem);
    if name.eq_ignore_ascii_case("Id") {
        return Ok(Column::Id);
    }
    if name.contains('.') {
        let key = ForeignKey::of_column(object, name).ok_or_else(|| {
            let expected =
                "expected Relationship.Field, or Object:Relationship.Field where it may lead to several objects";
            wrong(format!("column {name}: {} has no such relationship: {expected}", object.name))
        })?;
        let field = ApiName::parse(key.field).map_err(wrong)?.0;
        return Ok(Column::ForeignKey(ForeignKey { field, ..key }));
    }
    let (_, field) = object.field(name).ok_or_else(|| {
        let expected = "expected its fields' API names in the first line";
        wrong(format!("column {name:?}: {} has no such field: {expected}", object.name))
    })?;
    Ok(Column::Field { name: field.name.to_owned(), is_boolean: matches!(field.kind, Kind::Boolean) })
}

/// No two columns may be about the same field.
fn check_once(source: &Source, object: &Object, columns: &[Column]) -> Result<(), FileError> {
    let mut known = HashSet::new();
    for column in columns {
        let name = match column {
            Column::Id => "Id",
            Column::Field { name, .. } => name.as_str(),
            Column::ForeignKey(key) => object.lookup(key.relationship).map_or("", |(_, field, _)| field.name),
        };
        if !known.insert(name) {
            return Err(source.error(1, format!("two columns are about {name}: expected one")));
        }
    }
    Ok(())
}

fn wrong(source: &Source, error: &csv::Error) -> FileError {
    let line = error.position().map_or(1, |position| usize::try_from(position.line()).unwrap_or(usize::MAX));
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => source.error(
            line,
            format!("{len} {}: expected {expected_len}, as in the header", if *len == 1 { "cell" } else { "cells" }),
        ),
        _ => FileError::of_file(Path::new(&source.path), error.to_string()),
    }
}
