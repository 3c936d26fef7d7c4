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

/// How many cells each record of a text has, between commas. None: they have not all as many, or a quote stands where none may (RFC
/// 4180 section 2).
pub(super) fn columns(text: &str) -> Option<u32> {
    let (mut scanner, mut rest, mut columns) = (Scanner::default(), text.as_bytes(), None);
    while !rest.is_empty() {
        let end = scanner.record_end(rest).unwrap_or(rest.len());
        let (record, behind) = rest.split_at_checked(end)?;
        rest = behind;
        if record.iter().all(|byte| b"\r\n".contains(byte)) {
            continue;
        }
        let cells = cells(record)?;
        if *columns.get_or_insert(cells) != cells {
            return None;
        }
    }
    Some(columns.unwrap_or(0))
}

fn cells(record: &[u8]) -> Option<u32> {
    /// Where in a cell the next byte stands.
    #[derive(Clone, Copy)]
    enum Place {
        Start,
        Bare,
        Quoted,
        /// Behind a quote that closes the cell, unless another follows.
        Closed,
    }
    let (mut place, mut count) = (Place::Start, 1);
    for byte in record {
        place = match (place, byte) {
            (Place::Start | Place::Closed, b'"') => Place::Quoted,
            (Place::Quoted, b'"') => Place::Closed,
            (Place::Quoted, _) => Place::Quoted,
            (_, b',') => {
                count += 1;
                Place::Start
            }
            (place, b'\r' | b'\n') => place,
            (Place::Bare, b'"') | (Place::Closed, _) => return None,
            (Place::Start | Place::Bare, _) => Place::Bare,
        };
    }
    Some(count)
}

/// Drops a byte order mark from the head of a text.
pub(super) fn unmark(text: &mut String) {
    if text.starts_with(BYTE_ORDER_MARK) {
        let all = BYTE_ORDER_MARK.len_utf8()..text.len();
        cut(text, all);
    }
}

/// Takes the text out of an answer, with a line end at its end, and counts its records.
pub(super) fn take(response: &mut Response) -> Result<(String, Records)> {
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
    match Records::of(&text) {
        Some(records) => Ok((text, records)),
        None => Err(Error::invalid_response("expected whole records, but the CSV ends inside of quotes")),
    }
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
        for (text, expected) in [
            ("", Some(0)),
            ("\n\r\n", Some(0)),
            ("a", Some(1)),
            ("\"a,b\",c\r\n1,\n\n,\"\"\n", Some(2)),
            ("\"a\"\"b\",\"c\nd\",\n\"\"\"\",,\"\"", Some(3)),
            ("a,b\n1\n", None),
            ("a,b\n1,2,3\n", None),
            ("\"a\"b\n", None),
            ("a\"b\"\n", None),
            ("\"a\" \n", None),
        ] {
            assert_eq!(columns(text), expected, "{text:?}");
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
        }
    }
}
