//! The rows of a load in batches, each of one call.

use super::super::failure::Failure;
use super::records::{Recorded, Records};

/// Bytes of the records of a call, but for one that is larger.
const LARGEST: usize = 4 << 20;

/// Batches of rows, in their order.
pub(super) struct Batches<'a> {
    rows: Records<'a>,
    /// Rows of a batch.
    most: usize,
    /// It had no room in the batch before.
    first: Option<Recorded>,
}

impl<'a> Batches<'a> {
    pub(super) fn new(rows: Records<'a>, most: usize) -> Batches<'a> {
        Batches { rows, most, first: None }
    }

    /// The next rows, at most as many as a call takes; none is left if there are none.
    ///
    /// # Errors
    /// As [`Records::next`].
    pub(super) fn next(&mut self) -> Result<Vec<Recorded>, Failure> {
        self.take(self.most)
    }

    /// The next rows, at most so many.
    ///
    /// # Errors
    /// As [`Records::next`].
    pub(super) fn take(&mut self, most: usize) -> Result<Vec<Recorded>, Failure> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < most {
            let Some(row) = self.first.take().map_or_else(|| self.rows.next(), |row| Ok(Some(row)))? else { break };
            bytes += row.record.bytes();
            if !batch.is_empty() && bytes > LARGEST || is_in(&batch, &row) {
                self.first = Some(row);
                break;
            }
            batch.push(row);
        }
        Ok(batch)
    }
}

/// A call takes each Id once.
fn is_in(batch: &[Recorded], row: &Recorded) -> bool {
    let Some(id) = &row.record.id else { return false };
    batch.iter().filter_map(|earlier| earlier.record.id.as_ref()).any(|earlier| earlier.is(id))
}
