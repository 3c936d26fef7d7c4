//! What of a load is under way: stored before each request and after it.

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use super::super::failure::Failure;

/// The requests of a load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Requests {
    /// Random, so that no other load has the same keys.
    id: String,
    /// How many were begun.
    pub(super) begun: u64,
    /// Rows that were sent, and of which it is not told.
    pub(super) in_flight: u64,
}

impl Requests {
    /// Of a load that begins.
    ///
    /// # Errors
    /// `Failure::Local`: the system has no random bytes.
    pub(super) fn new() -> Result<Requests, Failure> {
        let mut random = [0; 16];
        let filled = SystemRandom::new().fill(&mut random);
        filled.map_err(|_| Failure::Local("the system has no random bytes".to_owned()))?;
        let id = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Requests { id, begun: 0, in_flight: 0 })
    }

    /// The idempotency key of the last one.
    pub(super) fn key(&self) -> String {
        format!("load-{}-{}", self.id, self.begun)
    }
}
