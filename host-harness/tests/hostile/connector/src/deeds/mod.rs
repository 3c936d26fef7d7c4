//! What a hostile component does when the moment has come. One file for each kind.

mod busy;
mod careless;
mod liar;
mod thief;

pub(crate) use careless::{results, send};

use crate::answer::Answer;
use crate::character::Scene;
use crate::world::exports::workflow::salesforce::types::{Error, ErrorKind, Outcome};

/// The deed if there is one, else the honest call.
pub(crate) fn act<T: Answer>(scene: &Scene<'_>, honest: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let Some(deed) = scene.deed() else { return honest() };
    busy::act(&deed);
    careless::begin(&deed);
    let result = thief::act(&deed, scene, honest);
    careless::act(&deed, liar::act(&deed, result))
}

fn error(kind: ErrorKind, outcome: Outcome, message: String) -> Error {
    Error {
        kind,
        outcome,
        retryable: outcome == Outcome::NotSent,
        retry_after_ms: None,
        message,
        status: None,
        problems: Vec::new(),
        detail: None,
        request_id: None,
    }
}
