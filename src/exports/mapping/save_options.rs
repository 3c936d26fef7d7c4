//! How to save, and what was saved.

use super::wit;
use crate::core::collections::Written;
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

pub(crate) fn save_rules(save: wit::SaveRules) -> Result<SaveOptions> {
    let wit::SaveRules { assignment_rule, duplicate_rule } = save;
    let save = wit::SaveOptions { assignment_rule, duplicate_rule, if_unmodified_since: None };
    save_options(&Target::Create, save)
}

impl From<Written> for wit::SavedRecord {
    fn from(Written { id, created, event_uuid, .. }: Written) -> Self {
        Self { id, created, event_uuid }
    }
}
