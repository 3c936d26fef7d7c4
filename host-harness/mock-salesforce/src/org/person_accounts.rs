//! Person accounts: an account that is a person has a contact behind it, which the org makes and keeps alike.
//!
//! Source: Object Reference, "Account" and "Contact", on `IsPersonAccount` and `PersonContactId`; "Person Account Record
//! Types".

use super::{
    Org,
    id::RecordId,
    schema::{Field, Kind, Object, intern},
    table::{Row, blank, overlay},
    value::Value,
};
use crate::ApiError;

impl Org {
    /// Makes or changes the contact of an account that is a person; what is no person has none.
    pub(super) fn pair_person(&mut self, object: &str, id: RecordId, acting_user: RecordId) -> Result<(), ApiError> {
        let accounts = self.table(object)?;
        let (Some(is_person), Some(link)) =
            (accounts.object.place("IsPersonAccount"), accounts.object.place("PersonContactId"))
        else {
            return Ok(());
        };
        let Some(account) = accounts.row(id).filter(|row| *row.value(is_person) == Value::Boolean(true)) else {
            return Ok(());
        };
        let contacts = self.table("Contact")?;
        let shared = shared(&accounts.object, account, &contacts.object);
        let known = account.value(link).as_id().and_then(|id| contacts.row(id));
        let mut values = known.map_or_else(|| blank(contacts), |row| row.values());
        overlay(&mut values, shared);
        let contact = match known {
            Some(known) => {
                super::rules::derive(&contacts.object, &mut values, self.now);
                Row::new(&contacts.object, known.id, values)
            }
            None => self.new_row(contacts, values, acting_user, self.now)?,
        };
        let contact_id = contact.id;
        let mut values = account.values();
        overlay(&mut values, [(link, Value::Id(contact_id))]);
        let account = Row::new(&accounts.object, id, values);
        self.table_mut("Contact")?.put(contact);
        self.table_mut(object)?.put(account);
        Ok(())
    }
}

/// The names of a person, which an account has under the same names as a contact.
const NAMES: [&str; 5] = ["FirstName", "LastName", "MiddleName", "Salutation", "Suffix"];

/// What an account must satisfy that may be a person: a business has nothing of a person's, and a person's name is not written
/// as a whole, nor is the last one taken away. `old` is the account as it was, if there was one.
pub(super) fn check_account(object: &Object, given: &[(usize, Value)], old: Option<&Row>) -> Result<(), ApiError> {
    let Some(is_person) = object.place("IsPersonAccount").filter(|_| object.name == "Account") else { return Ok(()) };
    let said = |name: &str| object.place(name).and_then(|place| given.iter().find(|(known, _)| *known == place));
    let is_person = match old {
        Some(old) => *old.value(is_person) == Value::Boolean(true),
        None => said("LastName").is_some_and(|(_, value)| !value.is_null()),
    };
    if is_person && old.is_some() && said("LastName").is_some_and(|(_, value)| value.is_null()) {
        let message = "Required fields are missing: [LastName]";
        return Err(ApiError::bad_request("REQUIRED_FIELD_MISSING", message).on(&["LastName"]));
    }
    let is_bad = |name: &str| if is_person { name == "Name" } else { is_of_person(name) };
    let has_value = |value: &Value| !matches!(value, Value::Null | Value::Boolean(false));
    let told = given.iter().filter(|(_, value)| has_value(value)).filter_map(|(place, _)| object.fields.get(*place));
    let bad: Vec<_> = told.map(|field| field.name).filter(|name| is_bad(name)).collect();
    if bad.is_empty() {
        return Ok(());
    }
    let message = format!("Account: bad field names on insert/update call: {}", bad.join(", "));
    Err(ApiError::bad_request("INVALID_FIELD_FOR_INSERT_UPDATE", message).on(&bad))
}

/// A person's contact goes with the account, and not alone. Code and wording are not verified.
pub(super) fn check_delete(object: &Object, row: &Row) -> Result<(), ApiError> {
    let is_person = object.place("IsPersonAccount").map(|place| row.value(place)) == Some(&Value::Boolean(true));
    if object.name != "Contact" || !is_person {
        return Ok(());
    }
    let message = "This contact is a part of a person account: delete the account";
    Err(ApiError::bad_request("DELETE_FAILED", message).on(&[]))
}

/// Gives accounts the custom fields of contacts, as `X__pc`, where accounts can be people.
pub(super) fn share_custom_fields(contacts: &Object, accounts: &Object) -> Vec<Field> {
    if accounts.place("IsPersonAccount").is_none() {
        return Vec::new();
    }
    let shared = |field: &Field| {
        let name = on_account(field.name)?;
        if accounts.place(&name).is_some() {
            return None;
        }
        let mut shared = Field { name: intern::text(&name), external_id: false, unique: false, ..field.clone() };
        shared.required = matches!(shared.kind, Kind::Boolean);
        shared.part_of = field.part_of.and_then(on_account).map(|name| intern::text(&name));
        if let Kind::Reference(lookup) = &mut shared.kind {
            let relationship = lookup.relationship.strip_suffix("__r").map(|stem| format!("{stem}__pr"));
            lookup.relationship = relationship.map_or(lookup.relationship, |name| intern::text(&name));
            lookup.children = None;
        }
        Some(shared)
    };
    contacts.fields.iter().filter_map(shared).collect()
}

/// What an account calls a contact's custom field.
fn on_account(name: &str) -> Option<String> {
    let stem = name.strip_suffix("__c")?;
    Some(format!("{stem}__pc"))
}

fn is_of_person(name: &str) -> bool {
    NAMES.contains(&name) || name.starts_with("Person") || name.ends_with("__pc")
}

