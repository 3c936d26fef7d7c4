//! What a record must satisfy as a whole before it is kept: required fields, validation rules, duplicate rules, unique
//! values, flows that fail, locks. Not for single values, which is [`super::input`].
//!
//! Source: Apex Developer Guide, "Triggers and Order of Execution": validation rules, then duplicate rules, then saving, then flows
//! after it.

mod derive;
mod duplicates;
mod flows;
mod prices;
mod standard;
mod validation;

use super::{
    Org, WriteOptions, content,
    id::RecordId,
    objects,
    schema::{Field, Object},
    table::{Row, Table},
    value::Value,
};
use crate::ApiError;

use self::validation::Validation;
pub(super) use self::{
    derive::{derive, forget_followers},
    standard::check as check_standard,
};
pub use self::{
    duplicates::DuplicateRule,
    flows::{FailingFlow, FlowTrigger},
    validation::ValidationRule,
};

/// The most rules of one kind, or flows.
const MOST: usize = 500;

/// The rules of an org, and its flows that fail: in the order they were made, names unlike one another.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    validation: Vec<Validation>,
    duplicates: Vec<DuplicateRule>,
    flows: Vec<FailingFlow>,
}

/// The validation rules that an org has at the start.
fn validation_rules_at_start() -> [ValidationRule; 2] {
    let rule = |name: &str, object: &str, condition: String, message: &str, field: &str| ValidationRule {
        name: name.to_owned(),
        object: object.to_owned(),
        condition,
        message: message.to_owned(),
        field: Some(field.to_owned()),
    };
    let negative = "Amount__c < 0".to_owned();
    let won = format!("StageName = '{}' AND Amount = null", objects::WON);
    [
        rule("Amount_Is_Not_Negative", "Invoice__c", negative, "The amount must not be negative.", "Amount__c"),
        rule("Won_Needs_Amount", "Opportunity", won, "An opportunity that was won needs an amount.", "Amount"),
    ]
}

/// The duplicate rule that an org has at the start.
fn duplicate_rule_at_start() -> DuplicateRule {
    DuplicateRule {
        name: "Contacts_With_The_Same_Email".to_owned(),
        object: "Contact".to_owned(),
        fields: vec!["Email".to_owned()],
        message: "Use one of these records?".to_owned(),
        allow_save: true,
    }
}

impl Org {
    /// Everything a record must satisfy before it is kept.
    pub(super) fn check(&self, table: &Table, row: &Row, options: &WriteOptions) -> Result<(), ApiError> {
        self.check_locks(table, row)?;
        check_required(&table.object, row)?;
        content::check(table, row)?;
        check_standard(table, row)?;
        let is_of = |object: &str| table.object.name.eq_ignore_ascii_case(object);
        for validation in self.rules.validation.iter().filter(|validation| is_of(&validation.rule.object)) {
            validation.check(self, row)?;
        }
        for rule in self.rules.duplicates.iter().filter(|rule| is_of(&rule.object)) {
            rule.check(table, self.seen_by(&options.acting_user, table), row, options)?;
        }
        check_unique(table, row)?;
        let is_new = table.row(row.id).is_none();
        self.rules.flows.iter().filter(|flow| is_of(&flow.object)).try_for_each(|flow| flow.check(is_new))
    }

    /// Makes the rules of the start, as far as this org has their objects and fields.
    pub(super) fn set_rules_at_start(&mut self) {
        for rule in validation_rules_at_start() {
            let _ = self.set_validation_rule(rule);
        }
        let _ = self.set_duplicate_rule(duplicate_rule_at_start());
    }

    /// Makes the rules again as far as the org still has what they name.
    pub(super) fn set_rules_again(&mut self) {
        let Rules { validation, duplicates, flows } = std::mem::take(&mut self.rules);
        for Validation { rule, .. } in validation {
            let _ = self.set_validation_rule(rule);
        }
        for rule in duplicates {
            let _ = self.set_duplicate_rule(rule);
        }
        for flow in flows {
            let _ = self.set_failing_flow(flow);
        }
    }

    /// Makes a validation rule, or puts it in the place of the one of this name.
    ///
    /// # Errors
    /// When the org has no such object or field, or the condition is not right: what a query with it would be answered.
    pub fn set_validation_rule(&mut self, rule: ValidationRule) -> Result<(), ApiError> {
        self.check_fields(&rule.object, rule.field.iter())?;
        let validation = Validation::parse(rule)?;
        validation.resolve(self)?;
        set(&mut self.rules.validation, validation, |validation| &validation.rule.name)
    }

    /// All validation rules.
    pub fn validation_rules(&self) -> impl Iterator<Item = &ValidationRule> {
        self.rules.validation.iter().map(|validation| &validation.rule)
    }

    /// Deletes a validation rule. False if there is none of this name.
    pub fn delete_validation_rule(&mut self, name: &str) -> bool {
        delete(&mut self.rules.validation, |validation| validation.rule.name == name)
    }

    /// Makes a duplicate rule, or puts it in the place of the one of this name.
    ///
    /// # Errors
    /// When the org has no such object or field, or the rule names no field.
    pub fn set_duplicate_rule(&mut self, rule: DuplicateRule) -> Result<(), ApiError> {
        if rule.fields.is_empty() {
            return Err(ApiError::bad_request("INVALID_FIELD", "a duplicate rule names at least one field"));
        }
        self.check_fields(&rule.object, rule.fields.iter())?;
        set(&mut self.rules.duplicates, rule, |rule| &rule.name)
    }

