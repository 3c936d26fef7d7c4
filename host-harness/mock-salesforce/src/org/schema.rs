//! What an object and its fields are. Not for which objects the org has.
//!
//! Source: Object Reference, "Field Types" and "Field Properties".

mod auto_number;
mod compound;
mod dependency;
pub(crate) mod intern;
mod kind;
mod labels;
mod meaning;
pub(crate) mod record_types;
mod whole;

use std::{collections::HashMap, sync::Arc};

use super::{Record, permissions::ObjectPermissions, value::Value};

use self::compound::Compound;
pub(in crate::org) use self::whole::MetadataRecord;
pub use self::{
    auto_number::AutoNumber,
    dependency::Dependency,
    kind::{Kind, Lookup, OnDelete, Unit},
    labels::Labels,
    meaning::ValueMeaning,
    record_types::RecordType,
    whole::Schema,
};

/// An object of the org.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// The API name, such as `Account`.
    pub name: &'static str,
    /// The name people read.
    pub label: &'static str,
    /// The same for several records.
    pub plural: &'static str,
    /// The first three characters of every Id.
    pub key_prefix: &'static str,
    /// Whether the API may create its records.
    pub createable: bool,
    /// Whether the API may delete its records.
    pub deletable: bool,
    /// Whether it is a custom setting.
    pub custom_setting: bool,
    /// Whether people may post about its records.
    pub has_feed: bool,
    /// Whether several of its records can be made one.
    pub mergeable: bool,
    /// Whether its records come back from the recycle bin.
    pub undeletable: bool,
    /// What the describe answer of another org told of it, when its schema came from there.
    pub described: Option<Arc<Record>>,
    /// The record types that it has from the start, without the master.
    pub record_types: Vec<RecordType>,
    /// The fields, in the order of describe.
    pub fields: Vec<Field>,
    /// What whoever looks may do with its records.
    pub(crate) access: ObjectPermissions,
    by_name: HashMap<String, usize>,
    compounds: Vec<Compound>,
}

impl Object {
    /// An object with these fields.
    #[must_use]
    pub fn new(
        name: &'static str,
        label: &'static str,
        plural: &'static str,
        key_prefix: &'static str,
        fields: Vec<Field>,
    ) -> Self {
        let lower = |(place, field): (usize, &Field)| (field.name.to_lowercase(), place);
        let by_name = fields.iter().enumerate().map(lower).collect();
        let compounds = compound::of(&fields);
        Self {
            name,
            label,
            plural,
            key_prefix,
            createable: true,
            deletable: true,
            custom_setting: false,
            has_feed: false,
            mergeable: false,
            undeletable: false,
            described: None,
            record_types: Vec::new(),
            fields,
            access: ObjectPermissions::ALL,
            by_name,
            compounds,
        }
    }

    /// The same object with other fields.
    pub(crate) fn with_fields(self, fields: Vec<Field>) -> Self {
        let made = Self::new(self.name, self.label, self.plural, self.key_prefix, fields);
        Self { fields: made.fields, by_name: made.by_name, compounds: made.compounds, ..self }
    }

    /// The same object, its records made and deleted by the org alone.
    #[must_use]
    pub fn closed(self) -> Self {
        Self { createable: false, deletable: false, ..self }
    }

    /// Its place and the field of this name, in any case, if whoever looks may see it.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        let place = self.place(name)?;
        Some((place, self.fields.get(place).filter(|field| !field.hidden)?))
    }

    /// The fields that whoever looks may see, with their places.
    pub(crate) fn seen_fields(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.fields.iter().enumerate().filter(|(_, field)| !field.hidden)
    }

    /// The place of the field of this name, in any case, seen or not.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.by_name.get(&name.to_lowercase()).copied()
    }

    /// Puts together the compound fields of a record from their parts. `values` has one for each field.
    pub(crate) fn compose(&self, values: &mut [Value]) {
        for compound in &self.compounds {
            compound.compose(values);
        }
    }

    /// The lookup field whose relationship has this name, in any case.
    #[must_use]
    pub fn lookup(&self, relationship: &str) -> Option<(usize, &Field, &Lookup)> {
        self.seen_fields().find_map(|(place, field)| match &field.kind {
            Kind::Reference(lookup) if lookup.relationship.eq_ignore_ascii_case(relationship) => {
                Some((place, field, lookup))
            }
            _ => None,
        })
    }

    /// Whether an administrator made it.
    #[must_use]
    pub fn is_custom(&self) -> bool {
        self.name.ends_with("__c") || self.name.ends_with("__mdt") || self.is_event() || !self.is_counted()
    }

    /// Whether its records are published and never kept: a platform event.
    #[must_use]
    pub fn is_event(&self) -> bool {
        self.name.ends_with("__e")
    }

    /// Whether a query knows how many of its records there are: `totalSize` is -1 for big objects and external objects.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        !(self.name.ends_with("__b") || self.name.ends_with("__x"))
    }

    /// How many of so many of its records a query says there are.
    #[must_use]
    pub fn total(&self, records: usize) -> i64 {
        if self.is_counted() { i64::try_from(records).unwrap_or(i64::MAX) } else { -1 }
    }
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The API name, such as `AnnualRevenue`.
    pub name: &'static str,
    /// The name people read.
    pub label: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether a record must have a value.
    pub required: bool,
    /// Whether clients may write it.
    pub writable: bool,
    /// Whether it is an external Id.
    pub external_id: bool,
    /// Whether records are found by it in a path, as by an external Id, without its being one.
    pub id_lookup: bool,
    /// Whether no two records may share a value.
    pub unique: bool,
    /// Whether its text is compared case by case.
    pub case_sensitive: bool,
    /// Whether it is what people call the record by.
    pub is_name: bool,
    /// Whether the org keeps an index on it without its being an external Id.
    pub indexed: bool,
    /// What a new record has when the client says nothing.
    pub default: Option<&'static str>,
    /// How the org numbers records, when it does.
    pub auto_number: Option<AutoNumber>,
    /// What describe calls its type, where several of Salesforce's types are one [`Kind`] here: a `textarea` of up to 255
    /// characters is text, a `combobox` a picklist.
    pub described_as: Option<&'static str>,
    /// The compound field that it is a part of: `BillingAddress` of `BillingCity`, `Name` of `LastName`.
    pub part_of: Option<&'static str>,
    /// Whether clients may write it when they make a record and never again.
    pub set_once: bool,
    /// Whether its value is worked out: a formula or a roll-up summary.
    pub calculated: bool,
    /// The field whose value says which of its values can be chosen.
    pub controller: Option<&'static str>,
    /// Which of its values can be chosen with which of that field.
    pub dependency: Dependency,
    /// What people read for its values.
    pub labels: Labels,
    /// What its values mean, when a standard value set told it.
    pub meanings: Option<Arc<[ValueMeaning]>>,
    /// What the describe answer of another org told of it, when its schema came from there.
    pub described: Option<Arc<Record>>,
    /// Whether whoever looks may not see it.
    pub(crate) hidden: bool,
}

