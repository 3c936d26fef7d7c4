//! Errors that show where in the query they are, as Salesforce shows it. Not for which errors there are.

use super::ast::{Position, Source};
use crate::ApiError;

/// How much of the line is shown on each side, in characters.
const CONTEXT: usize = 60;

impl Source {
    /// A 400 whose message is the line, a caret under the place, `ERROR at Row:1:Column:8` and the text.
    #[must_use]
    pub fn error(&self, code: &'static str, at: Position, message: &str) -> ApiError {
        let before = self.0.get(..at.0).unwrap_or(&self.0);
        let row = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(start..).unwrap_or_default().chars().count();
        let line = self.0.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
        let skipped = column.saturating_sub(CONTEXT);
        let shown: String = line.chars().skip(skipped).take(column - skipped + CONTEXT).collect();
        let caret = " ".repeat(column - skipped);
        let column = column + 1;
        ApiError::bad_request(code, format!("\n{shown}\n{caret}^\nERROR at Row:{row}:Column:{column}\n{message}"))
    }

    /// [`Source::error`] with the code `MALFORMED_QUERY`.
    #[must_use]
    pub fn malformed(&self, at: Position, message: &str) -> ApiError {
        self.error("MALFORMED_QUERY", at, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_place() {
        let error = Source("SELECT Foo FROM Account".to_owned()).malformed(Position(7), "No such column 'Foo'");
        assert_eq!(error.message, "\nSELECT Foo FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Foo'");
    }

    #[test]
    fn rows_and_columns_count_characters_of_any_script() {
        let error = Source("SELECT Id\nFROM 株式 x".to_owned()).malformed(Position(22), "m");
        assert_eq!(error.message, "\nFROM 株式 x\n        ^\nERROR at Row:2:Column:9\nm");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let error = Source("x".repeat(1_000)).malformed(Position(500), "m");
        let expected = format!("\n{}\n{}^\nERROR at Row:1:Column:501\nm", "x".repeat(120), " ".repeat(60));
        assert_eq!(error.message, expected);
    }
}
