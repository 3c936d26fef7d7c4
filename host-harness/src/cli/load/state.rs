//! How far a load has come: what is done, and what was sent and not answered yet. Stored before each request and after it.

use ring::rand::{SecureRandom, SystemRandom};
use salesforce_actions::table::Tally;
use serde::{Deserialize, Serialize};

use super::super::failure::Failure;
use super::super::kept::Kept;
use super::operation::Operation;

/// Of which load a state is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Load {
    pub(super) operation: Operation,
    /// Which org.
    pub(super) org: String,
    /// SHA-256 of the input.
    pub(super) input: String,
}

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// Of this form of file.
    version: u8,
    pub(super) load: Load,
    /// Random, so that no other load has the same keys.
    id: String,
    /// Requests that were begun.
    pub(super) requests: u64,
    /// Rows of which it is told what became of them.
    pub(super) done: u64,
    /// Rows behind those that were sent, and of which it is not told.
    pub(super) in_flight: u64,
    pub(super) tally: Tally,
    /// Bytes of each file of results as far as it is good; none: there is no such file.
    pub(super) written: [Option<u64>; 3],
}

const VERSION: u8 = 1;

impl State {
    /// Of a load that begins.
    ///
    /// # Errors
    /// `Failure::Local`: the system has no random bytes.
    pub(super) fn new(load: Load) -> Result<State, Failure> {
        let mut random = [0; 16];
        let filled = SystemRandom::new().fill(&mut random);
        filled.map_err(|_| Failure::Local("the system has no random bytes".to_owned()))?;
        let id = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let (tally, written) = (Tally::default(), [None; 3]);
        Ok(State { version: VERSION, load, id, requests: 0, done: 0, in_flight: 0, tally, written })
    }

    /// The idempotency key of the last request.
    pub(super) fn key(&self) -> String {
        format!("load-{}-{}", self.id, self.requests)
    }

    /// The state of a load that was begun; none: it begins.
    ///
    /// # Errors
    /// What the file says is nothing, or it is of another load.
    pub(super) fn read(kept: &Kept, load: &Load) -> Result<Option<State>, Failure> {
        let Some(text) = kept.read()? else { return Ok(None) };
        let state: State = serde_json::from_str(&text).map_err(|error| kept.wrong(&error))?;
        let other = match &state.load {
            _ if state.version != VERSION => "a state that this version writes",
            begun if begun == load => return Ok(Some(state)),
            begun if begun.input != load.input => {
                "the state of this input, but it is of another, or the input has changed"
            }
            begun if begun.org != load.org => "the state of a load into this org, but it is of one into another",
            _ => "the state of this command, but it is of another operation, object or external Id",
        };
        let done = match state.done {
            0 => String::new(),
            1 => "; 1 row of that load is done, and would be sent once more".to_owned(),
            more => format!("; {more} rows of that load are done, and would be sent once more"),
        };
        Err(kept.wrong(&format_args!("expected {other}{done}")))
    }

    /// # Errors
    /// `Failure::Local`
    pub(super) fn store(&self, kept: Option<&Kept>) -> Result<(), Failure> {
        let text = serde_json::to_string(self).map_err(|error| Failure::Local(error.to_string()))?;
        kept.map_or(Ok(()), |kept| kept.store(&text))
    }
}