    /// All duplicate rules.
    pub fn duplicate_rules(&self) -> impl Iterator<Item = &DuplicateRule> {
        self.rules.duplicates.iter()
    }

    /// Deletes a duplicate rule. False if there is none of this name.
    pub fn delete_duplicate_rule(&mut self, name: &str) -> bool {
        delete(&mut self.rules.duplicates, |rule| rule.name == name)
    }

    /// Makes a flow that fails, or puts it in the place of the one of this name.
    ///
    /// # Errors
    /// When the org has no such object.
    pub fn set_failing_flow(&mut self, flow: FailingFlow) -> Result<(), ApiError> {
        self.check_fields(&flow.object, std::iter::empty())?;
        set(&mut self.rules.flows, flow, |flow| &flow.name)
    }

    /// All flows that fail.
    pub fn failing_flows(&self) -> impl Iterator<Item = &FailingFlow> {
        self.rules.flows.iter()
    }

    /// Deletes a flow that fails. False if there is none of this name.
    pub fn delete_failing_flow(&mut self, name: &str) -> bool {
        delete(&mut self.rules.flows, |flow| flow.name == name)
    }

    /// Whether the object has this field, or none is named.
    pub(crate) fn is_field(&self, object: &str, field: Option<&str>) -> bool {
        field.is_none_or(|field| self.object(object).is_ok_and(|object| object.field(field).is_some()))
    }

    fn check_fields<'a>(&self, object: &str, fields: impl Iterator<Item = &'a String>) -> Result<(), ApiError> {
        let object = self
            .object(object)
            .map_err(|_| ApiError::bad_request("INVALID_TYPE", format!("sObject type '{object}' is not supported.")))?;
        for name in fields {
            object.field(name).ok_or_else(|| {
                let message = format!("No such column '{name}' on sobject of type {}", object.name);
                ApiError::bad_request("INVALID_FIELD", message)
            })?;
        }
        Ok(())
    }

    /// A record that another transaction holds cannot be written, nor can one that looks up to it.
    pub(super) fn check_locks(&self, table: &Table, row: &Row) -> Result<(), ApiError> {
        if self.locked.is_empty() {
            return Ok(());
        }
        let old = table.row(row.id);
        let new_lookup = |(place, value): (usize, Value)| match value {
            Value::Id(id) if old.is_none_or(|old| *old.value(place) != value) => Some(id),
            _ => None,
        };
        let mut touched = row.values().into_iter().enumerate().filter_map(new_lookup).chain([row.id]);
        if touched.any(|id| self.locked.contains(&id)) {
            let message = "unable to obtain exclusive access to this record";
            return Err(ApiError::bad_request("UNABLE_TO_LOCK_ROW", message).on(&[]));
        }
        Ok(())
    }
}

/// Puts one in the place of its namesake, or at the end.
fn set<T>(all: &mut Vec<T>, new: T, name: fn(&T) -> &String) -> Result<(), ApiError> {
    let is_full = all.len() >= MOST;
    match all.iter_mut().find(|held| name(held) == name(&new)) {
        Some(held) => *held = new,
        None if !is_full => all.push(new),
        None => return Err(ApiError::bad_request("LIMIT_EXCEEDED", format!("the org holds at most {MOST} of them"))),
    }
    Ok(())
}

fn delete<T>(all: &mut Vec<T>, is_meant: impl Fn(&T) -> bool) -> bool {
    let before = all.len();
    all.retain(|held| !is_meant(held));
    all.len() < before
}

pub(super) fn value<'a>(object: &Object, row: &'a Row, name: &str) -> &'a Value {
    row.value(object.place(name).unwrap_or(usize::MAX))
}

pub(super) fn check_required(object: &Object, row: &Row) -> Result<(), ApiError> {
    let fields = object.fields.iter().enumerate();
    // Text of blanks alone is none.
    let is_empty = |value: &Value| value.is_null() || value.as_text().is_some_and(|text| text.trim().is_empty());
    let empty = |(place, field): &(usize, &Field)| field.required && is_empty(row.value(*place));
    // A full name is required because a last name is: only what clients may write can be missing.
    let missing: Vec<_> =
        fields.filter(empty).map(|(_, field)| field).filter(|field| field.writable).map(|field| field.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("Required fields are missing: [{}]", missing.join(", "));
    Err(ApiError::bad_request("REQUIRED_FIELD_MISSING", message).on(&missing))
}

pub(super) fn check_unique(table: &Table, row: &Row) -> Result<(), ApiError> {
    for (place, field) in table.object.fields.iter().enumerate().filter(|(_, field)| field.unique) {
        let holders = table.find(place, row.value(place));
        let other = holders.into_iter().flatten().find(|holder| holder.id != row.id && !holder.deleted);
        if let Some(other) = other {
            let message =
                format!("duplicate value found: {} duplicates value on record with id: {}", field.name, other.id);
            return Err(ApiError::bad_request("DUPLICATE_VALUE", message).on(&[]));
        }
    }
    Ok(())
}

/// The owner that the org's case assignment rule chooses: urgent cases go to the support lead.
pub(super) fn assigned_owner(object: &Object, row: &Row, support_lead: RecordId) -> Option<RecordId> {
    let urgent = object.name == "Case" && value(object, row, "Priority").as_text() == Some("High");
    urgent.then_some(support_lead)
}
