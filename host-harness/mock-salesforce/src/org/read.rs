//! Records by Id and external Id, and what they are related to. Not for queries, which are [`crate::soql`].
//!
//! Source: REST API Developer Guide, "sObject Rows", "sObject Rows by External ID", "sObject Relationships".

use super::{
    Org, Record, Related, User, attributes,
    events::check_kept,
    id::RecordId,
    parse_id,
    schema::Kind,
    table::{Row, Table},
    value::Value,
};
use crate::ApiError;

impl Org {
    /// A record with `attributes` first, then the fields asked for, or all. `version` is that of the request, `v60.0`.
    ///
    /// # Errors
    /// 404 `NOT_FOUND`, 404 `ENTITY_IS_DELETED`, 400 `MALFORMED_ID`, 400 `INVALID_FIELD`.
    pub fn row(&self, object: &str, id: &str, fields: Option<&[&str]>, version: &str) -> Result<Record, ApiError> {
        let table = self.table(object)?;
        let table = &*table.around(id);
        let row = live(table, id, "retrieve")?;
        let mut record = Record::new();
        record.insert("attributes".to_owned(), attributes(&table.object, row.id, version));
        match fields {
            None => {
                for (place, field) in table.object.seen_fields() {
                    record.insert(field.name.to_owned(), row.json(&table.object, place, version));
                }
            }
            Some(names) => {
                for name in names {
                    let (place, field) = table.object.field(name).ok_or_else(|| {
                        let message = format!("No such column '{name}' on sobject of type {}", table.object.name);
                        ApiError::bad_request("INVALID_FIELD", message)
                    })?;
                    record.insert(field.name.to_owned(), row.json(&table.object, place, version));
                }
                // The answer carries the Id whether it was asked for or not.
                if !record.contains_key("Id") {
                    record.insert("Id".to_owned(), Value::Id(row.id).to_json());
                }
            }
        }
        Ok(record)
    }

    /// The Ids of all live records with this value in an external Id, or in another field that records are found by
    /// (`idLookup`), oldest first; none is an empty list.
    ///
    /// # Errors
    /// 404 `NOT_FOUND` for an unknown object, and for a field that is none of these. 400 for a value that the field
    /// cannot hold.
    pub fn rows_by_external_id(&self, object: &str, field: &str, value: &str) -> Result<Vec<String>, ApiError> {
        let table = self.table(object)?;
        let Some((place, field)) = table.object.field(field).filter(|(_, known)| known.is_key()) else {
            let message = format!("Provided external ID field does not exist or is not accessible: {field}");
            return Err(ApiError::new(404, "NOT_FOUND", message));
        };
        if matches!(field.kind, Kind::Id) {
            let table = table.around(value);
            let row = table.row(parse_id(value)?).filter(|row| !row.deleted);
            return Ok(row.map(|row| row.id.to_string()).into_iter().collect());
        }
        let value = self.parse_text(field, value)?;
        if table.is_generated() {
            let number = table.generated_by(place, &value);
            let ids = number.map(|number| table.ids(number..number + 1)).unwrap_or_default();
            return Ok(ids.into_iter().map(|id| id.to_string()).collect());
        }
        let found = table.find(place, &value).into_iter().flatten();
        Ok(found.filter(|row| !row.deleted).map(|row| row.id.to_string()).collect())
    }

    /// Follows a relationship of a record, either way.
    ///
    /// # Errors
    /// 404 `NOT_FOUND` for an empty lookup and an unknown relationship, beside those of [`Org::row`].
    pub fn related(&self, object: &str, id: &str, relationship: &str) -> Result<Related, ApiError> {
        let table = self.table(object)?;
        let table = &*table.around(id);
        let row = live(table, id, "retrieve")?;
        if let Some((place, _, lookup)) = table.object.lookup(relationship) {
            let parent = row.value(place).as_id().ok_or_else(ApiError::not_found)?;
            let is_of = |table: &&Table| table.object.key_prefix == parent.key_prefix();
            let table = lookup.targets().filter_map(|name| self.find_table(name)).find(is_of);
            let object = table.ok_or_else(ApiError::not_found)?.object.name.to_owned();
            return Ok(Related::Parent { object, id: parent.to_string() });
        }
        let is_named = |name: &str| name.eq_ignore_ascii_case(relationship);
        let mut lookups = self.lookups_to(table.object.name);
        let found = lookups.find(|(_, _, lookup)| lookup.children.is_some_and(is_named));
        let (child, place, _) = found.ok_or_else(ApiError::not_found)?;
        let rows = child.find(place, &Value::Id(row.id)).into_iter().flatten();
        let ids = rows.filter(|row| !row.deleted).map(|row| row.id.to_string()).collect();
        Ok(Related::Children { object: child.object.name.to_owned(), ids })
    }

    /// When a record last changed, to the second.
    ///
    /// # Errors
    /// Those of [`Org::row`].
    pub fn last_modified(&self, object: &str, id: &str) -> Result<jiff::Timestamp, ApiError> {
        let table = self.table(object)?;
        if table.object.is_event() {
            return Ok(self.now());
        }
        let table = &*table.around(id);
        let row = live(table, id, "retrieve")?;
        let place = table.object.place("LastModifiedDate").unwrap_or(usize::MAX);
        match row.value(place) {
            Value::DateTime(moment) => Ok(*moment),
            _ => Ok(self.now()),
        }
    }

