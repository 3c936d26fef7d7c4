//! Lookups told by a key of the record that they lead to: `"Account": {"ERP_Id__c": "7"}` in JSON, `Account.ERP_Id__c` over a column
//! of CSV. Where a lookup leads to several objects, `attributes` or a prefix says to which: `Lead:Who.Email`.
//!
//! Source: REST API Developer Guide, "Insert or Update (Upsert) a Record Using an External ID"; Bulk API 2.0 Developer Guide,
//! "Relationship Fields in a Header Row". The error of a missing `attributes` is that of a recorded answer.

use serde_json::{Value as Json, json};

use super::{
    Org,
    id::RecordId,
    input::wrong_kind,
    schema::{Lookup, Object},
    value::Value,
};
use crate::ApiError;

/// The column of a lookup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForeignKey<'a> {
    /// The object that it leads to.
    pub(crate) object: &'static str,
    pub(crate) relationship: &'static str,
    pub(crate) field: &'a str,
}

impl<'a> ForeignKey<'a> {
    /// What a header means; none if the object has no such relationship, or if it must say to which object this one leads.
    pub(crate) fn of_column(object: &Object, header: &'a str) -> Option<Self> {
        let (path, field) = header.split_once('.')?;
        let (to, relationship) = path.split_once(':').map_or((None, path), |(to, name)| (Some(to), name));
        let (_, _, lookup) = object.lookup(relationship)?;
        let object = match to {
            Some(to) => lookup.targets().find(|target| target.eq_ignore_ascii_case(to))?,
            None if lookup.is_polymorphic() => return None,
            None => lookup.to,
        };
        Some(Self { object, relationship: lookup.relationship, field })
    }

    /// The value of the relationship in a record's JSON.
    pub(crate) fn json(&self, key: Json) -> Json {
        if key.is_null() { Json::Null } else { json!({"attributes": {"type": self.object}, self.field: key}) }
    }
}

impl Org {
    /// The Id that a lookup holds.
    pub(super) fn parse_foreign_key(&self, lookup: &Lookup, json: &Json) -> Result<Value, ApiError> {
        let Json::Object(members) = json else {
            return if json.is_null() { Ok(Value::Null) } else { Err(wrong_kind(lookup.to, json)) };
        };
        let attributes = members.get("attributes");
        let object = match attributes.and_then(|attributes| attributes.get("type")).and_then(Json::as_str) {
            None if lookup.is_polymorphic() => {
                let message =
                    "Nested object for polymorphic foreign key must have an attributes field before any other fields.";
                return Err(ApiError::bad_request("JSON_PARSER_ERROR", message));
            }
            None => lookup.to,
            Some(named) => lookup.targets().find(|to| to.eq_ignore_ascii_case(named)).ok_or_else(|| {
                let message = format!("{} leads to no record of type {named}", lookup.relationship);
                ApiError::bad_request("INVALID_FIELD", message)
            })?,
        };
        let mut keys = members.iter().filter(|(name, _)| *name != "attributes");
        let (Some((name, value)), None) = (keys.next(), keys.next()) else {
            let message = format!(
                "{} must hold exactly one external ID field of {object}, to say which record it means",
                lookup.relationship
            );
            return Err(ApiError::bad_request("INVALID_FIELD", message));
        };
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let found = self.rows_by_external_id(object, name, &text)?;
        match found.as_slice() {
            [id] => Ok(RecordId::parse(id).map_or(Value::Null, Value::Id)),
            [] => {
                let message = format!("Foreign key external ID: {text} not found for field {name} in entity {object}");
                Err(ApiError::bad_request("INVALID_FIELD", message))
            }
            _ => {
                let message = format!("More than one record found for external id field: {found:?}");
                Err(ApiError::bad_request("DUPLICATE_EXTERNAL_ID", message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::EPOCH;

    #[test]
    fn a_header_says_which_of_several_objects() {
        let org = Org::seeded(EPOCH);
        let task = org.object("Task").unwrap();
        let key = |header| ForeignKey::of_column(task, header).map(|key| (key.object, key.relationship, key.field));
        assert_eq!(key("lead:who.Email"), Some(("Lead", "Who", "Email")));
        assert_eq!(key("CreatedBy.Username"), Some(("User", "CreatedBy", "Username")));
        assert_eq!(key("User:CreatedBy.Username"), Some(("User", "CreatedBy", "Username")));
        for wrong in ["Who.Email", "Account:Who.Email", "Friend.Email", "Subject"] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
    }
}
