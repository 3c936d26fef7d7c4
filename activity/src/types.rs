//! `types`: what the interfaces share.

use salesforce_connector::core::error::{Error, Result};
use salesforce_connector::core::records::Saved;
use salesforce_connector::core::soql::Page;

use crate::verdict::{Action, Token, Verdict, kind_name};
use crate::world::exports::workflow::salesforce_activity::types as wit;

/// The error of the WIT.
pub(crate) fn failed(error: Error, verdict: Verdict) -> wit::Error {
    let case = match verdict {
        Verdict::Transient => wit::Error::Transient,
        Verdict::Permanent => wit::Error::Permanent,
        Verdict::PermanentOutcomeUnknown => wit::Error::PermanentOutcomeUnknown,
    };
    case(wit::Failure {
        kind: kind_name(error.kind),
        outcome: error.outcome.into(),
        message: error.message,
        status: error.status,
        retry_after_ms: error.retry_after_ms,
        problems: error.problems.into_iter().map(Into::into).collect(),
        detail: error.detail,
        request_id: error.request_id,
    })
}

/// The results of a call that does several things, each with what it does. What failed in it failed under a token that Salesforce
/// had accepted.
pub(crate) fn each<T, U: From<T>>(
    results: Vec<Result<T>>,
    actions: impl IntoIterator<Item = Action>,
) -> Vec<Result<U, wit::Error>> {
    let sorted = |error: Error, action| {
        let verdict = Verdict::of(&error, action, Token::Given);
        failed(error, verdict)
    };
    let results = results.into_iter().zip(actions);
    results.map(|(result, action)| result.map(Into::into).map_err(|error| sorted(*error, action))).collect()
}

impl From<Saved> for wit::Saved {
    fn from(saved: Saved) -> Self {
        Self { id: saved.id, created: saved.created, event_uuid: saved.event_uuid }
    }
}

impl From<Page> for wit::Page {
    fn from(page: Page) -> Self {
        Self {
            records: page.records,
            count: page.count,
            total_size: page.total_size,
            next: page.next.map(|cursor| cursor.text()),
            children: page.children.into_iter().map(Into::into).collect(),
        }
    }
}
