//! Which records a query found, in order. Not for what it tells of them.

use std::ops::Range;

use crate::org::{id::RecordId, table::Table};

/// The records of a result.
#[derive(Debug, Clone)]
pub(in crate::soql) enum Found {
    /// All records between two places of the table, by Id: up, or down.
    Span(Range<usize>, bool),
    /// These.
    Ids(Vec<RecordId>),
}

impl Found {
    pub(in crate::soql) fn len(&self) -> usize {
        match self {
            Self::Span(span, _) => span.len(),
            Self::Ids(ids) => ids.len(),
        }
    }

    /// How much memory it takes, in bytes.
    pub(in crate::soql) fn bytes(&self) -> usize {
        match self {
            Self::Span(..) => 0,
            Self::Ids(ids) => size_of_val(ids.as_slice()),
        }
    }

    /// The Ids at these positions of the result.
    pub(super) fn ids(&self, table: &Table, positions: Range<usize>) -> Vec<RecordId> {
        let positions = positions.start.min(self.len())..positions.end.min(self.len());
        match self {
            Self::Span(span, false) => table.ids(span.start + positions.start..span.start + positions.end),
            Self::Span(span, true) => {
                let mut ids = table.ids(span.end - positions.end..span.end - positions.start);
                ids.reverse();
                ids
            }
            Self::Ids(ids) => ids.get(positions).unwrap_or_default().to_vec(),
        }
    }
}
