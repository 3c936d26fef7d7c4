//! Which objects the org has, and their fields. Not for records.
//!
//! Source: Object Reference for the standard objects; `Invoice__c` is the org's own.

use super::schema::{Field, Kind, Lookup, Object, OnDelete, Unit};

const INDUSTRIES: &[&str] =
    &["Agriculture", "Banking", "Biotechnology", "Construction", "Education", "Energy", "Manufacturing", "Retail"];
const STAGES: &[&str] =
    &["Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost"];

/// The stage of an opportunity that was won.
pub(crate) const WON: &str = "Closed Won";
/// The stage of an opportunity that was lost.
pub(crate) const LOST: &str = "Closed Lost";

/// Every object, each after those its required lookups lead to.
pub(crate) fn all() -> Vec<Object> {
    vec![user(), account(), contact(), opportunity(), case(), invoice(), shipment(), invoice_paid()]
}

fn user() -> Object {
    let mut fields = vec![
        id(),
        text("Username", "Username", 80).required().id_lookup(),
        text("FirstName", "First Name", 40),
        text("LastName", "Last Name", 80).required(),
        text("Name", "Full Name", 121).required().read_only().name_field(),
        Field::new("Email", "Email", Kind::Email).required().id_lookup(),
        text("Alias", "Alias", 8).required(),
        text("Title", "Title", 80),
        boolean("IsActive", "Active"),
        text("TimeZoneSidKey", "Time Zone", 40).required(),
        text("LocaleSidKey", "Locale", 40).required(),
        text("LanguageLocaleKey", "Language", 40).required(),
        lookup("ManagerId", "Manager", "User", "Manager", Some("ManagedUsers")),
    ];
    fields.extend(system_fields());
    Object::new("User", "User", "Users", "005", fields).closed()
}

fn account() -> Object {
    let mut fields = vec![
        id(),
        text("Name", "Account Name", 255).required().name_field(),
        picklist("Type", "Account Type", &["Prospect", "Customer - Direct", "Customer - Channel", "Partner"]),
        lookup("ParentId", "Parent Account", "Account", "Parent", Some("ChildAccounts")),
        text("BillingStreet", "Billing Street", 255),
        text("BillingCity", "Billing City", 40),
        text("BillingPostalCode", "Billing Zip/Postal Code", 20),
        text("BillingCountry", "Billing Country", 80),
        Field::new("Phone", "Account Phone", Kind::Phone),
        text("AccountNumber", "Account Number", 40),
        Field::new("Website", "Website", Kind::Url),
        picklist("Industry", "Industry", INDUSTRIES),
        number("AnnualRevenue", "Annual Revenue", Unit::Currency, 18, 0),
        Field::new("NumberOfEmployees", "Employees", Kind::Integer),
        Field::new("Description", "Account Description", Kind::LongText(32_000)),
        owner(),
        text("ERP_Id__c", "ERP Id", 20).external_id().unique(),
        restricted("Priority__c", "Customer Priority", &["High", "Medium", "Low"]),
    ];
    fields.extend(system_fields());
    Object::new("Account", "Account", "Accounts", "001", fields)
}

fn contact() -> Object {
    let mut fields = vec![
        id(),
        account_lookup("Contacts", OnDelete::Cascade),
        text("LastName", "Last Name", 80).required(),
        text("FirstName", "First Name", 40),
        text("Name", "Full Name", 121).required().read_only().name_field(),
        text("MailingCity", "Mailing City", 40),
        text("MailingCountry", "Mailing Country", 80),
        Field::new("Phone", "Business Phone", Kind::Phone),
        Field::new("Email", "Email", Kind::Email).id_lookup(),
        text("Title", "Title", 128),
        text("Department", "Department", 80),
        Field::new("Birthdate", "Birthdate", Kind::Date),
        boolean("HasOptedOutOfEmail", "Email Opt Out"),
        Field::new("Description", "Contact Description", Kind::LongText(32_000)),
        lookup("ReportsToId", "Reports To", "Contact", "ReportsTo", Some("Reports")),
        owner(),
    ];
    fields.extend(system_fields());
    Object::new("Contact", "Contact", "Contacts", "003", fields)
}

