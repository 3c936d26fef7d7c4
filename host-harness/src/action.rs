//! The connector's actions as data: what a workflow step says, as JSON, and its run in one execution.
//!
//! ```json
//! {"action": "soql-query", "input": {"soql": "SELECT Id FROM Account WHERE Name = :n", "parameters": {"n": "Acme"}}}
//! {"action": "next-page", "input": {"cursor": "0r8..."}}
//! {"action": "get-record-field-values", "input": {"object": "Account", "id": "001...", "fields": ["Name", "Owner.Name"]}}
//! {"action": "create-or-update-record", "input": {"object": "Account", "upsert": {"field": "ERP_Id__c", "value": "42"},
//!  "fields": {"Name": "Acme"}}}
//! ```
//!
//! A member of another name is an error: a misspelt one would otherwise be lost without a word.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::bindings::records::{
    AssignmentRule, DuplicateRule, ExternalId, FieldValues, RecordKey, SaveOptions, Saved, Target, Upsert,
};
use crate::bindings::soql::{Page, Query};
use crate::bindings::types::{ApiUsage, CallOptions, Connection};
use crate::json::{FieldValuesView, NotJson, PageView, SavedView};
use crate::parameters;
use crate::runtime::{Execution, ExecutionError};

/// One call of an action, its input parsed.
#[derive(Clone, Debug)]
pub enum Action {
    /// `soql.soql-query`.
    SoqlQuery(Query),
    /// `soql.next-page`: the cursor of a page.
    NextPage(String),
    /// `records.get-record-field-values`.
    GetRecordFieldValues {
        /// API name of the object.
        object: String,
        /// Which record.
        key: RecordKey,
        /// API names of the fields.
        fields: Vec<String>,
    },
    /// `records.create-or-update-record`.
    CreateOrUpdateRecord {
        /// API name of the object.
        object: String,
        /// Where the fields go.
        target: Target,
        /// A JSON object of field values, every digit untouched.
        fields: String,
        /// Options of the save.
        save: SaveOptions,
    },
}

/// The actions' names, as the WIT has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ActionName {
    /// Run a SOQL query: its first page, or several.
    SoqlQuery,
    /// The page behind a cursor.
    NextPage,
    /// Chosen fields of one record.
    GetRecordFieldValues,
    /// Create, update or upsert one record.
    CreateOrUpdateRecord,
}

/// What an action gave.
#[derive(Debug)]
pub enum Answer {
    /// Of a query or a further page.
    Page(Page),
    /// Of a read.
    FieldValues(FieldValues),
    /// Of a save.
    Saved(Saved),
}

/// An input that is not what its action takes; says what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action}: {expected}")]
pub struct InputError {
    action: ActionName,
    expected: String,
}

impl ActionName {
    /// All of them.
    pub const ALL: [ActionName; 4] = [
        ActionName::SoqlQuery,
        ActionName::NextPage,
        ActionName::GetRecordFieldValues,
        ActionName::CreateOrUpdateRecord,
    ];

    /// The name, e.g. `soql-query`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ActionName::SoqlQuery => "soql-query",
            ActionName::NextPage => "next-page",
            ActionName::GetRecordFieldValues => "get-record-field-values",
            ActionName::CreateOrUpdateRecord => "create-or-update-record",
        }
    }

    /// The action of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<ActionName> {
        ActionName::ALL.into_iter().find(|action| action.as_str() == name)
    }

    /// Whether a call can change something at Salesforce.
    #[must_use]
    pub fn writes(self) -> bool {
        self == ActionName::CreateOrUpdateRecord
    }
}

impl fmt::Display for ActionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

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

    /// Which action it is.
    #[must_use]
    pub fn name(&self) -> ActionName {
        match self {
            Action::SoqlQuery(_) => ActionName::SoqlQuery,
            Action::NextPage(_) => ActionName::NextPage,
            Action::GetRecordFieldValues { .. } => ActionName::GetRecordFieldValues,
            Action::CreateOrUpdateRecord { .. } => ActionName::CreateOrUpdateRecord,
        }
    }

    /// Makes the call.
    ///
    /// # Errors
    /// As the methods of [`Execution`].
    pub async fn run(
        &self,
        execution: Execution,
        connection: &Connection,
        options: CallOptions,
    ) -> Result<Answer, ExecutionError> {
        match self {
            Action::SoqlQuery(query) => execution.soql_query(connection, query, options).await.map(Answer::Page),
            Action::NextPage(cursor) => execution.next_page(connection, cursor, options).await.map(Answer::Page),
            Action::GetRecordFieldValues { object, key, fields } => execution
                .get_record_field_values(connection, object, key, fields, options)
                .await
                .map(Answer::FieldValues),
            Action::CreateOrUpdateRecord { object, target, fields, save } => execution
                .create_or_update_record(connection, object, target, fields, save, options)
                .await
                .map(Answer::Saved),
        }
    }
}

