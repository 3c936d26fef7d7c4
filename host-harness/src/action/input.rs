//! Inputs of the actions as JSON, in both directions: what the server reads, and what its clients send.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::{Action, ActionName, InputError};
use crate::bindings::records::{AssignmentRule, DuplicateRule, ExternalId, RecordKey, SaveOptions, Target, Upsert};
use crate::bindings::soql::Query;
use crate::parameters;

/// As an assignment rule: none is to run.
const OFF: &str = "off";

impl Action {
    /// Reads the input of an action.
    ///
    /// # Errors
    /// [`InputError`]: where it is not what was expected.
    pub fn parse(action: ActionName, input: &str) -> Result<Action, InputError> {
        let wrong = |expected: String| InputError { action, expected };
        match action {
            ActionName::SoqlQuery => read::<QueryInput>(input).and_then(QueryInput::into_action),
            ActionName::NextPage => read(input).map(|NextPageInput { cursor }| Action::NextPage(cursor)),
            ActionName::GetRecordFieldValues => read::<GetInput>(input).and_then(GetInput::into_action),
            ActionName::CreateOrUpdateRecord => read::<SaveInput>(input).and_then(SaveInput::into_action),
        }
        .map_err(wrong)
    }

    /// The input as JSON text, from which [`Action::parse`] reads the same action again.
    ///
    /// # Errors
    /// [`InputError`]: the fields of a record are not JSON.
    pub fn input(&self) -> Result<Box<RawValue>, InputError> {
        let written = match self {
            Action::SoqlQuery(query) => to_raw_value(&QueryInput::from(query)),
            Action::NextPage(cursor) => to_raw_value(&NextPageInput { cursor: cursor.clone() }),
            Action::GetRecordFieldValues { object, key, fields } => {
                to_raw_value(&GetInput::of_action(object, key, fields))
            }
            Action::CreateOrUpdateRecord { object, target, fields, save } => RawValue::from_string(fields.clone())
                .and_then(|fields| to_raw_value(&SaveInput::of_action(object, target, fields, save))),
        };
        written.map_err(|error| InputError {
            action: self.name(),
            expected: format!("expected the fields as a JSON object: {error}"),
        })
    }
}

fn read<'de, T: Deserialize<'de>>(input: &'de str) -> Result<T, String> {
    serde_json::from_str(input).map_err(|error| error.to_string())
}

/// Input of `soql-query`.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryInput {
    /// SOQL text; `:name` outside of a string literal is a placeholder.
    soql: String,
    /// Placeholders' values by name: `"text"`, `true`, `12`, `-1.50`, `null`, or an object of one type and its value,
    /// `{"date": "2026-11-24"}`; an array is a list for `IN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::HashMap<String, serde_json::Value>>)]
    parameters: Option<Box<RawValue>>,
    /// Also deleted and archived records.
    #[serde(default)]
    include_deleted: bool,
    /// Records a page, 200 to 2,000; a wish.
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_size: Option<u16>,
    /// Fetch following pages in the same call, as long as all records together stay within this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_records: Option<u32>,
}

/// Input of `next-page`.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NextPageInput {
    /// `next` of the page before, or of one of its children.
    cursor: String,
}

/// A record by an external Id field.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalIdInput {
    /// API name of the field.
    field: String,
    /// Its value, as plain text.
    value: String,
}

/// Input of `get-record-field-values`: `id` or `external_id`.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GetInput {
    /// API name of the object.
    object: String,
    /// Record Id, 15 or 18 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Instead of `id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<ExternalIdInput>,
    /// API names, 1 to 500; relationship paths are allowed.
    fields: Vec<String>,
}

/// An upsert by external Id.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpsertInput {
    /// API name of the field.
    field: String,
    /// Its value, as plain text.
    value: String,
    /// Never create.
    #[serde(default)]
    update_only: bool,
}

/// Input of `create-or-update-record`: an update with `update`, an upsert with `upsert`, otherwise a create.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveInput {
    /// API name of the object.
    object: String,
    /// The Id of the record to update.
    #[serde(skip_serializing_if = "Option::is_none")]
    update: Option<String>,
    /// The external Id to upsert by.
    #[serde(skip_serializing_if = "Option::is_none")]
    upsert: Option<UpsertInput>,
    /// Field API names and values.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    fields: Box<RawValue>,
    /// Options of the save.
    #[serde(default)]
    options: SaveOptionsInput,
}

/// Options of a save; an empty object is Salesforce's default.
#[derive(Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveOptionsInput {
    /// `off`, or the Id of an assignment rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    assignment_rule: Option<String>,
    /// What to do when a duplicate rule finds a match.
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_rule: Option<DuplicateRuleInput>,
    /// Only if unchanged since: an HTTP date. Not for create.
    #[serde(skip_serializing_if = "Option::is_none")]
    if_unmodified_since: Option<String>,
}

