//! Records put in and looked through by whoever sets the org up. Not for clients, whose way is [`super::write`].

use std::sync::Arc;

use super::{
    Org, Record, attributes, content,
    events::check_kept,
    generated::check_stored,
    parse_id,
    people::ORGANIZATION,
    person_accounts::check_account,
    rules,
    schema::Object,
    table::{Row, Table, blank, overlay},
    value::Value,
    write::WRITE,
};
use crate::ApiError;

/// The version that the URLs of records name where no request says one.
const VERSION: &str = "v67.0";

impl Org {
    /// Adds a record that was there before any client came, of any object that keeps records. It says no more than a client
    /// could: names, types, lengths, picklists, references, required and unique fields are checked, and fields that the org
    /// fills are refused. Rules, flows, locks and assignment are not asked. It is owned and made by the first user, and a user
    /// is active, unless it says otherwise. It brings about what a written record does. A record of `Organization` says what the
    /// org's own one is. Answers its 18-character Id.
    ///
    /// # Errors
    /// 400 with the code of whatever the record violates; 404 `NOT_FOUND` for an unknown object.
    pub fn add_record(&mut self, object: &str, body: &Record) -> Result<String, ApiError> {
        let table = self.table(object)?;
        check_kept(&table.object, "insert")?;
        check_stored(table, WRITE)?;
        if table.object.name == ORGANIZATION {
            return self.describe_organization(body);
        }
        let given = self.parse_body(&table.object, body)?;
        check_account(&table.object, &given, None)?;
        let administrator = self.first_user().ok_or_else(ApiError::not_found)?;
        let mut values = blank(table);
        overlay(&mut values, table.object.place("OwnerId").map(|place| (place, Value::Id(administrator))));
        overlay(&mut values, given);
        self.fill_prices(&table.object, &mut values);
        let row = self.new_row(table, values, administrator, self.now)?;
        rules::check_required(&table.object, &row)?;
        rules::check_unique(table, &row)?;
        content::check(table, &row)?;
        rules::check_standard(table, &row)?;
        let id = row.id;
        self.table_mut(object)?.put(row);
        self.settle(object, id, administrator)?;
        Ok(id.to_string())
    }

    /// Drops every record but the org's own, the users, their profiles, the currencies, and the record types and metadata of the
    /// schema.
    pub fn clear_records(&mut self) {
        let is_cleared = |table: &&mut Arc<Table>| {
            let name = table.object.name;
            !matches!(name, ORGANIZATION | "User" | "Profile" | "CurrencyType") && !name.ends_with("__mdt")
        };
        self.tables.iter_mut().filter(is_cleared).for_each(|table| Arc::make_mut(table).clear());
        self.add_record_types();
    }

    /// Records in the order of their making, each with all its fields: those after this Id, at most so many, deleted ones
    /// only if asked for.
    ///
    /// # Errors
    /// 404 `NOT_FOUND` for an unknown object; 400 `MALFORMED_ID`, and `INVALID_TYPE_FOR_OPERATION` for events.
    pub fn records(
        &self,
        object: &str,
        after: Option<&str>,
        limit: usize,
        deleted: bool,
    ) -> Result<Vec<Record>, ApiError> {
        let table = self.table(object)?;
        check_kept(&table.object, "query")?;
        let after = after.map(parse_id).transpose()?;
        if table.is_generated() {
            let start = after.and_then(|after| table.number(after)).map_or(0, |number| number + 1);
            let made = table.with_generated(start..start.saturating_add(limit));
            return Ok(made.rows().iter().map(|row| record(&made.object, row)).collect());
        }
        let rows = table.rows().from(&|row| after.is_some_and(|after| row.id <= after));
        let rows = rows.filter(|row| deleted || !row.deleted);
        Ok(rows.take(limit).map(|row| record(&table.object, row)).collect())
    }

    /// How many records the org holds, deleted ones too, and about how many bytes they take.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let rows = self.tables.iter().map(|table| table.rows().len()).sum();
        (rows, self.tables.iter().map(|table| table.bytes()).sum())
    }
}

fn record(object: &Object, row: &Row) -> Record {
    let mut record = Record::new();
    record.insert("attributes".to_owned(), attributes(object, row.id, VERSION));
    let fields = object.fields.iter().enumerate();
    record.extend(fields.map(|(place, field)| (field.name.to_owned(), row.json(object, place, VERSION))));
    record
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::org::EPOCH;

    fn loaded(org: &mut Org, object: &str, body: serde_json::Value) -> Result<String, ApiError> {
        let serde_json::Value::Object(body) = body else { panic!("an object") };
        org.add_record(object, &body)
    }

    #[test]
    fn rules_do_not_hold_for_what_was_there_before_but_fields_do() {
        let mut org = Org::seeded(EPOCH);
        let negative = json!({"Amount__c": -5, "Invoice_Number__c": "N-1"});
        let id = loaded(&mut org, "invoice__c", negative.clone()).unwrap();
        assert_eq!(org.row("Invoice__c", &id, Some(&["Amount__c"]), "v60.0").unwrap()["Amount__c"], -5);
        for (object, body, code) in [
            ("Invoice__c", negative, "DUPLICATE_VALUE"),
            ("Account", json!({}), "REQUIRED_FIELD_MISSING"),
            ("Account", json!({"Nme": "x"}), "INVALID_FIELD"),
            ("Invoice_Paid__e", json!({}), "INVALID_TYPE_FOR_OPERATION"),
            ("Thing", json!({}), "NOT_FOUND"),
        ] {
            assert_eq!(loaded(&mut org, object, body).unwrap_err().code, code);
        }
        assert!(loaded(&mut org, "Shipment__x", json!({"ExternalId": "s-new"})).unwrap().starts_with("x00"));
    }

    #[test]
    fn an_account_that_is_a_person_gets_its_contact() {
        let mut org = Org::without_samples(crate::org::Schema::standard(true), EPOCH);
        let account = loaded(&mut org, "Account", json!({"FirstName": "Ada", "LastName": "Byron"})).unwrap();
        let contacts = org.records("Contact", None, 10, false).unwrap();
        assert_eq!((contacts.len(), &contacts[0]["Name"]), (1, &json!("Ada Byron")));
        assert_eq!(org.row("Account", &account, None, "v60.0").unwrap()["PersonContactId"], contacts[0]["Id"]);
    }

    #[test]
    fn a_cleared_org_has_users_alone_and_takes_new_records() {
        let mut org = Org::seeded(EPOCH);
        org.clear_records();
        assert_eq!((org.count("Account"), org.count("User")), (0, 6));
        let first = loaded(&mut org, "Account", json!({"Name": "One", "ERP_Id__c": "1"})).unwrap();
        loaded(&mut org, "Contact", json!({"LastName": "Two", "Account": {"ERP_Id__c": "1"}})).unwrap();
        let records = org.records("Account", None, 10, false).unwrap();
        assert_eq!((records.len(), &records[0]["Id"]), (1, &json!(first)));
        assert_eq!(org.records("Contact", None, 10, false).unwrap()[0]["AccountId"], json!(first));
        assert!(org.records("Account", Some(&first), 10, false).unwrap().is_empty());
    }
}
