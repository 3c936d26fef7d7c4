//! How far a load has come: what is done, and what was sent and not answered yet. Stored before each request and after it.

use ring::rand::{SecureRandom, SystemRandom};
use salesforce_actions::table::Tally;
use serde::{Deserialize, Serialize};

use super::super::failure::Failure;
use super::super::kept::Kept;
use super::super::rows::{Begun, Stored};
use super::operation::Operation;

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// Of this form of file.
    version: u8,
    load: Begun<Operation>,
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

impl State {
    /// Of a load that begins.
    ///
    /// # Errors
    /// `Failure::Local`: the system has no random bytes.
    pub(super) fn new(load: Begun<Operation>) -> Result<State, Failure> {
        let mut random = [0; 16];
        let filled = SystemRandom::new().fill(&mut random);
        filled.map_err(|_| Failure::Local("the system has no random bytes".to_owned()))?;
        let id = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let (tally, written) = (Tally::default(), [None; 3]);
        Ok(State { version: State::VERSION, load, id, requests: 0, done: 0, in_flight: 0, tally, written })
    }

    /// The idempotency key of the last request.
    pub(super) fn key(&self) -> String {
        format!("load-{}-{}", self.id, self.requests)
    }

    /// # Errors
    /// `Failure::Local`
    pub(super) fn store(&self, kept: Option<&Kept>) -> Result<(), Failure> {
        let text = serde_json::to_string(self).map_err(|error| Failure::Local(error.to_string()))?;
        kept.map_or(Ok(()), |kept| kept.store(&text))
    }
}