fn opportunity() -> Object {
    let mut fields = vec![
        id(),
        account_lookup("Opportunities", OnDelete::Cascade),
        text("Name", "Name", 120).required().name_field(),
        Field::new("Description", "Description", Kind::LongText(32_000)),
        picklist("StageName", "Stage", STAGES).required(),
        number("Amount", "Amount", Unit::Currency, 18, 2),
        number("Probability", "Probability (%)", Unit::Percent, 3, 0),
        Field::new("CloseDate", "Close Date", Kind::Date).required(),
        picklist("Type", "Opportunity Type", &["Existing Business", "New Business"]),
        picklist("LeadSource", "Lead Source", &["Web", "Phone Inquiry", "Partner Referral", "Other"]),
        boolean("IsClosed", "Closed").read_only(),
        boolean("IsWon", "Won").read_only(),
        owner(),
    ];
    fields.extend(system_fields());
    Object::new("Opportunity", "Opportunity", "Opportunities", "006", fields)
}

fn case() -> Object {
    let mut fields = vec![
        id(),
        text("CaseNumber", "Case Number", 30).auto_number("", 8).name_field().id_lookup(),
        lookup("ContactId", "Contact ID", "Contact", "Contact", Some("Cases")),
        account_lookup("Cases", OnDelete::Restrict),
        lookup("ParentId", "Parent Case ID", "Case", "Parent", Some("Cases")),
        picklist("Status", "Status", &["New", "Working", "Escalated", "Closed"]).default("New"),
        picklist("Priority", "Priority", &["High", "Medium", "Low"]).default("Medium"),
        picklist("Origin", "Case Origin", &["Email", "Phone", "Web"]),
        text("Subject", "Subject", 255),
        Field::new("Description", "Description", Kind::LongText(32_000)),
        boolean("IsClosed", "Closed").read_only(),
        Field::new("ClosedDate", "Closed Date", Kind::DateTime).read_only(),
        owner(),
    ];
    fields.extend(system_fields());
    Object::new("Case", "Case", "Cases", "500", fields)
}

fn invoice() -> Object {
    let tags = Kind::MultiPicklist(&["Export", "Priority", "Recurring", "Disputed"]);
    let mut fields = vec![
        id(),
        text("Name", "Invoice", 80).auto_number("INV-", 6).name_field().id_lookup(),
        text("Invoice_Number__c", "Invoice Number", 40).external_id().unique(),
        text("Legacy_Number__c", "Legacy Number", 20).external_id(),
        Field::new(
            "Account__c",
            "Account",
            Kind::Reference(Lookup {
                to: "Account",
                relationship: "Account__r",
                children: Some("Invoices__r"),
                on_delete: OnDelete::Clear,
            }),
        ),
        restricted("Status__c", "Status", &["Draft", "Sent", "Paid", "Void"]).default("Draft"),
        number("Amount__c", "Amount", Unit::Currency, 18, 2),
        number("Exchange_Rate__c", "Exchange Rate", Unit::Plain, 18, 9),
        number("Ledger_Sequence__c", "Ledger Sequence", Unit::Plain, 18, 0),
        Field::new("Tags__c", "Tags", tags),
        boolean("Reviewed__c", "Reviewed"),
        Field::new("Issued__c", "Issued", Kind::Date),
        Field::new("Paid_At__c", "Paid At", Kind::DateTime),
        Field::new("Notes__c", "Notes", Kind::LongText(32_768)),
        owner(),
    ];
    fields.extend(system_fields());
    Object::new("Invoice__c", "Invoice", "Invoices", "a00", fields)
}

/// An external object: its records are another system's, and no query knows how many there are.
fn shipment() -> Object {
    let account = Lookup {
        to: "Account",
        relationship: "Account__r",
        children: Some("Shipments__r"),
        on_delete: OnDelete::Clear,
    };
    let fields = vec![
        id(),
        text("ExternalId", "External ID", 255).required().name_field().external_id().unique(),
        Field::new("DisplayUrl", "Display URL", Kind::Url),
        Field::new("Account__c", "Account", Kind::Reference(account)),
        text("Carrier__c", "Carrier", 80),
        Field::new("Shipped__c", "Shipped", Kind::Date),
    ];
    Object::new("Shipment__x", "Shipment", "Shipments", "x00", fields).closed()
}

