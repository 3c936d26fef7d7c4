//! Quotes of CSV, which the reader of CSV takes however they stand: text would silently land in the wrong cell.
//!
//! Source: Bulk API 2.0 Developer Guide, "Valid CSV Record Rows"; the messages are those of Salesforce's own `CSVReader`
//! (`com.sforce.async`).

/// What is wrong with a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WrongQuote {
    /// It opens a cell that never ends.
    #[error("EOF reached before closing an opened quote")]
    Unclosed,
    /// It closes a cell, and more follows than the end of the cell.
    #[error("Not expecting more text after end quote")]
    TextAfter,
    /// It stands in a cell that does not begin with one.
    #[error("Found unescaped quote. A value with quote should be within a quote")]
    Unescaped,
}

/// Where a character stands.
enum Place {
    CellStart,
    Bare,
    /// Within quotes that opened in this line.
    Quoted(usize),
    /// After a quote that closes the cell, which opened in this line, unless another quote follows.
    Closed(usize),
}

/// Checks that cells are whole in quotes or without any. Otherwise it tells the line, from 1, and what is wrong there.
pub(crate) fn check(text: &str, delimiter: char) -> Result<(), (usize, WrongQuote)> {
    let (mut place, mut line) = (Place::CellStart, 1);
    for letter in text.chars() {
        place = match (place, letter) {
            (Place::CellStart, '"') => Place::Quoted(line),
            (Place::Quoted(opened), '"') => Place::Closed(opened),
            (Place::Closed(opened), '"') | (Place::Quoted(opened), _) => Place::Quoted(opened),
            (Place::Bare, '"') => return Err((line, WrongQuote::Unescaped)),
            (_, '\r' | '\n') => Place::CellStart,
            (_, letter) if letter == delimiter => Place::CellStart,
            (Place::Closed(_), _) => return Err((line, WrongQuote::TextAfter)),
            (Place::CellStart | Place::Bare, _) => Place::Bare,
        };
        line += usize::from(letter == '\n');
    }
    match place {
        Place::Quoted(opened) => Err((opened, WrongQuote::Unclosed)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_whole_in_quotes_or_without_any() {
        for good in ["", "A,B\n\"1\",2\n", "A\r\n\"x\"\"y,\nz\"\r\n", "A\n\"\"\n", "A\n\"\"\"\""] {
            assert_eq!(check(good, ','), Ok(()), "{good}");
        }
        for (wrong, line, problem) in [
            ("A\n\"x\ny\n", 2, WrongQuote::Unclosed),
            ("A,B\n1,2\n3,\"", 3, WrongQuote::Unclosed),
            ("A\n\"x\ny\"z\n", 3, WrongQuote::TextAfter),
            ("A\n5\" pipe\n", 2, WrongQuote::Unescaped),
        ] {
            assert_eq!(check(wrong, ','), Err((line, problem)), "{wrong}");
        }
        assert_eq!(check("A|B\n\"x\"|y", '|'), Ok(()));
    }
}
