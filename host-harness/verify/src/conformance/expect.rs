//! What a check expects, and how it says what came instead.

use salesforce_runtime::bindings::types::{Error, ErrorKind, Outcome};
use salesforce_runtime::names;

/// What a check ends with.
pub(super) type Checked<T = ()> = Result<T, Miss>;

/// Something was not as the contract has it: one sentence.
#[derive(Debug)]
pub(super) struct Miss(pub(super) String);

/// # Errors
///
/// `Miss`: what was expected.
pub(super) fn expect(met: bool, expected: impl FnOnce() -> String) -> Checked {
    if met { Ok(()) } else { Err(Miss(format!("expected {}", expected()))) }
}

/// # Errors
///
/// `Miss`: an error of another kind or outcome.
pub(super) fn expect_error(error: &Error, kind: ErrorKind, outcome: Outcome, when: &str) -> Checked {
    expect(error.kind == kind && error.outcome == outcome, || {
        let (kind, outcome) = (names::error_kind(kind), names::outcome(outcome));
        format!("the error {kind} ({outcome}) {when}, got {}", told(error))
    })
}

/// An error in one line.
pub(super) fn told(error: &Error) -> String {
    format!("{} ({}): {}", names::error_kind(error.kind), names::outcome(error.outcome), error.message)
}