    /// Everybody who can log in.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        let Some(table) = self.find_table("User") else { return Vec::new() };
        let user = |row: &Row| {
            let text = |name: &str| {
                let place = table.object.place(name).unwrap_or(usize::MAX);
                row.value(place).as_text().unwrap_or_default().to_owned()
            };
            User {
                id: row.id.to_string(),
                username: text("Username"),
                first_name: text("FirstName"),
                last_name: text("LastName"),
                name: text("Name"),
                email: text("Email"),
                locale: text("LocaleSidKey"),
                language: text("LanguageLocaleKey"),
                time_zone: text("TimeZoneSidKey"),
            }
        };
        active(table).map(user).collect()
    }

    /// The first of [`Org::users`], who made what nobody else made.
    pub(super) fn first_user(&self) -> Option<RecordId> {
        active(self.find_table("User")?).map(|row| row.id).next()
    }

    /// How many live records an object has; 0 for an unknown object.
    #[must_use]
    pub fn count(&self, object: &str) -> usize {
        self.find_table(object).map_or(0, Table::live)
    }
}

/// The users who can log in.
fn active(users: &Table) -> impl Iterator<Item = &Row> {
    let place = users.object.place("IsActive").unwrap_or(usize::MAX);
    users.rows().iter().filter(move |row| *row.value(place) == Value::Boolean(true))
}

/// The record of this Id, unless it is unknown (404 `NOT_FOUND`) or deleted (404 `ENTITY_IS_DELETED`), or the object has no
/// such operation.
pub(super) fn live<'a>(table: &'a Table, id: &str, operation: &str) -> Result<&'a Row, ApiError> {
    check_kept(&table.object, operation)?;
    let row = table.row(parse_id(id)?).ok_or_else(ApiError::not_found)?;
    if row.deleted { Err(ApiError::new(404, "ENTITY_IS_DELETED", "entity is deleted").on(&[])) } else { Ok(row) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::org::EPOCH;

    fn account(org: &Org, erp_id: &str) -> String {
        org.rows_by_external_id("account", "erp_id__c", erp_id).unwrap().remove(0)
    }

    #[test]
    fn a_row_has_the_fields_asked_for_and_its_id() {
        let org = Org::seeded(EPOCH);
        let id = account(&org, "erp-000000");
        let row = org.row("ACCOUNT", id.get(..15).unwrap(), Some(&["name", "Industry"]), "v60.0").unwrap();
        assert_eq!(row.keys().collect::<Vec<_>>(), ["attributes", "Name", "Industry", "Id"]);
        let url = format!("/services/data/v60.0/sobjects/Account/{id}");
        assert_eq!(row["attributes"], json!({"type": "Account", "url": url}));
        assert_eq!(row["Id"], json!(id));
        let whole = org.row("Account", &id, None, "v60.0").unwrap();
        assert_eq!(whole.len(), org.object("Account").unwrap().fields.len() + 1);
    }

    #[test]
    fn what_is_missing_is_told_apart() {
        let org = Org::seeded(EPOCH);
        let id = account(&org, "ERP-000000");
        let error = |object: &str, id: &str, fields: &[&str]| {
            let error = org.row(object, id, Some(fields), "v60.0").unwrap_err();
            (error.status, error.code)
        };
        assert_eq!(error("Nothing", &id, &[]), (404, "NOT_FOUND"));
        assert_eq!(error("Account", "0015g00000zzzzz", &[]), (404, "NOT_FOUND"));
        assert_eq!(error("Contact", &id, &[]), (404, "NOT_FOUND"));
        assert_eq!(error("Account", "undefined", &[]), (400, "MALFORMED_ID"));
        assert_eq!(error("Account", &id, &["Nme"]), (400, "INVALID_FIELD"));
        let table = org.table("Account").unwrap();
        let gone = table.rows().iter().find(|row| row.deleted).unwrap().id;
        assert_eq!(error("Account", gone.as_str(), &[]), (404, "ENTITY_IS_DELETED"));
    }

    #[test]
    fn an_external_id_may_be_shared_or_unknown() {
        let org = Org::seeded(EPOCH);
        assert_eq!(org.rows_by_external_id("Invoice__c", "Legacy_Number__c", "L-0001").unwrap().len(), 2);
        assert!(org.rows_by_external_id("Invoice__c", "Legacy_Number__c", "none").unwrap().is_empty());
        let error = org.rows_by_external_id("Invoice__c", "Status__c", "Draft").unwrap_err();
        assert_eq!((error.status, error.code), (404, "NOT_FOUND"));
    }

    #[test]
    fn relationships_lead_both_ways() {
        let org = Org::seeded(EPOCH);
        let id = account(&org, "ERP-000000");
        let Related::Parent { object, .. } = org.related("Account", &id, "owner").unwrap() else { panic!("a lookup") };
        assert_eq!(object, "User");
        let Related::Children { object, ids } = org.related("Account", &id, "Contacts").unwrap() else {
            panic!("a child relationship")
        };
        assert_eq!((object.as_str(), ids.len()), ("Contact", 260));
        assert_eq!(org.related("Account", &id, "Parent").unwrap_err().status, 404);
        assert_eq!(org.related("Account", &id, "Friends").unwrap_err().status, 404);
    }

    #[test]
    fn users_have_what_a_profile_tells() {
        let users = Org::seeded(EPOCH).users();
        assert!(users.iter().all(|user| user.id.starts_with("005") && user.username.contains('@')));
        assert!(users.iter().all(|user| user.name == format!("{} {}", user.first_name, user.last_name)));
    }
}
