//! Standard objects that every org has and the mock has not: whoever asks for one did not misspell it.

use super::Org;
use crate::ApiError;

/// The best known of them.
const WELL_KNOWN: &[&str] = &[
    "AccountContactRelation",
    "AccountContactRole",
    "AccountTeamMember",
    "ApexClass",
    "ApexLog",
    "ApexTrigger",
    "Asset",
    "AsyncApexJob",
    "AuthSession",
    "BusinessHours",
    "BusinessProcess",
    "CallCenter",
    "CampaignMemberStatus",
    "CaseComment",
    "CaseStatus",
    "CollaborationGroup",
    "Contract",
    "CronTrigger",
    "CustomPermission",
    "Dashboard",
    "DuplicateRule",
    "EmailMessage",
    "EmailTemplate",
    "EntityDefinition",
    "FeedItem",
    "FieldDefinition",
    "FieldPermissions",
    "Folder",
    "GroupMember",
    "Individual",
    "LeadStatus",
    "ListView",
    "LoginHistory",
    "MatchingRule",
    "Network",
    "Note",
    "ObjectPermissions",
    "OpportunityContactRole",
    "OpportunityHistory",
    "OpportunityStage",
    "OpportunityTeamMember",
    "Order",
    "OrderItem",
    "PermissionSet",
    "PermissionSetAssignment",
    "ProcessDefinition",
    "ProcessInstance",
    "QueueSobject",
    "Quote",
    "QuoteLineItem",
    "RecentlyViewed",
    "Report",
    "SetupAuditTrail",
    "Site",
    "Solution",
    "StaticResource",
    "TaskStatus",
    "Topic",
    "UserLicense",
    "UserPreference",
    "WorkOrder",
];

impl Org {
    /// The error of a well-known object that the org has not, nor hides from whoever asks.
    pub(crate) fn unknown_object(&self, name: &str) -> Option<ApiError> {
        let known = WELL_KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name)).filter(|_| !self.has(name))?;
        Some(unknown(known))
    }

    /// The same of an object that a lookup of the org leads to: there is one, whatever its name.
    pub(crate) fn unknown_target(&self, name: &str) -> Option<ApiError> {
        (!self.has(name)).then(|| unknown(name))
    }
}

/// A 501 `UNKNOWN_TO_THE_MOCK`, which no Salesforce answers with.
fn unknown(name: &str) -> ApiError {
    let message = format!("the mock does not know the object {name}: give it its describe answer with --schema");
    ApiError::new(501, "UNKNOWN_TO_THE_MOCK", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::Schema;

    #[test]
    fn the_documentation_lists_them_and_the_mock_has_none() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/MOCK.md")).unwrap();
        let (_, list) = page.split_once("standard objects that the mock does not have:\n\n").unwrap();
        let (list, _) = list.split_once(".\n").unwrap();
        let told: Vec<_> = list.split(',').map(|name| name.trim().trim_matches('`')).collect();
        assert_eq!(told, WELL_KNOWN);
        assert!(WELL_KNOWN.is_sorted());
        let schema = Schema::standard(true);
        assert!(schema.objects().iter().all(|object| !WELL_KNOWN.contains(&object.name)));
    }
}
