//! Lists in pieces: `?limit=50&after=ID`, and `next` in the answer as long as there is more.

use serde::{Deserialize, Serialize};

use crate::ids::Cursor;
use salesforce_actions::bounded::Whole;

const DEFAULT: u32 = 50;

/// Entries of a piece.
pub(super) type Limit = Whole<u32, 1, 200>;

/// Which piece of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Entries, 1 to 200; 50 unless told otherwise.
    #[param(inline)]
    limit: Option<Limit>,
    /// `next` of the piece before.
    #[param(inline)]
    after: Option<Cursor>,
}

/// A piece of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Page<T> {
    /// The entries.
    items: Vec<T>,
    /// For `after`; null: these were the last.
    next: Option<String>,
}

impl PageQuery {
    /// How many to read, one more than to show, and after which.
    pub(super) fn read(self) -> (u32, Option<String>) {
        (limit(self.limit), self.after.map(String::from))
    }
}

/// How many entries were asked for.
pub(super) fn limit(asked: Option<Limit>) -> u32 {
    asked.map_or(DEFAULT, Limit::get)
}

impl<T> Page<T> {
    /// From up to one more entry than `limit`.
    pub(super) fn new<R>(mut rows: Vec<R>, limit: u32, id: impl Fn(&R) -> String, view: impl Fn(R) -> T) -> Page<T> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(id) } else { None };
        Page { items: rows.into_iter().map(view).collect(), next }
    }
}
