//! CSV as it arrives, in pieces that are the data of one job each. A piece ends with a row, never in the middle of one, and is
//! written anew: lines end with a line feed, values are separated by commas, and a byte order mark is gone.

use std::mem;

use csv_core::{ReadRecordResult, Reader};

use super::filling::{Filling, Piece, Room};

/// Bytes of a row. Salesforce takes 400,000 characters of a record.
const MOST_ROW_BYTES: usize = 2 << 20;
/// Columns, in a power of two. Salesforce takes 5,000 fields of a record.
const MOST_COLUMNS: usize = 8_192;
/// Bytes of a byte order mark, which the reader drops if its first input has all of it.
const MARK: usize = 3;

/// Why the data is not what was expected, and where.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row} behind the header row: {expected}")]
pub struct Wrong {
    row: u64,
    expected: &'static str,
}

/// Makes pieces of what arrives.
pub struct Pieces {
    reader: Reader,
    /// The first bytes, until there is room for a byte order mark in them; none: the reader has looked for it.
    head: Option<Vec<u8>>,
    /// What was read of a row, and where its values end in it.
    text: Buffer<u8>,
    ends: Buffer<usize>,
    /// None: the header row has not arrived.
    filling: Option<Filling>,
    /// All rows so far.
    rows: u64,
    room: Room,
}

/// Room that grows, and how much of it is used.
struct Buffer<T> {
    room: Vec<T>,
    used: usize,
}

impl Pieces {
    /// Pieces for which there is so much room.
    #[must_use]
    pub fn new(room: Room) -> Pieces {
        Pieces {
            reader: Reader::new(),
            head: Some(Vec::new()),
            text: Buffer::new(16 << 10),
            ends: Buffer::new(64),
            filling: None,
            rows: 0,
            room,
        }
    }

    /// Takes what has arrived. Gives the pieces that it completes.
    ///
    /// # Errors
    /// [`Wrong`]
    pub fn push(&mut self, arrived: &[u8]) -> Result<Vec<Piece>, Wrong> {
        let Some(mut head) = self.head.take() else { return self.read_all(arrived) };
        head.extend_from_slice(arrived);
        if head.len() < MARK {
            self.head = Some(head);
            return Ok(Vec::new());
        }
        self.read_all(&head)
    }

    /// The last piece.
    ///
    /// # Errors
    /// [`Wrong`]: a quote that is not closed, or no rows at all.
    pub fn end(mut self) -> Result<Vec<Piece>, Wrong> {
        let head = self.head.take().unwrap_or_default();
        let mut full = self.read_all(&head)?;
        // It ends what is there, unless that is in quotes: there it is a character.
        full.extend(self.read_all(b"\n")?);
        let complete = self.rows;
        self.read(b"", &mut full)?;
        if self.rows > complete || self.text.used > 0 {
            return Err(Wrong {
                row: complete + 1,
                expected: "expected a quote at the end of a value that begins with one",
            });
        }
        if self.rows == 0 {
            return Err(Wrong { row: 0, expected: "expected a header row, and at least one row behind it" });
        }
        full.extend(self.filling.as_mut().and_then(Filling::take));
        Ok(full)
    }

    fn read_all(&mut self, mut input: &[u8]) -> Result<Vec<Piece>, Wrong> {
        let mut full = Vec::new();
        while !input.is_empty() {
            let taken = self.read(input, &mut full)?;
            input = input.get(taken..).unwrap_or_default();
        }
        Ok(full)
    }

