//! The rows of a load, each with the record that it becomes.

use super::super::failure::Failure;
use super::super::rows::{Columns, Input, Row, Rows, Written};
use super::operation::{Operation, Record};

/// A row, and the record that it becomes.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) row: Row,
    pub(super) record: Record,
}

/// They come one after the other.
pub(super) struct Records<'a> {
    rows: Rows<'a>,
    operation: &'a Operation,
    /// Of CSV.
    columns: Option<Columns>,
}

impl<'a> Records<'a> {
    /// All of them, from the first. Columns are those of CSV.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(super) fn of(
        input: &'a Input,
        operation: &'a Operation,
        columns: Option<Columns>,
    ) -> Result<Records<'a>, Failure> {
        Ok(Records { rows: input.rows()?, operation, columns })
    }

    /// The next one.
    ///
    /// # Errors
    /// `Failure::Local`: what was expected in which line.
    pub(super) fn next(&mut self) -> Result<Option<Recorded>, Failure> {
        let Some(row) = self.rows.next()? else { return Ok(None) };
        let record = match &row.written {
            Written::Json(members) => {
                let members: Vec<_> = members.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                self.operation.record(&members)
            }
            Written::Csv(cells) => {
                let cells = cells.iter().map(String::as_str);
                let members = self.columns.as_ref().map_or_else(|| Ok(Vec::new()), |columns| columns.members(cells));
                members.and_then(|members| {
                    let members: Vec<_> = members.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    self.operation.record(&members)
                })
            }
        };
        let record = record.map_err(|words| self.rows.input.wrong(row.line, &words))?;
        Ok(Some(Recorded { row, record }))
    }
}
