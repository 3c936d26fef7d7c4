//! Quotes of CSV, which the reader of tables takes however they stand: text would silently land in the wrong cell.
//!
//! Source: RFC 4180, section 2.

/// Where a character stands.
enum Place {
    CellStart,
    Bare,
    /// Within quotes that opened in this line.
    Quoted(usize),
    /// After a quote that closes the cell, which opened in this line, unless another quote follows.
    Closed(usize),
}

/// Checks that every quote that opens a cell is closed, and that nothing but the end of the cell follows. Otherwise it tells the
/// line, from 1, and what is wrong there.
pub(super) fn check(text: &str) -> Result<(), (usize, String)> {
    let (mut place, mut line) = (Place::CellStart, 1);
    for letter in text.chars() {
        place = match (place, letter) {
            (Place::CellStart, '"') => Place::Quoted(line),
            (Place::Quoted(opened), '"') => Place::Closed(opened),
            (Place::Closed(opened), '"') | (Place::Quoted(opened), _) => Place::Quoted(opened),
            (_, ',' | '\r' | '\n') => Place::CellStart,
            (Place::Closed(_), _) => {
                let problem = format!(
                    "{letter:?} after the quote that closes a cell: expected a comma or the end of the line; a quote within \
                     quotes is written twice"
                );
                return Err((line, problem));
            }
            (Place::CellStart | Place::Bare, _) => Place::Bare,
        };
        line += usize::from(letter == '\n');
    }
    match place {
        Place::Quoted(opened) => Err((opened, "a quote that opens a cell is never closed".to_owned())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_closed_and_end_their_cell() {
        for good in ["", "A,B\n\"1\",2\n", "A\r\n\"x\"\"y,\nz\"\r\n", "A\n\"\"\n", "A\n5\" pipe\n"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (wrong, line, problem) in [
            ("A\n\"x\ny\n", 2, "a quote that opens"),
            ("A,B\n1,2\n3,\"", 3, "a quote that opens"),
            ("A\n\"x\ny\"z\n", 3, "'z' after the quote"),
        ] {
            let (at, told) = check(wrong).unwrap_err();
            assert!(at == line && told.starts_with(problem), "{at}: {told}");
        }
    }
}
