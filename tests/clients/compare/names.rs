//! How ours is called in theirs.

/// The names of the connector's results, and Salesforce's, which clients pass on. Names that are not here are the same, such as
/// those of a record's fields.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("child_relationships", "childRelationships"),
    ("child_sobject", "childSObject"),
    ("controller_name", "controllerName"),
    ("default_record_type_mapping", "defaultRecordTypeMapping"),
    ("default_value", "defaultValue"),
    ("deleted_date", "deletedDate"),
    ("developer_name", "developerName"),
    ("earliest_date_available", "earliestDateAvailable"),
    ("external_id", "externalId"),
    ("id_lookup", "idLookup"),
    ("inline_help_text", "inlineHelpText"),
    ("key_prefix", "keyPrefix"),
    ("label_plural", "labelPlural"),
    ("latest_date_covered", "latestDateCovered"),
    ("name_field", "nameField"),
    ("next", "nextRecordsUrl"),
    ("picklist_values", "picklistValues"),
    ("polymorphic_foreign_key", "polymorphicForeignKey"),
    ("record_type_id", "recordTypeId"),
    ("record_type_infos", "recordTypeInfos"),
    ("reference_id", "referenceId"),
    ("reference_to", "referenceTo"),
    ("relationship_name", "relationshipName"),
    ("restricted_picklist", "restrictedPicklist"),
    ("total_size", "totalSize"),
    ("valid_for", "validFor"),
];