/// A platform event.
fn invoice_paid() -> Object {
    let fields = vec![
        text("ReplayId", "Replay ID", 1000).read_only(),
        text("EventUuid", "Event UUID", 36).read_only().name_field(),
        Field::new("CreatedDate", "Created Date", Kind::DateTime).required().read_only(),
        lookup("CreatedById", "Created By ID", "User", "CreatedBy", None).required().read_only(),
        text("Invoice_Number__c", "Invoice Number", 40).required(),
        number("Amount__c", "Amount", Unit::Currency, 18, 2),
    ];
    Object::new("Invoice_Paid__e", "Invoice Paid", "Invoices Paid", "e00", fields).closed()
}

fn system_fields() -> [Field; 6] {
    let moment = |name, label| Field::new(name, label, Kind::DateTime).required().read_only();
    let by = |name, label, relationship| lookup(name, label, "User", relationship, None).required().read_only();
    [
        boolean("IsDeleted", "Deleted").read_only(),
        moment("CreatedDate", "Created Date"),
        by("CreatedById", "Created By ID", "CreatedBy"),
        moment("LastModifiedDate", "Last Modified Date"),
        by("LastModifiedById", "Last Modified By ID", "LastModifiedBy"),
        moment("SystemModstamp", "System Modstamp"),
    ]
}

fn id() -> Field {
    Field::new("Id", "Record ID", Kind::Id).required().read_only().id_lookup()
}

fn owner() -> Field {
    lookup("OwnerId", "Owner ID", "User", "Owner", None).required()
}

fn text(name: &'static str, label: &'static str, length: usize) -> Field {
    Field::new(name, label, Kind::Text(length))
}

fn boolean(name: &'static str, label: &'static str) -> Field {
    Field::new(name, label, Kind::Boolean).required()
}

fn picklist(name: &'static str, label: &'static str, values: &'static [&'static str]) -> Field {
    Field::new(name, label, Kind::Picklist { values, restricted: false })
}

fn restricted(name: &'static str, label: &'static str, values: &'static [&'static str]) -> Field {
    Field::new(name, label, Kind::Picklist { values, restricted: true })
}

fn number(name: &'static str, label: &'static str, unit: Unit, precision: u32, scale: u32) -> Field {
    Field::new(name, label, Kind::Number { unit, precision, scale })
}

fn lookup(
    name: &'static str,
    label: &'static str,
    to: &'static str,
    relationship: &'static str,
    children: Option<&'static str>,
) -> Field {
    let on_delete = OnDelete::Clear;
    Field::new(name, label, Kind::Reference(Lookup { to, relationship, children, on_delete }))
}

fn account_lookup(children: &'static str, on_delete: OnDelete) -> Field {
    let lookup = Lookup { to: "Account", relationship: "Account", children: Some(children), on_delete };
    Field::new("AccountId", "Account ID", Kind::Reference(lookup))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_object_has_what_the_org_relies_on() {
        let objects = all();
        let names: HashSet<_> = objects.iter().map(|object| object.name).collect();
        let prefixes: HashSet<_> = objects.iter().map(|object| object.key_prefix).collect();
        assert_eq!((names.len(), prefixes.len()), (objects.len(), objects.len()));
        for object in &objects {
            assert_eq!(object.fields.iter().filter(|field| field.is_name).count(), 1, "{}", object.name);
            assert_eq!(object.place("Id"), (!object.is_event()).then_some(0), "{}", object.name);
            let fields: HashSet<_> = object.fields.iter().map(|field| field.name.to_lowercase()).collect();
            assert_eq!(fields.len(), object.fields.len(), "{}", object.name);
            for field in &object.fields {
                if let Kind::Reference(lookup) = &field.kind {
                    assert!(names.contains(lookup.to), "{}.{}", object.name, field.name);
                }
            }
        }
    }

    #[test]
    fn child_relationships_of_an_object_have_different_names() {
        let objects = all();
        for parent in &objects {
            let mut seen = HashSet::new();
            for field in objects.iter().flat_map(|object| &object.fields) {
                if let Kind::Reference(Lookup { to, children: Some(name), .. }) = &field.kind {
                    assert!(*to != parent.name || seen.insert(*name), "{}.{name}", parent.name);
                }
            }
        }
    }
}
