//! Writes the rows of an ingest job, each for itself, a slice of them at a time. What one row is refused for says nothing about the others.

use std::io::Cursor;

use csv::StringRecord;
use serde_json::{Value, json};

use super::dialect::Dialect;
use super::invalid_job;
use crate::ApiError;
use crate::ledger::{Write, WriteKind};
use crate::org::foreign_key::ForeignKey;
use crate::org::schema::{Kind, Object};
use crate::org::value::parse_checkbox;
use crate::org::{Org, Record, WriteOptions};
use crate::rest::collections::request::{id_of, missing};
use crate::rest::saved::{Repeated, Saved, unknown_record};

/// Rows that are written at a time.
const SLICE: usize = 200;

/// What a job does with its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    Insert,
    Update,
    /// By this field.
    Upsert(String),
    Delete,
}

impl Operation {
    pub(super) fn parse(name: &str, key: Option<String>) -> Result<Self, ApiError> {
        match (name, key) {
            ("insert", None) => Ok(Self::Insert),
            ("update", None) => Ok(Self::Update),
            ("delete", None) => Ok(Self::Delete),
            ("upsert", Some(field)) => Ok(Self::Upsert(field)),
            ("upsert", None) => Err(invalid_job("upsert needs externalIdFieldName")),
            ("hardDelete", _) => Err(ApiError::bad_request(
                "FEATURENOTENABLED",
                "hardDelete operation requires special user profile permission, please contact your system administrator",
            )),
            ("insert" | "update" | "delete", Some(_)) => Err(invalid_job("externalIdFieldName is for upsert alone")),
            _ => Err(invalid_job(format!("operation {name} is not known"))),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Upsert(_) => "upsert",
            Self::Delete => "delete",
        }
    }
}

/// What became of the rows.
#[derive(Debug, Default)]
pub(super) struct Load {
    pub(super) processed: usize,
    pub(super) failed: usize,
    /// Why none was written.
    pub(super) error: Option<String>,
    pub(super) successful_results: Vec<u8>,
    pub(super) failed_results: Vec<u8>,
    pub(super) unprocessed: Vec<u8>,
}

impl Load {
    pub(super) fn bytes(&self) -> usize {
        self.successful_results.len() + self.failed_results.len() + self.unprocessed.len()
    }

    fn refused(error: String, unprocessed: Vec<u8>) -> Self {
        Self { error: Some(error), unprocessed, ..Self::default() }
    }
}

/// A load that goes on.
pub(super) struct Loading {
    object: String,
    operation: Operation,
    dialect: Dialect,
    headers: StringRecord,
    rows: csv::StringRecordsIntoIter<Cursor<String>>,
    load: Load,
    is_done: bool,
}

impl Loading {
    /// Looks at the data and their header; `org` is a copy to look at. What cannot be read ends at once.
    pub(super) fn begin(
        org: impl FnOnce() -> Org,
        object: String,
        operation: Operation,
        dialect: Dialect,
        content: Vec<u8>,
    ) -> Result<Self, Load> {
        let text = checked(dialect, content).map_err(|(error, unprocessed)| Load::refused(error, unprocessed))?;
        let mut reader = dialect.reader(text);
        let headers = reader.headers().cloned().unwrap_or_default();
        if let Some(error) = wrong_columns(&org(), &object, &operation, &headers) {
            return Err(Load::refused(error, reader.into_inner().into_inner().into_bytes()));
        }
        let load = Load::default();
        let rows = reader.into_records();
        let mut loading = Self { object, operation, dialect, headers, rows, load, is_done: false };
        let headers = loading.headers.clone();
        loading.tell(|load| &mut load.successful_results, &["sf__Id", "sf__Created"], &headers);
        loading.tell(|load| &mut load.failed_results, &["sf__Id", "sf__Error"], &headers);
        loading.tell(|load| &mut load.unprocessed, &[], &headers);
        Ok(loading)
    }

    /// Writes the next rows; answers the writes.
    pub(super) fn slice(&mut self, org: &mut Org, options: &WriteOptions) -> Vec<Write> {
        let read: Vec<_> = self.rows.by_ref().take(SLICE).collect();
        self.is_done = read.len() < SLICE;
        // The text is UTF-8 and rows may be of any length, so nothing is left that a row can be unreadable for.
        let read: Vec<StringRecord> = read.into_iter().flatten().collect();
        let (object, operation, headers) = (self.object.clone(), self.operation.clone(), self.headers.clone());
        let repeated = repeated(&operation, &headers, &read);
        let rows = Rows { object: &object, operation: &operation, headers: &headers, options, repeated };
        let mut writes = Vec::new();
        for row in read {
            self.load.processed += 1;
            match rows.write(org, &row) {
                Ok(saved) => {
                    let created = if saved.write.kind == WriteKind::Create { "true" } else { "false" };
                    self.tell(|load| &mut load.successful_results, &[&saved.write.id, created], &row);
                    writes.extend(saved.into_writes());
                }
                Err((id, error)) => {
                    self.load.failed += 1;
                    self.tell(|load| &mut load.failed_results, &[&id, &error], &row);
                }
            }
        }
        writes
    }