impl Answer {
    /// The answer as JSON text: the WIT's record in snake case, Salesforce's own JSON untouched.
    ///
    /// # Errors
    /// [`NotJson`], which only another component than the connector can give.
    pub fn to_json(&self) -> Result<Box<RawValue>, NotJson> {
        Ok(match self {
            Answer::Page(page) => serde_json::value::to_raw_value(&PageView::new(page)?)?,
            Answer::FieldValues(values) => serde_json::value::to_raw_value(&FieldValuesView::new(values)?)?,
            Answer::Saved(saved) => serde_json::value::to_raw_value(&SavedView::new(saved))?,
        })
    }

    /// Use of the org's daily API allowance, where Salesforce told it.
    #[must_use]
    pub fn usage(&self) -> Option<ApiUsage> {
        match self {
            Answer::Page(page) => page.usage,
            Answer::FieldValues(values) => values.usage,
            Answer::Saved(saved) => saved.usage,
        }
    }

    /// How many records came, or were saved.
    #[must_use]
    pub fn records(&self) -> u32 {
        match self {
            Answer::Page(page) => page.count,
            Answer::FieldValues(_) | Answer::Saved(_) => 1,
        }
    }
}

fn read<'de, T: Deserialize<'de>>(input: &'de str) -> Result<T, String> {
    serde_json::from_str(input).map_err(|error| error.to_string())
}

/// Input of `soql-query`.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryInput {
    /// SOQL text; `:name` outside of a string literal is a placeholder.
    soql: String,
    /// Placeholders' values by name: `"text"`, `true`, `12`, `-1.50`, `null`, or an object of one type and its value,
    /// `{"date": "2026-11-24"}`; an array is a list for `IN`.
    #[serde(default)]
    #[schema(value_type = Option<std::collections::HashMap<String, serde_json::Value>>)]
    parameters: Option<Box<RawValue>>,
    /// Also deleted and archived records.
    #[serde(default)]
    include_deleted: bool,
    /// Records a page, 200 to 2,000; a wish.
    batch_size: Option<u16>,
    /// Fetch following pages in the same call, as long as all records together stay within this number.
    max_records: Option<u32>,
}

/// Input of `next-page`.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NextPageInput {
    /// `next` of the page before, or of one of its children.
    cursor: String,
}

/// A record by an external Id field.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalIdInput {
    /// API name of the field.
    field: String,
    /// Its value, as plain text.
    value: String,
}

/// Input of `get-record-field-values`: `id` or `external_id`.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GetInput {
    /// API name of the object.
    object: String,
    /// Record Id, 15 or 18 characters.
    id: Option<String>,
    /// Instead of `id`.
    external_id: Option<ExternalIdInput>,
    /// API names, 1 to 500; relationship paths are allowed.
    fields: Vec<String>,
}

/// An upsert by external Id.
#[derive(Deserialize, utoipa::ToSchema)]
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
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveInput {
    /// API name of the object.
    object: String,
    /// The Id of the record to update.
    update: Option<String>,
    /// The external Id to upsert by.
    upsert: Option<UpsertInput>,
    /// Field API names and values.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    fields: Box<RawValue>,
    /// Options of the save.
    #[serde(default)]
    options: SaveOptionsInput,
}

/// Options of a save; an empty object is Salesforce's default.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveOptionsInput {
    /// `off`, or the Id of an assignment rule.
    assignment_rule: Option<String>,
    /// What to do when a duplicate rule finds a match.
    duplicate_rule: Option<DuplicateRuleInput>,
    /// Only if unchanged since: an HTTP date. Not for create.
    if_unmodified_since: Option<String>,
}

/// What to do when a duplicate rule finds a match.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct DuplicateRuleInput {
    /// Save all the same, if the rule only alerts.
    allow_save: bool,
    /// Put the matching records' fields into the error.
    include_record_details: bool,
    /// Apply the sharing rules of the connection's user.
    run_as_current_user: bool,
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
                "off" => AssignmentRule::Off,
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
}
