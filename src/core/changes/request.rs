//! What a poll asks for.

use super::filter::Filter;
use super::position::Position;
use super::span::DATETIME;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::moment::Moment;
use crate::core::name::{FieldPath, ObjectName};
use crate::core::records::parse_fields;

/// A poll of one object, ready to run. See `changes-request` in `wit/changes.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub(super) object: ObjectName,
    pub(super) fields: Vec<FieldPath>,
    pub(super) filter: Option<Filter>,
    pub(super) include_deleted: bool,
    /// Seconds.
    pub(super) overlap: u16,
    pub(super) max_records: u16,
    pub(super) position: Position,
}

impl Request {
    /// Parses what a caller asks for. `position` is of that object and of the connection's org.
    #[expect(clippy::too_many_arguments, reason = "one for each member of the WIT's record")]
    pub fn parse(
        connection: &Connection,
        object: ObjectName,
        fields: &[String],
        filter: Option<Filter>,
        include_deleted: bool,
        position: Option<&str>,
        since: Option<&str>,
        overlap: Option<u16>,
        max_records: Option<u16>,
    ) -> Result<Self> {
        let overlap = overlap.unwrap_or(60);
        if overlap > 3_600 {
            return Err(Error::invalid_argument("overlap-seconds", "0 to 3,600 seconds"));
        }
        let max_records = max_records.unwrap_or(2_000);
        if !(1..=10_000).contains(&max_records) {
            return Err(Error::invalid_argument("max-records", "1 to 10,000"));
        }
        let since = since.map(|text| Moment::parse(text).ok_or_else(|| Error::invalid_argument("since", DATETIME)));
        let since = since.transpose()?;
        let position = match position {
            Some(text) => Position::parse(text, connection, &object)?,
            None => Position::start(since.unwrap_or(Moment(0))),
        };
        Ok(Self { object, fields: parse_fields(fields)?, filter, include_deleted, overlap, max_records, position })
    }

    /// What a query selects: the fields, and those that the poll itself needs.
    pub(super) fn selection(&self) -> String {
        let mut selection = String::new();
        for field in &self.fields {
            selection.push_str(field.as_str());
            selection.push_str(", ");
        }
        let needed = ["Id", "SystemModstamp", "IsDeleted"];
        let needed = needed.iter().take(if self.include_deleted { 3 } else { 2 });
        for name in needed.filter(|name| !self.fields.iter().any(|field| field.as_str().eq_ignore_ascii_case(name))) {
            selection.push_str(name);
            selection.push_str(", ");
        }
        selection.truncate(selection.len().saturating_sub(2));
        selection
    }
}
