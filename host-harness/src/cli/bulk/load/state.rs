//! How far a bulk load has come. Stored before each step of a job whose answer may be lost, and once it is told what became of its
//! rows.

use salesforce_actions::table::Tally;
use serde::{Deserialize, Serialize};

use super::super::super::failure::Failure;
use super::super::super::kept::Kept;
use super::super::super::rows::{Begun, Stored};
use super::operation::Operation;

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// Of this form of file.
    version: u8,
    load: Begun<Operation>,
    /// Rows of which it is told what became of them.
    pub(super) done: u64,
    /// The job of the rows behind those.
    pub(super) job: Option<Job>,
    pub(super) tally: Tally,
    /// Bytes of each file of results as far as it is good; none: there is no such file.
    pub(super) written: [Option<u64>; 3],
}

/// A job that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Job {
    pub(super) id: String,
    /// How many rows it has.
    pub(super) rows: u64,
    /// Its data are there, and it is closed or about to be. Before that it processes nothing, and a job of its own may take its
    /// place.
    pub(super) is_closed: bool,
}

impl State {
    /// Of a load that begins.
    pub(super) fn new(load: Begun<Operation>) -> State {
        State { version: State::VERSION, load, done: 0, job: None, tally: Tally::default(), written: [None; 3] }
    }

    /// # Errors
    /// `Failure::Local`
    pub(super) fn store(&self, kept: Option<&Kept>) -> Result<(), Failure> {
        let text = serde_json::to_string(self).map_err(|error| Failure::Local(error.to_string()))?;
        kept.map_or(Ok(()), |kept| kept.store(&text))
    }
}

impl Stored for State {
    type Operation = Operation;

    const VERSION: u8 = 1;

    fn version(&self) -> u8 {
        self.version
    }

    fn load(&self) -> &Begun<Operation> {
        &self.load
    }

    fn done(&self) -> u64 {
        self.done
    }
}
