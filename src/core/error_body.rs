//! What can be read of errors in the body of an answer, whoever wrote it.

use super::error::Problem;
use super::json::{Json, Object};

/// The errors of a body, and nothing else of it.
pub(super) fn problems(body: &[u8]) -> Vec<Problem> {
    entries(body).iter().filter_map(problem).collect()
}

/// The objects of a body: of a list, or one alone. What is no object is passed over.
pub(super) fn entries(body: &[u8]) -> Vec<Object<'_>> {
    let mut found = Vec::new();
    if let Ok(whole) = Json::parse(body, "errors") {
        collect(whole, 4, &mut found);
    }
    found
}

/// Looks into lists, and into the `errors` of what is no error itself, as far as `depth`.
fn collect<'a>(value: Json<'a>, depth: u8, found: &mut Vec<Object<'a>>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if let Some(list) = value.elements() {
        list.for_each(|element| collect(element, depth, found));
    } else if let Some(object) = value.object() {
        match object.find("errors", |errors| errors.elements().map(|_| errors)) {
            Some(errors) if problem(&object).is_none() => collect(errors, depth, found),
            _ => found.push(object),
        }
    }
}

/// What can be read of an error as REST writes it (`errorCode`, `message`, `fields`), as its collections do (`statusCode`),
/// or OAuth (`error`, `error_description`). None if there is neither code nor message.
pub(super) fn problem(entry: &Object<'_>) -> Option<Problem> {
    let text = |names: &[&str]| names.iter().find_map(|name| entry.find(name, Json::shown));
    let code = text(&["errorCode", "statusCode", "error"]);
    let message = text(&["message", "error_description"]);
    if code.is_none() && message.is_none() {
        return None;
    }
    let fields = entry.find("fields", |fields| match fields.elements() {
        Some(names) => Some(names.filter_map(Json::shown).collect::<Vec<_>>()),
        None => fields.shown().map(|name| vec![name]),
    });
    Some(Problem::new(&code.unwrap_or_default(), &message.unwrap_or_default(), &fields.unwrap_or_default()))
}
