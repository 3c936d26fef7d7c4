//! What a record must satisfy as a whole before it is kept: required fields, validation rules, duplicate rules, unique
//! values, locks. Not for single values, which is [`super::input`].
//!
//! Source: Apex Developer Guide, "Triggers and Order of Execution": validation rules, then duplicate rules, then saving.

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use super::{
    Org, WriteOptions,
    id::RecordId,
    objects,
    schema::Object,
    table::{Row, Table},
    value::Value,
};
use crate::ApiError;

/// A validation rule: what must not be true of a record, and what to say when it is.
struct ValidationRule {
    object: &'static str,
    field: &'static str,
    message: &'static str,
    violated: fn(&Object, &Row) -> bool,
}

const VALIDATION_RULES: &[ValidationRule] = &[
    ValidationRule {
        object: "Invoice__c",
        field: "Amount__c",
        message: "The amount must not be negative.",
        violated: |object, row| matches!(value(object, row, "Amount__c"), Value::Number(amount) if *amount < Decimal::ZERO),
    },
    ValidationRule {
        object: "Opportunity",
        field: "Amount",
        message: "An opportunity that was won needs an amount.",
        violated: |object, row| {
            value(object, row, "StageName").as_text() == Some(objects::WON) && value(object, row, "Amount").is_null()
        },
    },
];

const CONTACT_RULE: &str = "Contacts_With_The_Same_Email";
const CONTACT_RULE_MESSAGE: &str = "Use one of these records?";

impl Org {
    /// Everything a record must satisfy before it is kept.
    pub(super) fn check(&self, table: &Table, row: &Row, options: &WriteOptions) -> Result<(), ApiError> {
        self.check_locks(table, row)?;
        check_required(&table.object, row)?;
        if self.has_rules {
            check_validation_rules(&table.object, row)?;
            check_duplicates(table, row, options)?;
        }
        check_unique(table, row)
    }

    /// A record that another transaction holds cannot be written, nor can one that looks up to it.
    pub(super) fn check_locks(&self, table: &Table, row: &Row) -> Result<(), ApiError> {
        if self.locked.is_empty() {
            return Ok(());
        }
        let old = table.row(row.id);
        let new_lookup = |(place, value): (usize, &Value)| match value {
            Value::Id(id) if old.is_none_or(|old| old.value(place) != value) => Some(*id),
            _ => None,
        };
        let mut touched = row.values().iter().enumerate().filter_map(new_lookup).chain([row.id]);
        if touched.any(|id| self.locked.contains(&id)) {
            let message = "unable to obtain exclusive access to this record";
            return Err(ApiError::bad_request("UNABLE_TO_LOCK_ROW", message));
        }
        Ok(())
    }
}

fn value<'a>(object: &Object, row: &'a Row, name: &str) -> &'a Value {
    row.value(object.place(name).unwrap_or(usize::MAX))
}