    /// What became of the rows, once all are written.
    pub(super) fn done(&mut self) -> Option<Load> {
        self.is_done.then(|| std::mem::take(&mut self.load))
    }

    /// Leaves the rest as it is.
    pub(super) fn stop(&mut self) -> Load {
        while let Some(row) = self.rows.next() {
            if let Ok(row) = row {
                self.tell(|load| &mut load.unprocessed, &[], &row);
            }
        }
        std::mem::take(&mut self.load)
    }

    /// Adds a line to a result. One that cannot be written, which none is, fails the job.
    fn tell(&mut self, result: fn(&mut Load) -> &mut Vec<u8>, first: &[&str], row: &StringRecord) {
        match self.dialect.lines([first.iter().copied().chain(row)]) {
            Ok(line) => result(&mut self.load).extend(line),
            Err(error) => self.load.error = Some(error.message),
        }
    }
}

/// What several rows of a slice are found by: Salesforce writes as many rows at a time, too.
fn repeated(operation: &Operation, headers: &StringRecord, rows: &[StringRecord]) -> Repeated {
    let Operation::Upsert(field) = operation else { return Repeated::default() };
    let place = headers.iter().position(|header| header.eq_ignore_ascii_case(field));
    let values = rows.iter().filter_map(|row| row.get(place?)).filter(|value| !value.is_empty());
    Repeated::among(values)
}

/// The text of the content, or why it is none, with the content.
fn checked(dialect: Dialect, content: Vec<u8>) -> Result<String, (String, Vec<u8>)> {
    let text = match String::from_utf8(content) {
        Ok(text) => text,
        Err(error) => return Err(("ClientInputError : the data are not UTF-8".to_owned(), error.into_bytes())),
    };
    // The byte order mark is not taken off, and belongs to the first name.
    let error = if text.starts_with('\u{feff}') {
        let name = text.split(['\n', '\r', ',', ';', '|', '\t', '^', '`']).next().unwrap_or_default();
        format!("InvalidBatch : Field name not found : {name}")
    } else if let Err(wrong) = dialect.check_quotes(&text) {
        format!("InvalidBatch : Failed to parse CSV. {wrong}")
    } else if !dialect.ends_lines_of(&text) {
        let ending = dialect.line_ending();
        format!("ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {ending}")
    } else {
        return Ok(text);
    };
    Err((error, text.into_bytes()))
}

/// What is wrong with the columns, if anything is.
fn wrong_columns(org: &Org, object: &str, operation: &Operation, headers: &StringRecord) -> Option<String> {
    let Ok(known) = org.object(object) else { return Some(format!("InvalidBatch : Unable to find object: {object}")) };
    let not_found = |name: &str| Some(format!("InvalidBatch : Field name not found : {name}"));
    if let Some(name) = headers.iter().find(|name| !is_column(known, name)) {
        return not_found(name);
    }
    let has = |name: &str| headers.iter().any(|header| header.eq_ignore_ascii_case(name));
    match operation {
        Operation::Update | Operation::Delete if !has("Id") => not_found("Id"),
        Operation::Upsert(field) if !has(field) => not_found(field),
        Operation::Delete if headers.len() > 1 => Some("InvalidBatch : a delete has one column, Id".to_owned()),
        _ => None,
    }
}

/// A field, or a lookup told by an external Id.
fn is_column(object: &Object, name: &str) -> bool {
    object.field(name).is_some() || ForeignKey::of_column(object, name).is_some()
}

struct Rows<'a> {
    object: &'a str,
    operation: &'a Operation,
    headers: &'a StringRecord,
    options: &'a WriteOptions,
    repeated: Repeated,
}

