//! What a list of Salesforce's errors means: that of a refused request, or of one record among several.

use super::error::{Error, ErrorKind, Outcome, Problem};
use super::error_body::problem;
use super::json::{Json, Object};
use super::status_code::Meaning;
use super::text::contains;

/// Puts what a list of errors says in place of what the error said before. False, and nothing but its problems are told, if
/// none of the list has a code of the REST API.
pub(super) fn sort(error: &mut Error, entries: &[Object<'_>], kind: fn(&Meaning) -> ErrorKind) -> bool {
    error.detail =
        entries.iter().find_map(|entry| entry.member("duplicateResult").ok()?).map(|detail| detail.as_str().into());
    error.problems = entries.iter().filter_map(problem).collect();
    let has_code = entries.iter().any(has_code);
    if has_code {
        judge(error, kind);
    }
    has_code
}

/// Puts what its problems mean in place of what the error said before.
pub(super) fn judge(error: &mut Error, kind: fn(&Meaning) -> ErrorKind) {
    if let Some(first) = error.problems.iter().find(|problem| !problem.code.is_empty()) {
        if let Some(meaning) = Meaning::of(&first.code) {
            (error.kind, error.outcome, error.retryable) = (kind(meaning), meaning.outcome, meaning.retryable);
        }
        if error.kind != ErrorKind::InvalidQuery && error.problems.iter().any(met_a_lock) {
            (error.kind, error.outcome, error.retryable) = (ErrorKind::Locked, Outcome::Rejected, true);
        }
    }
}

/// Whether the save of a trigger or flow that it tells of met a lock. The words of a validation rule are people's own: there
/// only the words of a save that failed count.
fn met_a_lock(problem: &Problem) -> bool {
    const THEIRS: &str = "FIELD_CUSTOM_VALIDATION_EXCEPTION";
    let says = |words| contains(&problem.message, words);
    let is_theirs = problem.code == THEIRS || says(THEIRS);
    says("first error: UNABLE_TO_LOCK_ROW")
        || !is_theirs && (says("UNABLE_TO_LOCK_ROW, ") || says("UNABLE_TO_LOCK_ROW: "))
}

/// Whether Salesforce's REST API wrote it: others write errors with other names.
fn has_code(entry: &Object<'_>) -> bool {
    ["errorCode", "statusCode"].iter().any(|name| entry.find(name, Json::shown).is_some())
}
