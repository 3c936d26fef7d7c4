//! The fields that an object of a project has without its files telling them.
//!
//! Source: Object Reference, "Custom Objects", "Custom Metadata Type__mdt", "Custom Settings"; Platform Events Developer Guide.

use super::project::Setting;
use crate::org::schema::{Field, Kind, Lookup};

/// The fields that no project tells, because every object of its kind has them.
pub(super) fn of(name: &str, setting: Option<Setting>) -> Vec<Field> {
    let moment = |name, label| Field::new(name, label, Kind::DateTime).required().read_only();
    let user = |name, label, relationship| {
        Field::new(name, label, Kind::Reference(Lookup::new("User", relationship))).required()
    };
    let created =
        [moment("CreatedDate", "Created Date"), user("CreatedById", "Created By ID", "CreatedBy").read_only()];
    if name.ends_with("__e") {
        let mut fields = vec![
            Field::new("ReplayId", "Replay ID", Kind::Text(1000)).read_only(),
            Field::new("EventUuid", "Event UUID", Kind::Text(36)).read_only().name_field(),
        ];
        fields.extend(created);
        return fields;
    }
    let id = Field::new("Id", "Record ID", Kind::Id).required().read_only().id_lookup();
    if name.ends_with("__x") {
        let external_id =
            Field::new("ExternalId", "External ID", Kind::Text(255)).required().name_field().external_id();
        return vec![id, external_id.unique(), Field::new("DisplayUrl", "Display URL", Kind::Url)];
    }
    if name.ends_with("__mdt") {
        let text = |name, label, length| Field::new(name, label, Kind::Text(length));
        return vec![
            id,
            text("DeveloperName", "Custom Metadata Record Name", 40).required().id_lookup(),
            text("MasterLabel", "Label", 40).required().name_field(),
            text("Language", "Master Language", 40),
            text("NamespacePrefix", "Namespace Prefix", 15),
            text("Label", "Label", 40),
            text("QualifiedApiName", "Qualified API Name", 70),
        ];
    }
    let owner = match setting {
        None => {
            let lookup = Lookup { also: &["Group"], ..Lookup::new("User", "Owner") };
            Some(Field::new("OwnerId", "Owner ID", Kind::Reference(lookup)).required())
        }
        Some(Setting::Hierarchy) => {
            let lookup = Lookup { also: &["Profile", "User"], ..Lookup::new("Organization", "SetupOwner") };
            Some(Field::new("SetupOwnerId", "Location", Kind::Reference(lookup)).required())
        }
        Some(Setting::List) => None,
    };
    let mut fields = vec![id];
    fields.extend(owner);
    let name = Field::new("Name", "Name", Kind::Text(80)).name_field().id_lookup();
    fields.extend([
        Field::new("IsDeleted", "Deleted", Kind::Boolean).required().read_only(),
        if setting == Some(Setting::List) { name.required() } else { name },
    ]);
    fields.extend(created);
    fields.extend([
        moment("LastModifiedDate", "Last Modified Date"),
        user("LastModifiedById", "Last Modified By ID", "LastModifiedBy").read_only(),
        moment("SystemModstamp", "System Modstamp"),
    ]);
    fields
}
