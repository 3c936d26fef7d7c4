//! What goes to standard output: JSON, compact for programs and indented for people.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use super::failure::Failure;
use super::layout;

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// One line of JSON.
    Json,
    /// JSON, indented.
    Pretty,
}

impl Output {
    /// What was asked for, else `Pretty` on a terminal and `Json` in a pipe or file.
    pub(crate) fn choose(json: bool, pretty: bool) -> Output {
        match (json, pretty) {
            (true, _) => Output::Json,
            (false, true) => Output::Pretty,
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
            Output::Pretty => layout::pretty(json),
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
