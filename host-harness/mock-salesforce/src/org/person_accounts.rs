//! Person accounts: an account that is a person has a contact behind it, which the org makes and keeps alike.
//!
//! Source: Object Reference, "Account" and "Contact", on `IsPersonAccount` and `PersonContactId`; "Person Account Record
//! Types".

use super::{
    Org,
    id::RecordId,
    schema::Object,
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

/// What the contact has of its account: names under the same name, `MailingCity` from `PersonMailingCity`.
fn shared(accounts: &Object, account: &Row, contacts: &Object) -> Vec<(usize, Value)> {
    let of_person = |(place, name): (usize, &str)| {
        let source = match name {
            "AccountId" => return Some((place, Value::Id(account.id))),
            "IsPersonAccount" | "FirstName" | "LastName" | "Salutation" | "OwnerId" => accounts.place(name),
            _ => accounts.place(&format!("Person{name}")),
        };
        Some((place, account.value(source?).clone()))
    };
    contacts.fields.iter().enumerate().filter_map(|(place, field)| of_person((place, field.name))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
    fn a_business_has_none() {
        let mut org = Org::of(Schema::standard(true), EPOCH);
        let options = WriteOptions::new(org.users()[0].id.clone(), "v67.0");
        let (before, body) = (org.count("Contact"), record(json!({"Name": "Acme"})));
        let id = org.create("Account", &body, &options).unwrap();
        assert_eq!(org.row("Account", &id, None, "v67.0").unwrap()["PersonContactId"], json!(null));
        assert_eq!(org.count("Contact"), before);
    }
}
