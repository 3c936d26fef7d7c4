//! CSV (RFC 4180) as text: where its records end, and how many there are. Fields are not taken apart, and no memory is taken,
//! however many records there are.

use crate::core::error::{Error, Result};
use crate::core::http::Response;
use crate::core::text::cut;

/// What `Accept` and `Content-Type` say.
pub(super) const TYPE: &str = "text/csv";

pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// Finds where records end, in a text that comes piece by piece. A record ends with a line end outside of quotes; an empty line is
/// none. A quote inside of quotes is doubled, so it does not matter that the pair is taken for an end and a beginning.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scanner {
    /// A quote is open.
    pub(super) is_quoted: bool,
    /// A record has begun and has not ended.
    pub(super) is_begun: bool,
}

impl Scanner {
    /// Goes on to the end of the next record: behind it. None: the piece ends before.
    pub(super) fn record_end(&mut self, piece: &[u8]) -> Option<usize> {
        for (at, byte) in piece.iter().enumerate() {
            match byte {
                b'\n' if !self.is_quoted => {
                    if std::mem::take(&mut self.is_begun) {
                        return Some(at + 1);
                    }
                }
                b'\r' => {}
                _ => {
                    self.is_quoted ^= *byte == b'"';
                    self.is_begun = true;
                }
            }
        }
        None
    }
}

/// The records of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Records {
    /// How many there are, the header among them.
    pub(super) count: u64,
    /// Where the second begins.
    pub(super) first_end: usize,
}

impl Records {
    /// Counts them; none if the last quote is not closed. The last one may end with the text.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (mut scanner, mut end) = (Scanner::default(), 0);
        let (mut count, mut first_end) = (0, 0);
        while let Some(length) = text.as_bytes().get(end..).and_then(|rest| scanner.record_end(rest)) {
            end += length;
            count += 1;
            if count == 1 {
                first_end = end;
            }
        }
        if scanner.is_begun {
            count += 1;
            if count == 1 {
                first_end = text.len();
            }
        }
        (!scanner.is_quoted).then_some(Self { count, first_end })
    }
}

/// A text whose records have as many cells each, between commas, and quotes around whole cells (RFC 4180 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) records: Records,
    /// Cells of each record; 0 of none.
    pub(super) columns: u32,
}

/// Where in a cell the next byte stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Start,
    Bare,
    Quoted,
    /// Behind a quote that closes the cell, unless another follows.
    Closed,
}

impl Table {
    /// Reads one.
    ///
    /// # Errors
    /// What is not as in a table.
    pub(super) fn of(text: &str) -> Result<Self> {
        let mut table = Self { records: Records { count: 0, first_end: 0 }, columns: 0 };
        let (mut place, mut cells, mut is_begun, mut is_even) = (Place::Start, 1, false, true);
        for (at, byte) in text.bytes().enumerate() {
            let next = match (place, byte) {
                (Place::Quoted, b'"') => Some(Place::Closed),
                (Place::Quoted, _) => Some(Place::Quoted),
                (_, b'\n') => {
                    if std::mem::take(&mut is_begun) {
                        is_even &= table.add(at + 1, cells);
                    }
                    cells = 1;
                    place = Place::Start;
                    continue;
                }
                (_, b'\r') => continue,
                (Place::Start | Place::Closed, b'"') => Some(Place::Quoted),
                (_, b',') => {
                    cells += 1;
                    Some(Place::Start)
                }
                (Place::Bare, b'"') | (Place::Closed, _) => None,
                (Place::Start | Place::Bare, _) => Some(Place::Bare),
            };
            is_begun = true;
            match next {
                Some(next) => place = next,
                None => return Err(Error::invalid_response("expected quotes around whole cells, found others")),
            }
        }
        if place == Place::Quoted {
            return Err(not_whole());
        }
        if is_begun {
            is_even &= table.add(text.len(), cells);
        }
        if is_even {
            return Ok(table);
        }
        Err(Error::invalid_response("expected rows with as many cells as the header, found others"))
    }

    /// A record ends there. Whether it has as many cells as those before.
    fn add(&mut self, end: usize, cells: u32) -> bool {
        self.records.count += 1;
        if self.records.count == 1 {
            (self.records.first_end, self.columns) = (end, cells);
        }
        self.columns == cells
    }
}

fn not_whole() -> Box<Error> {
    Error::invalid_response("expected whole records, but the CSV ends inside of quotes")
}

