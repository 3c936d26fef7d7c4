//! Why a part was halted. Salesforce has one code for it, `PROCESSING_HALTED`, whether a part was undone, was never tried, or
//! refers to what is not there; its words, its place and its references tell which.

use super::answer::Gave;
use super::parts::Parts;
use crate::core::error::{Error, ErrorKind, Outcome, Result};
use crate::core::text::contains;

/// What holds the parts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Together {
    /// Nothing.
    Each,
    /// All or none, one after the other.
    InOrder,
    /// All or none, in an order of Salesforce's own.
    AsGraph,
}

/// Gives each part that was halted the kind that says why, and believes no write to be done that cannot be.
pub(super) fn tell_apart(parts: &Parts, together: Together, results: &mut [Result<Gave>]) {
    let is_together = together != Together::Each;
    let cause = results.iter().position(|result| matches!(result, Err(error) if !is_undone(error)));
    let is_refused = results.iter().any(|result| matches!(result, Err(error) if error.outcome == Outcome::Rejected));
    let was_not_tried = |result: &Result<Gave>| matches!(result, Err(error) if is_halted(error) && !is_undone(error));
    let none_was_tried = together == Together::AsGraph && results.iter().all(was_not_tried);
    // Those that failed, or that could not be tried because of them.
    let mut stopped = vec![false; results.len()];
    for ((place, part), result) in parts.list.iter().enumerate().zip(results) {
        let refers_to_stopped = part.referred.iter().any(|place| stopped.get(*place).copied().unwrap_or(false));
        let is_behind = together == Together::InOrder && cause.is_some_and(|cause| place > cause);
        match result {
            Ok(_) if is_together && is_refused && part.request.expected.writes() => {
                *result = Err(Error::invalid_response(
                    "this part is said to be done, and another one to have failed, though all or none was asked for",
                ));
            }
            Err(error) if is_halted(error) => {
                error.kind = if refers_to_stopped || is_behind || none_was_tried {
                    ErrorKind::NotRun
                } else if is_together && is_undone(error) {
                    ErrorKind::RolledBack
                } else {
                    // What it refers to succeeded, and has no such value.
                    ErrorKind::Rejected
                };
            }
            _ => {}
        }
        let is_stopped = matches!(result, Err(error) if error.kind != ErrorKind::RolledBack);
        if let Some(known) = stopped.get_mut(place) {
            *known = is_stopped;
        }
    }
}

fn is_halted(error: &Error) -> bool {
    error.problems.first().is_some_and(|problem| problem.code == "PROCESSING_HALTED")
}

/// "The transaction was rolled back since another operation in the same transaction failed."
fn is_undone(error: &Error) -> bool {
    is_halted(error) && error.problems.first().is_some_and(|problem| contains(&problem.message, "rolled back"))
}