    /// Reads to the end of a row at most. Gives how many bytes it has taken.
    fn read(&mut self, input: &[u8], full: &mut Vec<Piece>) -> Result<usize, Wrong> {
        let (result, taken, written, ended) = self.reader.read_record(input, self.text.free(), self.ends.free());
        self.text.used += written;
        self.ends.used += ended;
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            ReadRecordResult::OutputFull => {
                let expected = "expected at most 2 MiB; is a quote not closed?";
                self.text.grow(MOST_ROW_BYTES).ok_or(Wrong { row: self.rows + 1, expected })?;
            }
            ReadRecordResult::OutputEndsFull => {
                let expected = "expected at most 5,000 columns";
                self.ends.grow(MOST_COLUMNS).ok_or(Wrong { row: self.rows + 1, expected })?;
            }
            ReadRecordResult::Record => full.extend(self.row()?),
        }
        Ok(taken)
    }

    /// Takes the row that was read. Gives the piece that has no room for it.
    fn row(&mut self) -> Result<Option<Piece>, Wrong> {
        let wrong = |row, expected| Err(Wrong { row, expected });
        let (ends, columns) = (self.ends.filled(), self.ends.used);
        // A character that a comma splits is none, though the text without its commas is one.
        let text =
            str::from_utf8(self.text.filled()).ok().filter(|text| ends.iter().all(|end| text.is_char_boundary(*end)));
        let Some(text) = text else { return wrong(self.rows + 1, "expected UTF-8") };
        let mut begin = 0;
        let values = ends.iter().map(|end| text.get(mem::replace(&mut begin, *end)..*end).unwrap_or_default());
        let Some(filling) = &mut self.filling else {
            self.filling = Some(Filling::new(values, self.room));
            self.text.used = 0;
            self.ends.used = 0;
            return Ok(None);
        };
        let line = Filling::line(values);
        self.text.used = 0;
        self.ends.used = 0;
        self.rows += 1;
        if columns != filling.columns() {
            return wrong(self.rows, "expected as many values as the header row has names");
        }
        let full = if filling.has_room(&line) { None } else { filling.take() };
        filling.push(&line);
        Ok(full)
    }
}

impl<T: Clone + Default> Buffer<T> {
    fn new(room: usize) -> Buffer<T> {
        Buffer { room: vec![T::default(); room], used: 0 }
    }

    fn free(&mut self) -> &mut [T] {
        self.room.get_mut(self.used..).unwrap_or_default()
    }

    fn filled(&self) -> &[T] {
        self.room.get(..self.used).unwrap_or_default()
    }

    /// Twice the room; none if that is more than so much.
    fn grow(&mut self, most: usize) -> Option<()> {
        let twice = self.room.len() * 2;
        (twice <= most).then(|| self.room.resize(twice, T::default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(most: usize, pieces: &[&[u8]]) -> Result<Vec<(String, u64)>, Wrong> {
        let mut cutter = Pieces::new(Room { data: most, results: usize::MAX });
        let mut all = Vec::new();
        for piece in pieces {
            all.extend(cutter.push(piece)?);
        }
        all.extend(cutter.end()?);
        Ok(all.into_iter().map(|piece| (piece.csv, piece.rows)).collect())
    }

    #[test]
    fn a_piece_ends_with_a_row_however_the_text_arrives() {
        let text = "\u{feff}Name,Note\r\nA,\"one\r\ntwo, \"\"three\"\"\"\r\nB,#N/A\r\nÄ,\r\n".as_bytes();
        let whole = "Name,Note\nA,\"one\r\ntwo, \"\"three\"\"\"\nB,#N/A\nÄ,\n";
        let single: Vec<&[u8]> = text.chunks(1).collect();
        for arrived in [&[text][..], &single, &text.chunks(7).collect::<Vec<_>>()] {
            assert_eq!(cut(1_000, arrived).unwrap(), [(whole.to_owned(), 3)]);
            let small = cut(20, arrived).unwrap();
            let expected = ["Name,Note\nA,\"one\r\ntwo, \"\"three\"\"\"\n", "Name,Note\nB,#N/A\n", "Name,Note\nÄ,\n"];
            assert_eq!(small, expected.map(|piece| (piece.to_owned(), 1)));
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_row() {
        for (text, told) in [
            (&b""[..], "row 0 behind the header row: expected a header row, and at least one row behind it"),
            (b"Name\n", "row 0 behind the header row: expected a header row, and at least one row behind it"),
            (b"Name\nA,B\n", "row 1 behind the header row: expected as many values as the header row has names"),
            (b"Name\nA\n\xff\n", "row 2 behind the header row: expected UTF-8"),
            (b"A,B\nC,\xc3,\xa9\n", "row 1 behind the header row: expected UTF-8"),
            (b"A,B\n\xc3,\xa9\n", "row 1 behind the header row: expected UTF-8"),
            (b"\xc3,\xa9\nA,B\n", "row 1 behind the header row: expected UTF-8"),
            (
                b"Name\nA\n\"B\n",
                "row 2 behind the header row: expected a quote at the end of a value that begins with one",
            ),
        ] {
            assert_eq!(cut(1_000, &[text]).unwrap_err().to_string(), told);
        }
        let long = [b"Name\n\"".to_vec(), vec![b'x'; MOST_ROW_BYTES]].concat();
        let told = cut(1_000, &[&long]).unwrap_err().to_string();
        assert_eq!(told, "row 1 behind the header row: expected at most 2 MiB; is a quote not closed?");
    }
}