/// What the contact has of its account: names under the same name, `MailingCity` from `PersonMailingCity`, `Vip__c` from
/// `Vip__pc`.
fn shared(accounts: &Object, account: &Row, contacts: &Object) -> Vec<(usize, Value)> {
    let of_person = |(place, name): (usize, &str)| {
        let source = match name {
            "AccountId" => return Some((place, Value::Id(account.id))),
            "IsPersonAccount" | "OwnerId" => accounts.place(name),
            _ if NAMES.contains(&name) => accounts.place(name),
            _ => accounts.place(&on_account(name).unwrap_or_else(|| format!("Person{name}"))),
        };
        Some((place, account.value(source?).clone()))
    };
    contacts.fields.iter().enumerate().filter_map(|(place, field)| of_person((place, field.name))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::org::files::Source;
    use crate::org::{EPOCH, Org, Record, Schema, WriteOptions};

    fn record(json: serde_json::Value) -> Record {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_person_has_a_contact_that_follows() {
        let mut org = Org::of(Schema::standard(true), EPOCH);
        let options = WriteOptions::new(org.users()[0].id.clone(), "v67.0");
        let body = record(json!({"FirstName": "Ada", "LastName": "Byron", "PersonEmail": "ada@example.org"}));
        let id = org.create("Account", &body, &options).unwrap();
        let account = org.row("Account", &id, None, "v67.0").unwrap();
        assert_eq!((&account["Name"], &account["IsPersonAccount"]), (&json!("Ada Byron"), &json!(true)));
        let contact_id = account["PersonContactId"].as_str().unwrap().to_owned();
        let contact = |org: &Org| org.row("Contact", &contact_id, None, "v67.0").unwrap();
        assert_eq!(contact(&org)["AccountId"], json!(id));
        assert_eq!((&contact(&org)["Name"], &contact(&org)["Email"]), (&json!("Ada Byron"), &json!("ada@example.org")));

        let change = record(json!({"LastName": "Lovelace", "PersonMailingCity": "London"}));
        org.update("Account", &id, &change, &options).unwrap();
        assert_eq!(contact(&org)["Name"], "Ada Lovelace");
        assert_eq!(contact(&org)["MailingAddress"]["city"], "London");
    }

    #[test]
    fn a_person_is_no_business_and_a_business_no_person() {
        let mut org = Org::of(Schema::standard(true), EPOCH);
        let options = WriteOptions::new(org.users()[0].id.clone(), "v67.0");
        let business = org.create("Account", &record(json!({"Name": "Acme"})), &options).unwrap();
        let person = org.create("Account", &record(json!({"LastName": "Byron"})), &options).unwrap();
        let contact = org.row("Account", &person, None, "v67.0").unwrap()["PersonContactId"].clone();
        let bad = "INVALID_FIELD_FOR_INSERT_UPDATE";
        for (id, body, code, fields) in [
            (Some(&business), json!({"LastName": "Byron"}), bad, vec!["LastName"]),
            (Some(&business), json!({"PersonEmail": "a@example.org"}), bad, vec!["PersonEmail"]),
            (None, json!({"Name": "x", "PersonEmail": "a@example.org"}), bad, vec!["PersonEmail"]),
            (None, json!({"LastName": "Byron", "Name": "x"}), bad, vec!["Name"]),
            (Some(&person), json!({"Name": "x"}), bad, vec!["Name"]),
            (Some(&person), json!({"LastName": null}), "REQUIRED_FIELD_MISSING", vec!["LastName"]),
        ] {
            let body = record(body);
            let error = match id {
                Some(id) => org.update("Account", id, &body, &options).unwrap_err(),
                None => org.create("Account", &body, &options).unwrap_err(),
            };
            let fields: Vec<_> = fields.into_iter().map(str::to_owned).collect();
            assert_eq!((error.code, error.fields), (code, Some(fields)), "{body:?}");
        }
        let error = org.delete("Contact", contact.as_str().unwrap(), &options).unwrap_err();
        assert_eq!(error.code, "DELETE_FAILED");
        org.delete("Account", &person, &options).unwrap();
        let error = org.row("Contact", contact.as_str().unwrap(), None, "v67.0").unwrap_err();
        assert_eq!(error.code, "ENTITY_IS_DELETED", "it goes with its account");
    }

    #[test]
    fn a_custom_field_of_contacts_is_one_of_accounts() {
        let text = "<CustomField><fullName>Vip__c</fullName><label>VIP</label><type>Text</type><length>9</length></CustomField>";
        let source = Source { path: "objects/Contact/fields/Vip__c.field-meta.xml".into(), text: text.to_owned() };
        let sources = [source];
        let mut org = Org::without_samples(Schema::of_sources(&sources, true).unwrap(), EPOCH);
        let body = record(json!({"LastName": "Byron", "Vip__pc": "gold"}));
        org.add_record("Account", &body).unwrap();
        assert_eq!(org.records("Contact", None, 1, false).unwrap()[0]["Vip__c"], "gold");
        let business = Schema::of_sources(&sources, false).unwrap();
        let account = business.objects().iter().find(|object| object.name == "Account").unwrap();
        assert!(account.field("Vip__pc").is_none());
    }

    #[test]
    fn a_business_has_none() {
        let mut org = Org::of(Schema::standard(true), EPOCH);
        let options = WriteOptions::new(org.users()[0].id.clone(), "v67.0");
        let (before, body) = (org.count("Contact"), record(json!({"Name": "Acme"})));
        let id = org.create("Account", &body, &options).unwrap();
        assert_eq!(org.row("Account", &id, None, "v67.0").unwrap()["PersonContactId"], json!(null));
        assert_eq!(org.count("Contact"), before);
    }
}
