//! Duplicate rules: records that are the same in some fields.
//!
//! Source: SOAP API Developer Guide, "DuplicateResult" and "MatchRecord".

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

use super::{Row, Table, WriteOptions};
use crate::ApiError;
use crate::org::schema::Object;

/// A duplicate rule: a record that has the same values as another in all these fields is refused with 400
/// `DUPLICATES_DETECTED`. Text is compared as the field compares it, in any case for most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateRule {
    /// Its own name, which `duplicateResult` tells.
    #[serde(default)]
    #[schema(read_only)]
    pub name: String,
    /// The API name of the object.
    pub object: String,
    /// The API names of the fields. A record that lacks a value in one of them is no duplicate.
    pub fields: Vec<String>,
    /// What to say.
    pub message: String,
    /// Whether `Sforce-Duplicate-Rule-Header: allowSave=true` overrides it: the rule alerts. Otherwise it blocks.
    #[serde(default)]
    pub allow_save: bool,
}

impl DuplicateRule {
    /// `seen` is the object as the user may see it: the rule looks at all fields, its answer tells no others.
    pub(in crate::org) fn check(
        &self,
        table: &Table,
        seen: &Object,
        row: &Row,
        options: &WriteOptions,
    ) -> Result<(), ApiError> {
        if self.allow_save && options.duplicate_rule.allow_save {
            return Ok(());
        }
        let Some(places) = self.fields.iter().map(|field| table.object.place(field)).collect::<Option<Vec<_>>>() else {
            return Ok(());
        };
        let is_case_sensitive = |place: usize| table.object.fields.get(place).is_some_and(|field| field.case_sensitive);
        let keys = |row: &Row| -> Vec<_> {
            places.iter().map(|&place| row.value(place).key(is_case_sensitive(place))).collect()
        };
        let wanted = keys(row);
        let lacks_a_value = places.is_empty() || places.iter().any(|place| row.value(*place).is_null());
        if lacks_a_value || table.row(row.id).is_some_and(|old| keys(old) == wanted) {
            return Ok(());
        }
        let indexed = places.iter().find_map(|place| table.find(*place, row.value(*place)));
        let candidates: Box<dyn Iterator<Item = &Row>> = match indexed {
            Some(found) => Box::new(found),
            None => Box::new(table.rows().iter()),
        };
        let is_match = |other: &&Row| other.id != row.id && !other.deleted && keys(other) == wanted;
        let matches: Vec<&Row> = candidates.filter(is_match).collect();
        if matches.is_empty() {
            return Ok(());
        }
        let mut error = ApiError::bad_request("DUPLICATES_DETECTED", self.message.clone());
        error.extra = Some(Box::new(("duplicateResult", self.result(seen, &matches, options))));
        Err(error)
    }

    fn result(&self, object: &Object, matches: &[&Row], options: &WriteOptions) -> Json {
        let record = |row: &&Row| {
            let mut record = Map::new();
            record.insert("attributes".to_owned(), crate::org::attributes(object, row.id, &options.api_version));
            let details = options.duplicate_rule.include_record_details;
            for (place, field) in object.seen_fields().filter(|(_, field)| details || field.name == "Id") {
                record.insert(field.name.to_owned(), row.json(object, place, &options.api_version));
            }
            json!({"additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0, "record": record})
        };
        json!({
            "allowSave": self.allow_save,
            "duplicateRule": self.name,
            "duplicateRuleEntityType": object.name,
            "errorMessage": self.message,
            "matchResults": [{
                "entityType": object.name,
                "errors": [],
                "matchEngine": "ExactMatchEngine",
                "matchRecords": matches.iter().map(record).collect::<Vec<_>>(),
                "rule": self.name,
                "size": matches.len(),
                "success": true,
            }],
        })
    }
}
