//! Which objects the org has of its own, and their fields. Not for records, nor for a schema that a user brings.
//!
//! Each is a table in a file of `objects/`, with a line a field: name, type, label, options, values of a picklist. `declared`
//! reads them.
//!
//! Source: Object Reference for the standard objects; `Invoice__c`, `Shipment__x` and `Invoice_Paid__e` are the org's own.

mod declared;

use super::schema::{Field, Kind, Object, intern};

/// The stage of an opportunity that was won.
pub(crate) const WON: &str = "Closed Won";
/// The stage of an opportunity that was lost.
pub(crate) const LOST: &str = "Closed Lost";

const DECLARATIONS: &[&str] = &[
    include_str!("objects/profile.txt"),
    include_str!("objects/user.txt"),
    include_str!("objects/user_role.txt"),
    include_str!("objects/organization.txt"),
    include_str!("objects/group.txt"),
    include_str!("objects/record_type.txt"),
    include_str!("objects/account.txt"),
    include_str!("objects/contact.txt"),
    include_str!("objects/lead.txt"),
    include_str!("objects/campaign.txt"),
    include_str!("objects/campaign_member.txt"),
    include_str!("objects/pricebook2.txt"),
    include_str!("objects/opportunity.txt"),
    include_str!("objects/product2.txt"),
    include_str!("objects/pricebook_entry.txt"),
    include_str!("objects/opportunity_line_item.txt"),
    include_str!("objects/case.txt"),
    include_str!("objects/task.txt"),
    include_str!("objects/event.txt"),
    include_str!("objects/attachment.txt"),
    include_str!("objects/document.txt"),
    include_str!("objects/content_document.txt"),
    include_str!("objects/content_version.txt"),
    include_str!("objects/content_document_link.txt"),
    include_str!("objects/invoice.txt"),
    include_str!("objects/shipment.txt"),
    include_str!("objects/invoice_paid.txt"),
];

/// What an org with several currencies has beside.
const CURRENCY_TYPE: &str = include_str!("objects/currency_type.txt");

/// Every object of an org with one currency, with or without the fields that person accounts bring.
pub(crate) fn all(person_accounts: bool) -> Vec<Object> {
    DECLARATIONS.iter().map(|text| object(text, person_accounts)).collect()
}

/// The currencies of an org that has several.
pub(crate) fn currency_type() -> Object {
    object(CURRENCY_TYPE, false)
}

fn object(text: &'static str, person_accounts: bool) -> Object {
    match declared::object(text, person_accounts) {
        Ok(object) => object,
        Err(error) => unreachable!("the declarations are part of the program, and a test reads them: {error}"),
    }
}

/// The standard objects among them without custom fields, none of whose lookups leads to a custom one.
pub(crate) fn standard(person_accounts: bool) -> Vec<Object> {
    let (custom, mut standard): (Vec<_>, Vec<_>) = all(person_accounts).into_iter().partition(Object::is_custom);
    let is_kept = |name: &&str| custom.iter().all(|object| object.name != *name);
    for object in &mut standard {
        if object.fields.iter().any(Field::is_custom) {
            let fields = object.fields.iter().filter(|field| !field.is_custom()).cloned().collect();
            *object = object.clone().with_fields(fields);
        }
    }
    for field in standard.iter_mut().flat_map(|object| &mut object.fields) {
        if let Kind::Reference(lookup) = &mut field.kind {
            lookup.also = intern::list(&lookup.also.iter().copied().filter(is_kept).collect::<Vec<_>>());
        }
    }
    standard
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::org::schema::Lookup;

    #[test]
    fn every_object_has_what_the_org_relies_on() {
        let objects = all(true);
        let names: HashSet<_> = objects.iter().map(|object| object.name).collect();
        let prefixes: HashSet<_> = objects.iter().map(|object| object.key_prefix).collect();
        assert_eq!((names.len(), prefixes.len()), (objects.len(), objects.len()));
        for object in &objects {
            let has_name = object.name != "ContentDocumentLink";
            assert_eq!(
                object.fields.iter().filter(|field| field.is_name).count(),
                usize::from(has_name),
                "{}",
                object.name
            );
            assert_eq!(object.place("Id"), (!object.is_event()).then_some(0), "{}", object.name);
            let fields: HashSet<_> = object.fields.iter().map(|field| field.name.to_lowercase()).collect();
            assert_eq!(fields.len(), object.fields.len(), "{}", object.name);
            for field in &object.fields {
                assert!(
                    field.part_of.is_none_or(|whole| object.place(whole).is_some()),
                    "{}.{}",
                    object.name,
                    field.name
                );
                if let (Kind::Picklist { values, .. }, Some(default)) = (&field.kind, field.default) {
                    assert!(values.contains(&default), "{}.{}", object.name, field.name);
                }
            }
        }
    }

    #[test]
    fn standard_objects_know_no_custom_ones() {
        let objects = standard(false);
        assert_eq!(objects.len(), DECLARATIONS.len() - 3);
        for field in objects.iter().flat_map(|object| &object.fields) {
            assert!(!field.is_custom(), "{}", field.name);
            if let Kind::Reference(lookup) = &field.kind {
                assert!(!lookup.leads_to("Invoice__c"), "{}", field.name);
            }
        }
    }

    #[test]
    fn child_relationships_of_an_object_have_different_names() {
        let objects = all(true);
        for parent in &objects {
            let mut seen = HashSet::new();
            for field in objects.iter().flat_map(|object| &object.fields) {
                if let Kind::Reference(lookup @ Lookup { children: Some(name), .. }) = &field.kind {
                    assert!(!lookup.leads_to(parent.name) || seen.insert(*name), "{}.{name}", parent.name);
                }
            }
        }
    }

    #[test]
    fn person_accounts_bring_their_fields_and_nothing_else() {
        let account = |person| all(person).into_iter().find(|object| object.name == "Account").unwrap();
        assert!(account(false).place("PersonMailingCity").is_none() && account(false).place("LastName").is_none());
        assert!(account(true).place("PersonMailingAddress").is_some());
        assert_eq!(account(false).fields.len(), 70);
        assert_eq!(account(true).fields.len(), 70 + 40);
    }
}
