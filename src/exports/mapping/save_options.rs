//! How to save.

use super::wit;
use crate::core::error::Result;
use crate::core::record_id::RecordId;
use crate::core::records::{AssignmentRule, DuplicateRule, SaveOptions, Target};

pub(crate) fn save_options(target: &Target, save: wit::SaveOptions) -> Result<SaveOptions> {
    let assignment_rule = match save.assignment_rule {
        None => None,
        Some(wit::AssignmentRule::Off) => Some(AssignmentRule::Off),
        Some(wit::AssignmentRule::Rule(id)) => {
            Some(AssignmentRule::Rule(RecordId::parse("assignment-rule.rule", &id)?))
        }
    };
    let duplicate_rule = save.duplicate_rule.map(|rule| DuplicateRule {
        allow_save: rule.allow_save,
        include_record_details: rule.include_record_details,
        run_as_current_user: rule.run_as_current_user,
    });
    SaveOptions::parse(target, assignment_rule, duplicate_rule, save.if_unmodified_since.as_deref())
}