/// What to do when a duplicate rule finds a match.
#[derive(Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DuplicateRuleInput {
    /// Save all the same, if the rule only alerts.
    allow_save: bool,
    /// Put the matching records' fields into the error.
    include_record_details: bool,
    /// Apply the sharing rules of the connection's user.
    run_as_current_user: bool,
}

impl From<&Query> for QueryInput {
    fn from(query: &Query) -> QueryInput {
        QueryInput {
            soql: query.soql.clone(),
            parameters: (!query.parameters.is_empty()).then(|| parameters::to_json(&query.parameters)),
            include_deleted: query.include_deleted,
            batch_size: query.batch_size,
            max_records: query.max_records,
        }
    }
}

impl QueryInput {
    fn into_action(self) -> Result<Action, String> {
        let parameters = self.parameters.map(|text| parameters::from_file(text.get())).transpose();
        let parameters = parameters.map_err(|error| format!("parameters: {error}"))?.unwrap_or_default();
        Ok(Action::SoqlQuery(Query {
            soql: self.soql,
            parameters,
            include_deleted: self.include_deleted,
            batch_size: self.batch_size,
            max_records: self.max_records,
        }))
    }
}

impl GetInput {
    fn of_action(object: &str, key: &RecordKey, fields: &[String]) -> GetInput {
        let (id, external_id) = match key {
            RecordKey::Id(id) => (Some(id.clone()), None),
            RecordKey::ExternalId(ExternalId { field, value }) => {
                (None, Some(ExternalIdInput { field: field.clone(), value: value.clone() }))
            }
        };
        GetInput { object: object.to_owned(), id, external_id, fields: fields.to_vec() }
    }

    fn into_action(self) -> Result<Action, String> {
        let key = match (self.id, self.external_id) {
            (Some(id), None) => RecordKey::Id(id),
            (None, Some(ExternalIdInput { field, value })) => RecordKey::ExternalId(ExternalId { field, value }),
            _ => return Err("expected one of `id` and `external_id`".to_owned()),
        };
        Ok(Action::GetRecordFieldValues { object: self.object, key, fields: self.fields })
    }
}

impl SaveInput {
    fn of_action(object: &str, target: &Target, fields: Box<RawValue>, save: &SaveOptions) -> SaveInput {
        let (update, upsert) = match target {
            Target::Create => (None, None),
            Target::Update(id) => (Some(id.clone()), None),
            Target::Upsert(Upsert { external_id: ExternalId { field, value }, update_only }) => {
                (None, Some(UpsertInput { field: field.clone(), value: value.clone(), update_only: *update_only }))
            }
        };
        let options = SaveOptionsInput {
            assignment_rule: save.assignment_rule.as_ref().map(|rule| match rule {
                AssignmentRule::Off => OFF.to_owned(),
                AssignmentRule::Rule(id) => id.clone(),
            }),
            duplicate_rule: save.duplicate_rule.map(|rule| DuplicateRuleInput {
                allow_save: rule.allow_save,
                include_record_details: rule.include_record_details,
                run_as_current_user: rule.run_as_current_user,
            }),
            if_unmodified_since: save.if_unmodified_since.clone(),
        };
        SaveInput { object: object.to_owned(), update, upsert, fields, options }
    }

