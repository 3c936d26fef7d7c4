//! Data of a job, filled row by row.

use std::mem;

/// Bytes of the data of a job: they are in the memory of an instance, and in a request that must arrive whole.
pub const PIECE_BYTES: usize = 4 << 20;
/// Bytes of the results of a job, which come whole: as much as a host takes of one result, unless it is told otherwise.
pub const RESULT_BYTES: usize = 8 << 20;
/// Bytes that are reckoned with for what became of a row: an Id, and an error of some length.
const TOLD: usize = 150;

/// The data of one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The names of the columns first. Lines end with a line feed.
    pub csv: String,
    /// Rows, without the header.
    pub rows: u64,
}

/// How large a piece may be; a single row may be larger.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes of its data.
    pub data: usize,
    /// Bytes of its results, about: they have the rows once more, in quotes, and what became of each.
    pub results: usize,
}

/// A piece that is being filled. It ends with a row, never in the middle of one.
#[derive(Debug)]
pub struct Filling {
    room: Room,
    header: String,
    columns: usize,
    csv: String,
    rows: u64,
    results: usize,
}

impl Filling {
    /// With columns of these names.
    pub fn new<C: AsRef<[u8]>>(names: impl ExactSizeIterator<Item = C>, room: Room) -> Filling {
        let columns = names.len();
        let header = csv_line(names, csv::Terminator::Any(b'\n'));
        Filling { room, header, columns, csv: String::new(), rows: 0, results: 0 }
    }

    /// How many columns a row has.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The line of a row.
    pub fn line<C: AsRef<[u8]>>(cells: impl IntoIterator<Item = C>) -> String {
        csv_line(cells, csv::Terminator::Any(b'\n'))
    }

    /// Whether the piece takes this line too. It always takes a first one.
    #[must_use]
    pub fn has_room(&self, line: &str) -> bool {
        let data = self.csv.len() + line.len();
        let results = self.results.saturating_add(self.results_of(line));
        self.rows == 0 || data <= self.room.data && results <= self.room.results
    }

    /// Takes a line.
    pub fn push(&mut self, line: &str) {
        if self.rows == 0 {
            self.csv.push_str(&self.header);
        }
        self.csv.push_str(line);
        self.rows += 1;
        self.results = self.results.saturating_add(self.results_of(line));
    }

    /// The piece as it is, and an empty one in its place; none if it has no row.
    pub fn take(&mut self) -> Option<Piece> {
        let piece = Piece { csv: mem::take(&mut self.csv), rows: mem::take(&mut self.rows) };
        self.results = 0;
        (piece.rows > 0).then_some(piece)
    }

    fn results_of(&self, line: &str) -> usize {
        line.len() + 2 * self.columns + TOLD
    }
}

/// A line of CSV, in quotes what has to be.
pub fn csv_line<C: AsRef<[u8]>>(cells: impl IntoIterator<Item = C>, terminator: csv::Terminator) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
    // Nothing that is written to memory fails, and texts stay texts.
    let _ = writer.write_record(cells);
    writer.into_inner().ok().and_then(|line| String::from_utf8(line).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(room: Room, lines: &[&str]) -> Vec<u64> {
        let mut filling = Filling::new(["A"].iter(), room);
        let mut pieces = Vec::new();
        for line in lines {
            if !filling.has_room(line) {
                pieces.extend(filling.take());
            }
            filling.push(line);
        }
        pieces.extend(filling.take());
        pieces.iter().map(|piece| piece.rows).collect()
    }

    #[test]
    fn data_and_results_have_room() {
        let lines = ["1\n", "2\n", "3\n", "4\n", "5\n"];
        assert_eq!(rows(Room { data: 6, results: usize::MAX }, &lines), [2, 2, 1]);
        assert_eq!(rows(Room { data: usize::MAX, results: 3 * (2 + 2 + TOLD) }, &lines), [3, 2]);
        assert_eq!(rows(Room { data: 0, results: 0 }, &lines), [1; 5]);
        assert_eq!(rows(Room { data: 0, results: 0 }, &[]), [0; 0]);
    }
}
