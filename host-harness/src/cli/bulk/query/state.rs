//! How far a bulk query has come.

use serde::{Deserialize, Serialize};

use crate::cli::failure::Failure;
use crate::cli::kept::Kept;

/// What is asked, and of whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    /// The input of the action that makes the job.
    pub(super) input: String,
    /// Which org.
    pub(super) org: String,
}

/// A query whose job was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// Of this form of file.
    version: u8,
    pub(super) asked: Asked,
    /// The id of the job.
    pub(super) job: String,
    /// The page behind those that are written; none: the first.
    pub(super) next: Option<String>,
    /// All pages are written.
    pub(super) is_whole: bool,
    /// Bytes that are written.
    pub(super) bytes: u64,
    /// Rows that are written, without the header.
    pub(super) rows: u64,
}

const VERSION: u8 = 1;

impl State {
    pub(super) fn new(asked: Asked, job: String) -> State {
        State { version: VERSION, asked, job, next: None, is_whole: false, bytes: 0, rows: 0 }
    }

    /// Of what was written nothing is left: the same job from its first page on.
    pub(super) fn rewound(self) -> State {
        State::new(self.asked, self.job)
    }

    /// That of this query, if it was begun.
    ///
    /// # Errors
    /// What the file says is nothing, or it is of another query.
    pub(super) fn read(kept: &Kept, asked: &Asked) -> Result<Option<State>, Failure> {
        let Some(text) = kept.read()? else { return Ok(None) };
        let state: State = kept.parse(&text)?;
        let other = match &state.asked {
            _ if state.version != VERSION => "a state that this version writes",
            begun if begun == asked => return Ok(Some(state)),
            begun if begun.org != asked.org => "the state of a query of this org, but it is of one of another",
            _ => "the state of this query, but it is of another",
        };
        Err(kept.wrong(&format_args!("expected {other}")))
    }

    /// # Errors
    /// `Failure::Local`
    pub(super) fn store(&self, kept: &Kept) -> Result<(), Failure> {
        kept.store(&serde_json::to_string(self).map_err(|error| Failure::Local(error.to_string()))?)
    }
}
