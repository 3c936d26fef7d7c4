//! `types`: what the interfaces share.

use salesforce_connector::core::error::{Error, Outcome, Result};
use salesforce_connector::core::record_id::RecordId;
use salesforce_connector::core::records::{self, AssignmentRule, DuplicateRule, Saved, Target};

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
        outcome: match error.outcome {
            Outcome::NotSent => wit::Outcome::NotSent,
            Outcome::Rejected => wit::Outcome::Rejected,
            Outcome::Unknown => wit::Outcome::Unknown,
        },
        message: error.message,
        status: error.status,
        retry_after_ms: error.retry_after_ms,
        problems: error
            .problems
            .into_iter()
            .map(|problem| wit::Problem { code: problem.code, message: problem.message, fields: problem.fields })
            .collect(),
        detail: error.detail,
        request_id: error.request_id,
    })
}

pub(crate) fn save_options(target: &Target, save: wit::SaveOptions) -> Result<records::SaveOptions> {
    let assignment_rule = match save.assignment_rule {
        None => None,
        Some(wit::AssignmentRule::Off) => Some(AssignmentRule::Off),
        Some(wit::AssignmentRule::Rule(id)) => Some(AssignmentRule::Rule(RecordId::parse("assignment-rule", &id)?)),
    };
    let duplicate_rule = save.duplicate_rule.map(|rule| DuplicateRule {
        allow_save: rule.allow_save,
        include_record_details: rule.include_record_details,
        run_as_current_user: rule.run_as_current_user,
    });
    records::SaveOptions::parse(target, assignment_rule, duplicate_rule, save.if_unmodified_since.as_deref())
}

impl From<Saved> for wit::Saved {
    fn from(saved: Saved) -> Self {
        Self { id: saved.id, created: saved.created, event_uuid: saved.event_uuid }
    }
}