pub(super) fn check_required(object: &Object, row: &Row) -> Result<(), ApiError> {
    let fields = object.fields.iter().enumerate();
    let empty = |(place, field): &(usize, &super::schema::Field)| field.required && row.value(*place).is_null();
    // A full name is required because a last name is: only what clients may write can be missing.
    let missing: Vec<_> =
        fields.filter(empty).map(|(_, field)| field).filter(|field| field.writable).map(|field| field.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("Required fields are missing: [{}]", missing.join(", "));
    Err(ApiError::bad_request("REQUIRED_FIELD_MISSING", message).on(&missing))
}

fn check_validation_rules(object: &Object, row: &Row) -> Result<(), ApiError> {
    let mut rules = VALIDATION_RULES.iter().filter(|rule| rule.object == object.name);
    match rules.find(|rule| (rule.violated)(object, row)) {
        Some(rule) => Err(ApiError::bad_request("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message).on(&[rule.field])),
        None => Ok(()),
    }
}

fn check_unique(table: &Table, row: &Row) -> Result<(), ApiError> {
    for (place, field) in table.object.fields.iter().enumerate().filter(|(_, field)| field.unique) {
        let holders = table.find(place, row.value(place));
        let other = holders.into_iter().flatten().find(|holder| holder.id != row.id && !holder.deleted);
        if let Some(other) = other {
            let message =
                format!("duplicate value found: {} duplicates value on record with id: {}", field.name, other.id);
            return Err(ApiError::bad_request("DUPLICATE_VALUE", message));
        }
    }
    Ok(())
}

/// The org's one duplicate rule: it alerts about contacts with the same email address, and `allowSave` overrides it.
fn check_duplicates(table: &Table, row: &Row, options: &WriteOptions) -> Result<(), ApiError> {
    if table.object.name != "Contact" || options.duplicate_rule.allow_save {
        return Ok(());
    }
    let Some(place) = table.object.place("Email") else { return Ok(()) };
    let email = row.value(place);
    let unchanged = table.row(row.id).is_some_and(|old| old.value(place) == email);
    if email.is_null() || unchanged {
        return Ok(());
    }
    let holders = table.find(place, email).into_iter().flatten();
    let matches: Vec<&Row> = holders.filter(|holder| holder.id != row.id && !holder.deleted).collect();
    if matches.is_empty() {
        return Ok(());
    }
    let mut error = ApiError::bad_request("DUPLICATES_DETECTED", CONTACT_RULE_MESSAGE);
    error.extra = Some(Box::new(("duplicateResult", duplicate_result(&table.object, &matches, options))));
    Err(error)
}

/// Source: SOAP API Developer Guide, "DuplicateResult" and "MatchRecord".
fn duplicate_result(object: &Object, matches: &[&Row], options: &WriteOptions) -> Json {
    let record = |row: &&Row| {
        let mut record = Map::new();
        record.insert("attributes".to_owned(), super::attributes(object, row.id, &options.api_version));
        let details = options.duplicate_rule.include_record_details;
        for (place, field) in object.fields.iter().enumerate().filter(|(_, field)| details || field.name == "Id") {
            record.insert(field.name.to_owned(), row.value(place).to_json());
        }
        json!({"additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0, "record": record})
    };
    json!({
        "allowSave": true,
        "duplicateRule": CONTACT_RULE,
        "duplicateRuleEntityType": object.name,
        "errorMessage": CONTACT_RULE_MESSAGE,
        "matchResults": [{
            "entityType": object.name,
            "errors": [],
            "matchEngine": "ExactMatchEngine",
            "matchRecords": matches.iter().map(record).collect::<Vec<_>>(),
            "rule": CONTACT_RULE,
            "size": matches.len(),
            "success": true,
        }],
    })
}

/// The owner that the org's case assignment rule chooses: urgent cases go to the support lead.
pub(super) fn assigned_owner(object: &Object, row: &Row, support_lead: RecordId) -> Option<RecordId> {
    let urgent = object.name == "Case" && value(object, row, "Priority").as_text() == Some("High");
    urgent.then_some(support_lead)
}

/// The values the org works out itself from the others.
pub(super) fn derive(object: &Object, values: &mut [Value], now: jiff::Timestamp) {
    let text = |values: &[Value], name: &str| {
        let value = object.place(name).and_then(|place| values.get(place));
        value.and_then(Value::as_text).unwrap_or_default().to_owned()
    };
    let set = |values: &mut [Value], name: &str, value: Value| {
        if let Some(held) = object.place(name).and_then(|place| values.get_mut(place)) {
            *held = value;
        }
    };
    match object.name {
        "Contact" | "User" | "Lead" => {
            let full = format!("{} {}", text(values, "FirstName"), text(values, "LastName"));
            set(values, "Name", Value::text(full.trim()));
        }
        "Opportunity" => {
            let stage = text(values, "StageName");
            set(values, "IsWon", Value::Boolean(stage == objects::WON));
            set(values, "IsClosed", Value::Boolean(stage == objects::WON || stage == objects::LOST));
            let forecast = match stage.as_str() {
                objects::WON => "Closed",
                objects::LOST => "Omitted",
                _ => "Pipeline",
            };
            set(values, "ForecastCategory", Value::text(forecast));
        }
        "Task" => {
            set(values, "IsClosed", Value::Boolean(text(values, "Status") == "Completed"));
            set(values, "IsHighPriority", Value::Boolean(text(values, "Priority") == "High"));
        }
        "CampaignMember" => set(values, "HasResponded", Value::Boolean(text(values, "Status") == "Responded")),
        // A person account has a last name, and its name is the person's.
        "Account" if !text(values, "LastName").is_empty() => {
            let full = format!("{} {}", text(values, "FirstName"), text(values, "LastName"));
            set(values, "Name", Value::text(full.trim()));
            set(values, "IsPersonAccount", Value::Boolean(true));
        }
        "Case" => {
            let closed = text(values, "Status") == "Closed";
            let was_closed =
                object.place("IsClosed").and_then(|place| values.get(place)) == Some(&Value::Boolean(true));
            if closed != was_closed {
                set(values, "IsClosed", Value::Boolean(closed));
                set(values, "ClosedDate", if closed { Value::DateTime(now) } else { Value::Null });
            }
        }
        _ => {}
    }
    object.compose(values);
}
