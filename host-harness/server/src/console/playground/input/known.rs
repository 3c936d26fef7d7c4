//! What the console knows of the connector's own types beyond what the WIT says: better words, and what a text is.
//!
//! One line a place. A type or a parameter that is not here has its name in words, and what its type gives it.

use salesforce_actions::types::{PACKAGE, TypeName};

/// What is known of a place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    /// Instead of its name in words.
    pub(super) label: Option<&'static str>,
    /// Of a case: instead of that for what it holds.
    pub(super) content: Option<&'static str>,
    pub(super) meaning: Meaning,
}

/// What a value is, where that changes how it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Meaning {
    #[default]
    Plain,
    /// SOQL, which has pickers that insert into it.
    Soql,
    /// The API name of an object.
    Object,
    /// API names of fields of that object, or its field values.
    Fields,
    /// The API name of a field that records are found by.
    KeyField,
    /// An Id, or another text that begins and ends without blanks.
    Id,
}

/// Of a parameter of one of the connector's own functions.
pub(super) fn parameter(name: &str) -> Known {
    match name {
        "object" => means(Meaning::Object),
        "fields" => means(Meaning::Fields),
        "cursor" => means(Meaning::Id),
        _ => Known::default(),
    }
}

/// Of a field of a record, or of a case of a variant.
pub(super) fn member(owner: &TypeName, name: &str) -> Known {
    let Some(interface) = own_interface(owner) else { return Known::default() };
    match (interface, owner.name.as_str(), name) {
        ("soql", "query", "soql") => means(Meaning::Soql),
        ("records", "record-key", "id") => case("By Id", "Record Id", Meaning::Id),
        ("records", "record-key", "external-id") => called("By external Id"),
        ("records", "target", "create") => called("Create a record"),
        ("records", "target", "update") => case("Update by Id", "Record Id", Meaning::Id),
        ("records", "target", "upsert") => called("Create or update by external Id"),
        ("records", "external-id", "field") => case("External Id field", "External Id field", Meaning::KeyField),
        ("records", "external-id", "value") => called("Its value"),
        ("records", "upsert", "update-only") => called("Never create"),
        ("records", "assignment-rule", "off") => called("Do not assign"),
        ("records", "assignment-rule", "rule") => case("By this rule", "Rule Id", Meaning::Id),
        ("records", "save-options", "if-unmodified-since") => means(Meaning::Id),
        _ => Known::default(),
    }
}

/// What a value of a type is called, if not by the name of its place.
pub(super) fn label(ty: &TypeName) -> Option<&'static str> {
    match (own_interface(ty)?, ty.name.as_str()) {
        ("records", "record-key") => Some("Record"),
        ("records", "target") => Some("What to do"),
        ("records", "save-options") => Some("Options of the save"),
        ("records", "duplicate-rule") => Some("When a duplicate rule finds a match"),
        _ => None,
    }
}

/// Whether a type is one of the connector's own.
pub(super) fn is_own(ty: &TypeName) -> bool {
    own_interface(ty).is_some()
}

fn own_interface(ty: &TypeName) -> Option<&str> {
    ty.interface.strip_prefix(PACKAGE)?.strip_prefix('/')
}

fn means(meaning: Meaning) -> Known {
    Known { meaning, ..Known::default() }
}

fn called(label: &'static str) -> Known {
    Known { label: Some(label), ..Known::default() }
}

fn case(label: &'static str, content: &'static str, meaning: Meaning) -> Known {
    Known { label: Some(label), content: Some(content), meaning }
}

impl Meaning {
    /// The list of a page that suggests values.
    pub(super) fn list(self) -> Option<&'static str> {
        match self {
            Meaning::Object => Some("objects"),
            Meaning::KeyField => Some("external-fields"),
            Meaning::Plain | Meaning::Soql | Meaning::Fields | Meaning::Id => None,
        }
    }

    /// Whether blanks around a text are not part of it.
    pub(super) fn is_name(self) -> bool {
        matches!(self, Meaning::Object | Meaning::KeyField | Meaning::Id)
    }
}
