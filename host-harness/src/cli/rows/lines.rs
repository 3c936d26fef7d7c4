//! The input, cut into the lines of one row each: neither a line nor a row is read further than a row may be long.

use std::io::{self, BufRead, Read};

use super::super::input::BYTE_ORDER_MARK;

/// Bytes of a row. Salesforce takes 400,000 characters a record in a bulk load.
pub(crate) const LONGEST_ROW: usize = 2 << 20;

/// Lines of a text.
pub(crate) struct Lines<R> {
    from: R,
    /// Lines that were read.
    read: u64,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(from: R) -> Lines<R> {
        Lines { from, read: 0 }
    }

    /// How many lines were read.
    pub(crate) fn read(&self) -> u64 {
        self.read
    }

    /// Adds the next line, with its end, to a row; false if there is none.
    ///
    /// # Errors
    /// The input, or the row is too long.
    pub(crate) fn next(&mut self, row: &mut Vec<u8>) -> io::Result<bool> {
        let room = LONGEST_ROW.saturating_sub(row.len());
        let most = u64::try_from(room + 1).unwrap_or(u64::MAX);
        let count = (&mut self.from).take(most).read_until(b'\n', row)?;
        if count > room {
            return Err(wrong(&format!("expected a row of at most {} MiB", LONGEST_ROW >> 20)));
        }
        if self.read == 0 && row.starts_with(BYTE_ORDER_MARK) {
            row.drain(..BYTE_ORDER_MARK.len());
        }
        self.read += u64::from(count > 0);
        Ok(count > 0)
    }
}

/// CSV, handed out a row at a time: a line, and those behind it for as long as a quote is open.
pub(crate) struct CsvRows<R> {
    lines: Lines<R>,
    row: Vec<u8>,
    /// How much of the row was handed out.
    taken: usize,
    /// The line with which the row begins.
    pub(crate) line: u64,
}

impl<R: BufRead> CsvRows<R> {
    pub(crate) fn new(lines: Lines<R>) -> CsvRows<R> {
        CsvRows { lines, row: Vec::new(), taken: 0, line: 0 }
    }

    fn next(&mut self) -> io::Result<()> {
        self.row.clear();
        self.taken = 0;
        let (start, mut counted, mut place) = (self.lines.read() + 1, 0, Place::CellStart);
        loop {
            let more = self.lines.next(&mut self.row);
            // At the end it is still that of the last row, which may have ended without the end of a line.
            self.line = if self.row.is_empty() { self.line } else { start };
            let is_open = matches!(place, Place::Quoted);
            if !more? {
                return if is_open { Err(wrong("expected a quote behind each that opens a cell")) } else { Ok(()) };
            }
            for byte in self.row.get(counted..).unwrap_or_default() {
                place = place.behind(*byte)?;
            }
            counted = self.row.len();
            if !matches!(place, Place::Quoted) {
                return Ok(());
            }
        }
    }
}

/// Where in a row a byte stands. The reader of CSV takes quotes wherever they are: text would silently land in another cell.
#[derive(Clone, Copy)]
enum Place {
    CellStart,
    Bare,
    Quoted,
    /// Behind a quote, which ends the cell unless another follows.
    Closed,
    /// Behind a carriage return, which is the first half of the end of a line.
    Return,
}

impl Place {
    fn behind(self, byte: u8) -> io::Result<Place> {
        match (self, byte) {
            (Place::Quoted, b'"') => Ok(Place::Closed),
            (Place::CellStart | Place::Closed, b'"') | (Place::Quoted, _) => Ok(Place::Quoted),
            (Place::Bare, b'"') => Err(wrong("expected quotes around a cell that has one, and each of its own twice")),
            (Place::Return, b'\n') => Ok(Place::CellStart),
            (Place::Return, _) => {
                Err(wrong("expected lines that end with a line feed, with or without a carriage return before it"))
            }
            (_, b'\r') => Ok(Place::Return),
            (_, b',' | b'\n') => Ok(Place::CellStart),
            (Place::Closed, _) => Err(wrong("expected a comma or the end of the line behind a quote that ends a cell")),
            (Place::CellStart | Place::Bare, _) => Ok(Place::Bare),
        }
    }
}

fn wrong(expected: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, expected)
}

impl<R: BufRead> Read for CsvRows<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.row.len() {
            self.next()?;
        }
        let count = self.row.get(self.taken..).unwrap_or_default().read(to)?;
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Vec<(u64, String)> {
        let (mut rows, mut found) = (CsvRows::new(Lines::new(text)), Vec::new());
        while rows.next().is_ok() && !rows.row.is_empty() {
            found.push((rows.line, String::from_utf8(rows.row.clone()).unwrap()));
        }
        found
    }

    #[test]
    fn a_row_ends_where_no_quote_is_open() {
        let text = b"\xef\xbb\xbfA,B\r\n\"1\n\"\"2\",3\n\n4,5";
        let expected = [(1, "A,B\r\n"), (2, "\"1\n\"\"2\",3\n"), (4, "\n"), (5, "4,5")];
        assert_eq!(rows(text), expected.map(|(line, row)| (line, row.to_owned())));
    }

    #[test]
    fn a_row_is_bounded_and_a_quote_must_be_closed() {
        let open = [&b"A\n\"x\n"[..], &[b'y'; 100]].concat();
        let mut rows = CsvRows::new(Lines::new(&*open));
        rows.next().unwrap();
        let told = rows.next().unwrap_err().to_string();
        assert_eq!((rows.line, told.as_str()), (2, "expected a quote behind each that opens a cell"));
        for (text, told) in [
            (&b"A\n5\" pipe\n"[..], "expected quotes around a cell that has one, and each of its own twice"),
            (b"A\n\"5\"x\n", "expected a comma or the end of the line behind a quote that ends a cell"),
            (b"A\n5\r6\r", "expected lines that end with a line feed, with or without a carriage return before it"),
        ] {
            let mut rows = CsvRows::new(Lines::new(text));
            rows.next().unwrap();
            assert_eq!((rows.next().unwrap_err().to_string().as_str(), rows.line), (told, 2));
        }
        let long = [&b"\""[..], &b"y\n".repeat(LONGEST_ROW)].concat();
        let mut rows = CsvRows::new(Lines::new(&*long));
        assert_eq!(rows.next().unwrap_err().to_string(), "expected a row of at most 2 MiB");
        assert_eq!(rows.row.len(), LONGEST_ROW + 1);
    }
}