impl Rows<'_> {
    /// Writes a row, or says the Id it has and what is wrong with it.
    fn write(&self, org: &mut Org, row: &StringRecord) -> Result<Saved, (String, String)> {
        let object = org.object(self.object).map_err(|error| (String::new(), shown(&error)))?;
        let (id, record) = self.record(object, row);
        let told = id.clone().unwrap_or_default();
        if row.len() != self.headers.len() {
            let message = format!("the row has {} columns, the header has {}", row.len(), self.headers.len());
            return Err((told, shown(&ApiError::bad_request("INVALID_FIELD", message))));
        }
        if let Some(error) = self.undeserializable(org, row) {
            return Err((told, error));
        }
        self.save(org, id, record).map_err(|error| (told, shown(&error)))
    }

    fn save(&self, org: &mut Org, id: Option<String>, mut record: Record) -> Result<Saved, ApiError> {
        let given =
            |id: Option<String>, call: &str| id.ok_or_else(|| missing(&format!("Id not specified in {call} call")));
        match self.operation {
            Operation::Insert if id.is_some() => {
                let message = "cannot specify Id in an insert call";
                Err(ApiError::bad_request("INVALID_FIELD_FOR_INSERT_UPDATE", message).on(&["Id"]))
            }
            Operation::Insert => Saved::create(org, self.object, &record, self.options),
            Operation::Update => {
                let id = id_of(org, self.object, &given(id, "an update")?)?;
                org.update(self.object, &id, &record, self.options).map_err(unknown_record)?;
                Saved::new(org, WriteKind::Update, self.object, id)
            }
            Operation::Delete => {
                let id = id_of(org, self.object, &given(id, "a delete")?)?;
                Saved::delete(org, self.object, id, self.options).map_err(unknown_record)
            }
            Operation::Upsert(field) => {
                let key = record.keys().find(|name| name.eq_ignore_ascii_case(field)).cloned();
                let value =
                    key.and_then(|key| record.shift_remove(&key)).and_then(|value| Some(value.as_str()?.to_owned()));
                let value = value.or_else(|| id.filter(|_| field.eq_ignore_ascii_case("Id")));
                let value = value.ok_or_else(|| missing(&format!("{field} not specified")).on(&[field]))?;
                self.repeated.check(field, &value)?;
                Saved::upsert(org, self.object, field, &value, &record, self.options)
            }
        }
    }

    /// The Id and the values of a row. What is empty is not touched, `#N/A` is null.
    fn record(&self, object: &Object, row: &StringRecord) -> (Option<String>, Record) {
        let (mut id, mut record) = (None, Record::new());
        for (name, text) in self.headers.iter().zip(row).filter(|(_, text)| !text.is_empty()) {
            if name.eq_ignore_ascii_case("Id") {
                id = Some(text.to_owned());
                continue;
            }
            let field = object.field(name).map(|(_, field)| field);
            let value = match field.filter(|field| matches!(field.kind, Kind::Boolean)).and(parse_checkbox(text)) {
                _ if text == "#N/A" => Value::Null,
                Some(checked) => Value::Bool(checked),
                None => json!(text),
            };
            match ForeignKey::of_column(object, name) {
                Some(key) => record.insert(key.relationship.to_owned(), key.json(value)),
                None => record.insert(name.to_owned(), value),
            };
        }
        (id, record)
    }

    /// What says of a value that it is none of its field's type.
    fn undeserializable(&self, org: &Org, row: &StringRecord) -> Option<String> {
        let object = org.object(self.object).ok()?;
        let columns =
            self.headers.iter().zip(row).enumerate().filter(|(_, (_, text))| !text.is_empty() && *text != "#N/A");
        for (place, (name, text)) in columns {
            let Some((_, field)) = object.field(name) else { continue };
            if matches!(field.kind, Kind::Boolean) && parse_checkbox(text).is_some() {
                continue;
            }
            if org.parse_text(field, text).is_err_and(|error| error.code == "JSON_PARSER_ERROR") {
                let kind = match field.kind {
                    Kind::Boolean => "boolean",
                    Kind::Integer => "int",
                    Kind::Number { .. } => "double",
                    Kind::Date => "date",
                    Kind::DateTime => "dateTime",
                    _ => "string",
                };
                let message = format!(
                    "Failed to deserialize field at col {place}. Due to, '{text}' is not a valid value for the type xsd:{kind}"
                );
                return Some(shown(&ApiError::bad_request("INVALID_FIELD", message).on(&[field.name])));
            }
        }
        None
    }
}

/// Code, message and fields, as the column `sf__Error` has them.
fn shown(error: &ApiError) -> String {
    let fields = error.fields.as_deref().unwrap_or_default().join(",");
    let space = if fields.is_empty() { "" } else { " " };
    format!("{}:{}:{fields}{space}--", error.code, error.message)
}
