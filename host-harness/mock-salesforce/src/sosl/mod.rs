//! SOSL: what to find, where, and what to tell of it. Not for the records that are told: that is [`soql`](crate::soql).
//!
//! [`parse`] reads a search, [`term`] what stands in `FIND {...}`, `find` looks for it in the org's text.
//! Source: SOQL and SOSL Reference, "SOSL". `WITH`, `USING` and `UPDATE` clauses are not known.

mod find;
mod parse;
mod term;

pub(crate) use find::find;
pub(crate) use parse::parse;
pub(crate) use term::Term;

use crate::ApiError;

/// The most records of a search.
pub(crate) const ROWS: usize = 2_000;

/// A search.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Search {
    pub(crate) term: Term,
    pub(crate) scope: Scope,
    /// What to tell of which objects; of all, their Ids, when it is empty.
    pub(crate) returning: Vec<Returning>,
    pub(crate) limit: usize,
}

/// Which fields are looked into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Scope {
    #[default]
    All,
    Name,
    Email,
    Phone,
}

impl Scope {
    /// Reads the word before `FIELDS`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let scopes = [("ALL", Self::All), ("SIDEBAR", Self::All), ("NAME", Self::Name), ("EMAIL", Self::Email)];
        let mut scopes = scopes.into_iter().chain([("PHONE", Self::Phone)]);
        scopes.find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, scope)| scope)
    }
}

/// What to tell of the records of one object that are found, in words of SOQL.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Returning {
    pub(crate) object: String,
    /// Field paths, separated by commas; empty for the Id.
    pub(crate) fields: String,
    /// The condition after `WHERE`.
    pub(crate) condition: Option<String>,
    /// `ORDER BY`, `LIMIT` and `OFFSET`.
    pub(crate) rest: String,
}

/// A 501 `UNKNOWN_TO_THE_MOCK`, which no Salesforce answers with.
pub(crate) fn unknown(what: &str) -> ApiError {
    ApiError::new(501, "UNKNOWN_TO_THE_MOCK", format!("the mock does not know {what}"))
}

fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("MALFORMED_SEARCH", message)
}
