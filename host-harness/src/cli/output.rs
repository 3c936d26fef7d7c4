//! What goes to standard output: JSON, compact for programs and indented for people, and tables.

use std::io::{self, IsTerminal, Write};

use salesforce_actions::display::json::inert;
use salesforce_actions::table::{Bounds, Table};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::failure::Failure;
use super::layout;

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// One line of JSON.
    Json,
    /// JSON, indented, with escapes for what a terminal would obey.
    Pretty,
}

impl Output {
    /// What was asked for, else `Pretty` on a terminal and `Json` in a pipe or file.
    pub(crate) fn choose(json: bool, pretty: bool) -> Output {
        match (json, pretty) {
            // Typed, while a file says the other.
            (_, true) => Output::Pretty,
            (true, false) => Output::Json,
            (false, false) if io::stdout().is_terminal() => Output::Pretty,
            (false, false) => Output::Json,
        }
    }

    /// Writes one result and a newline.
    ///
    /// # Errors
    /// `Failure::Output`, also when the reader has closed the pipe (which is then no failure to speak of).
    pub(crate) fn write(self, result: &impl Serialize) -> Result<(), Failure> {
        let json = serde_json::to_string(result).map_err(|error| Failure::Output(error.into()))?;
        self.write_text(&json)
    }

    /// As [`Output::write`], for a result that is JSON text already.
    ///
    /// # Errors
    /// As [`Output::write`].
    pub(crate) fn write_text(self, json: &str) -> Result<(), Failure> {
        let text = match self {
            Output::Json => layout::compact(json),
            Output::Pretty => inert(&layout::pretty(json)).into_owned(),
        };
        write_line(&mut io::stdout().lock(), &text)
    }
}

/// Writes one line and flushes it, so that a reader has it before the next page is fetched.
///
/// # Errors
/// `Failure::Output`.
pub(crate) fn write_line(to: &mut impl Write, text: &str) -> Result<(), Failure> {
    writeln!(to, "{text}").and_then(|()| to.flush()).map_err(Failure::Output)
}

/// Writes what `Row` names of each entry as a table.
///
/// # Errors
/// An entry has not what `Row` names, or standard output.
pub(crate) fn write_table<Row: Serialize + DeserializeOwned>(entries: &[Box<RawValue>]) -> Result<(), Failure> {
    let rows = entries.iter().map(|entry| serde_json::from_str(entry.get())).collect::<Result<Vec<Row>, _>>();
    let rows = rows.and_then(|rows| serde_json::to_string(&rows)).map_err(|error| Failure::Output(error.into()))?;
    write_line(&mut anstream::stdout().lock(), table_of(&rows, terminal_width()).trim_end())
}

/// The table of a JSON array of records, no wider than this.
pub(crate) fn table_of(records: &str, width: Option<usize>) -> String {
    Table::of_records(records, Bounds::NONE).to_text(width)
}

/// How wide the terminal is that standard output goes to, or is said to be by `COLUMNS`; none if it goes elsewhere.
pub(crate) fn terminal_width() -> Option<usize> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let is = || rustix::termios::tcgetwinsize(&stdout).ok().map(|size| usize::from(size.ws_col));
    said.or_else(is).filter(|&columns| columns > 0)
}
