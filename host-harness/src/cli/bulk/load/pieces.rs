//! The rows in pieces, each the data of one job.

use salesforce_actions::bulk::{Filling, RESULT_BYTES, Room};

use super::sent::Sent;
use crate::cli::failure::Failure;
use crate::cli::rows::{Row, Rows};

/// The data of one job, and the rows that are in it.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) rows: Vec<Row>,
    /// The names of the columns first. Lines end with a line feed.
    pub(super) csv: String,
}

/// They come one after the other.
pub(super) struct Pieces<'a> {
    rows: Rows<'a>,
    sent: &'a Sent,
    filling: Filling,
    /// It had no room in the piece before.
    first: Option<Row>,
}

impl<'a> Pieces<'a> {
    /// Pieces of at most so many bytes, but for one of a single row.
    pub(super) fn new(rows: Rows<'a>, sent: &'a Sent, data: usize) -> Pieces<'a> {
        let filling = Filling::new(sent.names.iter(), Room { data, results: RESULT_BYTES });
        Pieces { rows, sent, filling, first: None }
    }

    /// Leaves out so many rows.
    ///
    /// # Errors
    /// As [`Rows::next`].
    pub(super) fn skip(&mut self, rows: u64) -> Result<(), Failure> {
        for _ in 0..rows {
            self.row()?;
        }
        Ok(())
    }

    /// The next piece, as large as one may be; without rows if there are none.
    ///
    /// # Errors
    /// As [`Rows::next`].
    pub(super) fn next(&mut self) -> Result<Piece, Failure> {
        self.take(Filling::has_room)
    }

    /// The piece of so many rows that an earlier run has made.
    ///
    /// # Errors
    /// As [`Rows::next`].
    pub(super) fn again(&mut self, rows: u64) -> Result<Piece, Failure> {
        let mut left = rows;
        self.take(|_, _| {
            let fits = left > 0;
            left = left.saturating_sub(1);
            fits
        })
    }

    /// Rows for as long as a line fits.
    fn take(&mut self, mut fits: impl FnMut(&Filling, &str) -> bool) -> Result<Piece, Failure> {
        let mut rows = Vec::new();
        while let Some(row) = self.row()? {
            let line = Filling::line(self.sent.cells(&row));
            if !fits(&self.filling, &line) {
                self.first = Some(row);
                break;
            }
            self.filling.push(&line);
            rows.push(row);
        }
        let csv = self.filling.take().map_or_else(String::new, |piece| piece.csv);
        Ok(Piece { rows, csv })
    }

    fn row(&mut self) -> Result<Option<Row>, Failure> {
        self.first.take().map_or_else(|| self.rows.next(), |row| Ok(Some(row)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::rows::{Input, Purpose};

    #[tokio::test]
    async fn pieces_are_bounded_and_can_be_made_again() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let rows: String = (0..60_000).map(|row| format!("{row}\r\n")).collect();
        std::fs::write(file.path(), format!("\u{feff}Name\r\n{rows}\"{}\"", "x\r\n".repeat(1_000))).unwrap();
        let input = Input::open(file.path()).await.unwrap();
        let (sent, count) = Sent::of(&input, Purpose::Create).unwrap();
        assert_eq!(count, 60_001);
        let mut pieces = Pieces::new(input.rows().unwrap(), &sent, 1_000);
        let first = pieces.next().unwrap();
        assert!(first.csv.starts_with("Name\n0\n1\n") && first.csv.len() <= 1_000 && first.csv.len() > 990);
        let second = pieces.next().unwrap();
        let mut again = Pieces::new(input.rows().unwrap(), &sent, 100);
        again.skip(first.rows.len() as u64).unwrap();
        assert_eq!(again.again(second.rows.len() as u64).unwrap().csv, second.csv);
        // The results of short rows are larger than the rows, and a row that is too large stands alone.
        let mut pieces = Pieces::new(input.rows().unwrap(), &sent, 4 << 20);
        assert!((50_000..60_000).contains(&pieces.next().unwrap().rows.len()));
        let mut last = Pieces::new(input.rows().unwrap(), &sent, 1_000);
        last.skip(60_000).unwrap();
        assert_eq!(last.next().unwrap().csv, format!("Name\n\"{}\"\n", "x\r\n".repeat(1_000)));
        assert!(last.next().unwrap().rows.is_empty());
    }
}
