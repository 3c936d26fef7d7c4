//! `types`: what the interfaces share.

use salesforce_connector::core::error::Error;
use salesforce_connector::core::records::Saved;

use crate::verdict::{Verdict, kind_name};
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

impl From<Saved> for wit::Saved {
    fn from(saved: Saved) -> Self {
        Self { id: saved.id, created: saved.created, event_uuid: saved.event_uuid }
    }
}