impl Field {
    /// A field that clients may write and leave empty.
    #[must_use]
    pub fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self {
            name,
            label,
            kind,
            required: false,
            writable: true,
            external_id: false,
            id_lookup: false,
            unique: false,
            case_sensitive: false,
            is_name: false,
            indexed: false,
            default: None,
            auto_number: None,
            described_as: None,
            part_of: None,
            set_once: false,
            calculated: false,
            controller: None,
            dependency: Dependency::default(),
            labels: Labels::default(),
            meanings: None,
            described: None,
            hidden: false,
        }
    }

    /// The same field, never null.
    #[must_use]
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same field, written by the org alone.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self { writable: false, ..self }
    }

    /// The same field as what people call the record by.
    #[must_use]
    pub fn name_field(self) -> Self {
        Self { is_name: true, ..self }
    }

    /// The same field as an external Id.
    #[must_use]
    pub fn external_id(self) -> Self {
        Self { external_id: true, ..self }
    }

    /// The same field as one that records are found by.
    #[must_use]
    pub fn id_lookup(self) -> Self {
        Self { id_lookup: true, ..self }
    }

    /// The same field, its values all different.
    #[must_use]
    pub fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    /// The same field with an index.
    #[must_use]
    pub fn indexed(self) -> Self {
        Self { indexed: true, ..self }
    }

    /// The same field with a value for new records.
    #[must_use]
    pub fn default(self, value: &'static str) -> Self {
        Self { default: Some(value), ..self }
    }

    /// The same field, numbered by the org.
    #[must_use]
    pub fn auto_number(self, numbers: AutoNumber) -> Self {
        Self { auto_number: Some(numbers), writable: false, required: true, ..self }
    }

    /// Whether a record that nobody names is called by its Id: the text name of a custom object.
    ///
    /// Source: Object Reference, any custom object of a managed package: `Name` is "Create, Defaulted on create, ... Nillable".
    #[must_use]
    pub fn is_optional_name(&self) -> bool {
        self.is_name && self.name == "Name" && self.writable && !self.required
    }

    /// Whether a path may name a record by it: describe's `idLookup`.
    #[must_use]
    pub fn is_key(&self) -> bool {
        self.external_id || self.id_lookup
    }

    /// Whether the org finds records by it without looking at all of them: lookups, names, keys, and when a record was made
    /// and changed.
    ///
    /// Source: Best Practices for Deployments with Large Data Volumes, "Indexes".
    #[must_use]
    pub fn has_index(&self) -> bool {
        match self.kind {
            // Every table finds its rows by Id anyway, and a checkbox has but two values.
            Kind::Id | Kind::Boolean => false,
            Kind::Reference(_) => true,
            Kind::DateTime if matches!(self.name, "CreatedDate" | "SystemModstamp") => true,
            _ => self.indexed || self.is_name || self.is_key() || self.unique,
        }
    }

    /// Whether an administrator made it.
    #[must_use]
    pub fn is_custom(&self) -> bool {
        self.name.ends_with("__c") || self.name.ends_with("__pc")
    }

    /// How many characters it holds at most; 0 for what is not text.
    #[must_use]
    pub fn length(&self) -> usize {
        match self.kind {
            Kind::Id | Kind::Reference(_) => 18,
            Kind::Text(length) | Kind::LongText(length) => length,
            Kind::Email => 80,
            Kind::Phone => 40,
            Kind::Url | Kind::Picklist { .. } => 255,
            Kind::MultiPicklist(_) => 4099,
            Kind::Boolean
            | Kind::Integer
            | Kind::Number { .. }
            | Kind::Date
            | Kind::DateTime
            | Kind::Time
            | Kind::Address
            | Kind::Location
            | Kind::Base64 => 0,
        }
    }

    /// The type's name in describe.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.described_as.unwrap_or(self.kind.type_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_in_any_case() {
        let object = Object::new(
            "Thing__c",
            "Thing",
            "Things",
            "a09",
            vec![Field::new("Id", "Record ID", Kind::Id), Field::new("Size__c", "Size", Kind::Integer)],
        );
        assert_eq!(object.field("SIZE__C").map(|(place, field)| (place, field.name)), Some((1, "Size__c")));
        assert!(object.field("Weight__c").is_none());
        assert!(object.is_custom());
    }
}
