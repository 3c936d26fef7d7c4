//! Errors that show where in the query they are, as Salesforce shows it. Not for which errors there are.

use super::ast::{Position, Source};
use crate::ApiError;

/// How much of the line is shown on each side, in characters, before it is widened to whole words.
const CONTEXT: usize = 30;

impl Source {
    /// A 400 whose message is the line, a caret under the place, `ERROR at Row:1:Column:8` and the text.
    #[must_use]
    pub fn error(&self, code: &'static str, at: Position, message: &str) -> ApiError {
        let before = self.0.get(..at.0).unwrap_or(&self.0);
        let row = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line: Vec<char> =
            self.0.get(start..).unwrap_or_default().lines().next().unwrap_or_default().chars().collect();
        let column = before.get(start..).unwrap_or_default().chars().count();
        let (first, after) = around(&line, column);
        let shown: String = line.get(first..after).unwrap_or_default().iter().collect();
        let caret = " ".repeat(column - first);
        let column = column + 1;
        ApiError::bad_request(code, format!("\n{shown}\n{caret}^\nERROR at Row:{row}:Column:{column}\n{message}"))
    }

    /// [`Source::error`] with the code `MALFORMED_QUERY`.
    #[must_use]
    pub fn malformed(&self, at: Position, message: &str) -> ApiError {
        self.error("MALFORMED_QUERY", at, message)
    }
}

/// What is shown of a line around a place: from the one character to before the other.
fn around(line: &[char], place: usize) -> (usize, usize) {
    let is_inside_word = |end: usize| {
        let is_part = |at: Option<usize>| {
            at.and_then(|at| line.get(at)).is_some_and(|&one| one.is_alphanumeric() || one == '_' || one == '.')
        };
        is_part(end.checked_sub(1)) && is_part(Some(end))
    };
    let mut first = place.saturating_sub(CONTEXT);
    while is_inside_word(first) {
        first -= 1;
    }
    let mut after = line.len().min(place + CONTEXT);
    while is_inside_word(after) {
        after += 1;
    }
    (first, after)
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
    fn a_long_line_is_cut_at_words_around_the_place() {
        let fields = "Id, Name, CreatedById,OCE__ActualCap__c,TPI_Product__c,Name,OCE__JobId__c,Other__c FROM A";
        let at = fields.find("TPI").unwrap();
        let error = Source(fields.to_owned()).malformed(Position(at), "m");
        let shown = "CreatedById,OCE__ActualCap__c,TPI_Product__c,Name,OCE__JobId__c";
        assert_eq!(error.message, format!("\n{shown}\n{}^\nERROR at Row:1:Column:41\nm", " ".repeat(30)));

        let fields = "Account.Phone, Account.Rating, Account.RecordTypeId, Account.ShippingCity, Account.Site";
        let error =
            Source(format!("SELECT {fields}")).malformed(Position(7 + fields.find("Account.Rec").unwrap()), "m");
        let shown = "Account.Phone, Account.Rating, Account.RecordTypeId, Account.ShippingCity";
        assert_eq!(error.message, format!("\n{shown}\n{}^\nERROR at Row:1:Column:39\nm", " ".repeat(31)));
    }

    #[test]
    fn a_long_word_is_whole() {
        let error = Source("x".repeat(1_000)).malformed(Position(500), "m");
        assert_eq!(
            error.message,
            format!("\n{}\n{}^\nERROR at Row:1:Column:501\nm", "x".repeat(1_000), " ".repeat(500))
        );
    }
}