    fn into_action(self) -> Result<Action, String> {
        let target = match (self.update, self.upsert) {
            (None, None) => Target::Create,
            (Some(id), None) => Target::Update(id),
            (None, Some(UpsertInput { field, value, update_only })) => {
                Target::Upsert(Upsert { external_id: ExternalId { field, value }, update_only })
            }
            (Some(_), Some(_)) => return Err("expected at most one of `update` and `upsert`".to_owned()),
        };
        if !self.fields.get().starts_with('{') {
            return Err("expected `fields` to be an object of field names and values".to_owned());
        }
        let SaveOptionsInput { assignment_rule, duplicate_rule, if_unmodified_since } = self.options;
        let save = SaveOptions {
            assignment_rule: assignment_rule.map(|rule| match rule.as_str() {
                OFF => AssignmentRule::Off,
                _ => AssignmentRule::Rule(rule),
            }),
            duplicate_rule: duplicate_rule.map(|rule| DuplicateRule {
                allow_save: rule.allow_save,
                include_record_details: rule.include_record_details,
                run_as_current_user: rule.run_as_current_user,
            }),
            if_unmodified_since,
        };
        Ok(Action::CreateOrUpdateRecord { object: self.object, target, fields: self.fields.get().to_owned(), save })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_reads_its_input() {
        for (action, input) in [
            (ActionName::SoqlQuery, r#"{"soql":"SELECT Id FROM Account WHERE Name = :n","parameters":{"n":"x"}}"#),
            (ActionName::NextPage, r#"{"cursor":"c"}"#),
            (ActionName::GetRecordFieldValues, r#"{"object":"Account","id":"001","fields":["Name"]}"#),
            (ActionName::CreateOrUpdateRecord, r#"{"object":"Account","fields":{"N":9007199254740993.10}}"#),
        ] {
            let parsed = Action::parse(action, input).unwrap();
            assert_eq!(parsed.name(), action);
            assert_eq!(ActionName::named(action.as_str()), Some(action));
            if let Action::CreateOrUpdateRecord { fields, .. } = parsed {
                assert_eq!(fields, r#"{"N":9007199254740993.10}"#);
            }
        }
    }

    #[test]
    fn wrong_inputs_say_what_was_expected() {
        for (action, input, words) in [
            (ActionName::SoqlQuery, "{}", "missing field `soql`"),
            (ActionName::SoqlQuery, r#"{"soql":"x","paramters":{}}"#, "unknown field `paramters`"),
            (ActionName::SoqlQuery, r#"{"soql":"x","parameters":{"a":[[1]]}}"#, "parameters: a: expected a list"),
            (ActionName::NextPage, r#"{"cursor":1}"#, "expected a string"),
            (
                ActionName::GetRecordFieldValues,
                r#"{"object":"A","fields":[]}"#,
                "expected one of `id` and `external_id`",
            ),
            (ActionName::CreateOrUpdateRecord, r#"{"object":"A","fields":[]}"#, "expected `fields` to be an object"),
            (
                ActionName::CreateOrUpdateRecord,
                r#"{"object":"A","fields":{},"update":"1","upsert":{"field":"f","value":"v"}}"#,
                "at most one of `update` and `upsert`",
            ),
        ] {
            let error = Action::parse(action, input).unwrap_err().to_string();
            assert!(error.starts_with(action.as_str()) && error.contains(words), "{error}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same_action() {
        for (action, input) in [
            (
                ActionName::SoqlQuery,
                r#"{"soql":"SELECT Id FROM Account","parameters":{"a":"x","b":-12,"c":{"decimal":"0.10"},"d":null,"e":true,
                "f":{"date":"2026-11-24"},"g":{"datetime":"2026-11-24T09:30:00Z"},"h":[{"id":"001"},"y",null],"i":[],
                "j":{"like-contains":"5%"},"k":{"like-exact":"_"},"l":{"like-starts-with":"m"},"m":{"like-ends-with":"n"},
                "n":9007199254740993,"o":0.10,"a":"bound again"},"include_deleted":true,"batch_size":200,"max_records":7}"#,
            ),
            (ActionName::SoqlQuery, r#"{"soql":"SELECT Id FROM Account"}"#),
            (ActionName::NextPage, r#"{"cursor":"c\"\n"}"#),
            (ActionName::GetRecordFieldValues, r#"{"object":"Account","id":"001","fields":["Name","Owner.Name"]}"#),
            (ActionName::GetRecordFieldValues, r#"{"object":"A","external_id":{"field":"F","value":"v"},"fields":[]}"#),
            (ActionName::CreateOrUpdateRecord, r#"{"object":"A","fields":{"N":9007199254740993.10,"N":null}}"#),
            (
                ActionName::CreateOrUpdateRecord,
                r#"{"object":"A","update":"001","fields":{},"options":{"assignment_rule":"off","duplicate_rule":
                {"allow_save":true},"if_unmodified_since":"Tue, 24 Nov 2026 09:30:00 GMT"}}"#,
            ),
            (
                ActionName::CreateOrUpdateRecord,
                r#"{"object":"A","upsert":{"field":"F","value":"","update_only":true},"fields":{},"options":
                {"assignment_rule":"01Q","duplicate_rule":{"include_record_details":true,"run_as_current_user":true}}}"#,
            ),
        ] {
            let read = Action::parse(action, input).unwrap();
            let written = read.input().unwrap();
            let again = Action::parse(action, written.get()).unwrap();
            assert_eq!(format!("{again:?}"), format!("{read:?}"), "{written}");
        }
    }

    #[test]
    fn fields_that_are_no_json_are_not_written() {
        let save = SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None };
        let (object, target, fields) = ("A".to_owned(), Target::Create, "{".to_owned());
        let error = Action::CreateOrUpdateRecord { object, target, fields, save }.input().unwrap_err();
        assert!(error.to_string().contains("expected the fields as a JSON object"), "{error}");
    }
}