/// Drops a byte order mark from the head of a text.
pub(super) fn unmark(text: &mut String) {
    if text.starts_with(BYTE_ORDER_MARK) {
        let all = BYTE_ORDER_MARK.len_utf8()..text.len();
        cut(text, all);
    }
}

/// Takes the text out of an answer, with a line end at its end.
pub(super) fn take(response: &mut Response) -> Result<String> {
    let content_type = response.header("content-type").and_then(|value| value.get(..TYPE.len()));
    if !content_type.is_some_and(|value| value.eq_ignore_ascii_case(TYPE)) {
        return Err(Error::invalid_response("expected CSV (content-type text/csv), but something else came"));
    }
    let Ok(mut text) = String::from_utf8(std::mem::take(&mut response.body)) else {
        return Err(Error::invalid_response("expected CSV in UTF-8, but the bytes are no such text"));
    };
    if !text.is_empty() && !text.ends_with('\n') {
        // In its place: nothing was allocated since.
        text.reserve_exact(1);
        text.push('\n');
    }
    unmark(&mut text);
    Ok(text)
}

/// The same, and counts its records.
pub(super) fn take_counting(response: &mut Response) -> Result<(String, Records)> {
    let text = take(response)?;
    let records = Records::of(&text).ok_or_else(not_whole)?;
    Ok((text, records))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn records_end_outside_of_quotes() {
        for (text, count, first) in [
            ("", 0, ""),
            ("a", 1, "a"),
            ("a\n", 1, "a\n"),
            ("a\r\nb\r\n", 2, "a\r\n"),
            ("\n\r\na\n\nb", 2, "\n\r\na\n"),
            ("\"a\nb\",c\n1\n", 2, "\"a\nb\",c\n"),
            ("\"a\"\"\n\"\"\"\n1", 2, "\"a\"\"\n\"\"\"\n"),
            ("\"\"\n\"\r\"\n", 2, "\"\"\n"),
        ] {
            let records = Records::of(text).unwrap();
            assert_eq!((records.count, &text[..records.first_end]), (count, first), "{text:?}");
        }
        for open in ["\"", "a,\"b\nc\n", "\"a\"\"\n"] {
            assert_eq!(Records::of(open), None, "{open:?}");
        }
    }

    #[test]
    fn records_of_a_table_have_as_many_cells_and_quotes_where_they_may_be() {
        for (text, count, columns) in [
            ("", 0, 0),
            ("\n\r\n", 0, 0),
            ("a", 1, 1),
            ("\"a,b\",c\r\n1,\n\n,\"\"\n", 3, 2),
            ("\"a\"\"b\",\"c\nd\",\n\"\"\"\",,\"\"", 2, 3),
            (",\n,", 2, 2),
        ] {
            let table = Table::of(text).unwrap();
            assert_eq!((table.records, table.columns), (Records::of(text).unwrap(), columns), "{text:?}");
            assert_eq!(table.records.count, count, "{text:?}");
        }
        for (text, words) in [
            ("a,b\n1\n", "as many cells"),
            ("a,b\n1,2,3\n1,2\n", "as many cells"),
            ("\"a\"b\n", "quotes around whole cells"),
            ("a\"b\"\n", "quotes around whole cells"),
            ("\"a\" \n", "quotes around whole cells"),
            ("a\n\"b", "inside of quotes"),
        ] {
            let error = Table::of(text).unwrap_err();
            assert!(error.message.contains(words), "{text:?} {}", error.message);
        }
    }

    #[test]
    fn a_byte_order_mark_is_dropped_once() {
        for (before, after) in
            [("\u{feff}a", "a"), ("a\u{feff}", "a\u{feff}"), ("\u{feff}\u{feff}", "\u{feff}"), ("", "")]
        {
            let mut text = before.to_owned();
            unmark(&mut text);
            assert_eq!(text, after);
        }
    }

    proptest! {
        #[test]
        fn as_many_records_as_were_written(
            rows in prop::collection::vec(prop::collection::vec("[a\",\r\n\u{e9}]{0,6}", 1..4), 0..6),
            crlf in any::<bool>(),
        ) {
            let line_end = if crlf { "\r\n" } else { "\n" };
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let lines: Vec<String> =
                rows.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + line_end).collect();
            let records = Records::of(&lines.concat()).unwrap();
            prop_assert_eq!(records.count, lines.len() as u64);
            prop_assert_eq!(records.first_end, lines.first().map_or(0, String::len));
            let is_even = rows.iter().all(|row| row.len() == rows[0].len());
            let table = Table::of(&lines.concat());
            prop_assert_eq!(table.map(|table| table.records).ok(), is_even.then_some(records));
        }
    }
}
