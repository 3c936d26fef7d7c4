//! Inputs of the actions as JSON, in both directions: what the server reads, and what its clients send. Every field has a
//! bound in its type; what a name, an Id or a query may look like is left to the connector.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::{Action, ActionName, BatchSize, InputError, MaxRecords};
use crate::bounded::{FieldValues, List, OutOfBounds, Parameters, Text, Whole};
use crate::json::wrong;
use salesforce_runtime::bindings::records::{
    AssignmentRule, DuplicateRule, ExternalId, RecordKey, SaveOptions, Target, Upsert,
};
use salesforce_runtime::bindings::soql::Query;

/// As an assignment rule: none is to run.
const OFF: &str = "off";

/// Salesforce's limit on the text of a query.
type Soql = Text<1, 100_000>;
/// API name of an object or a field.
type ApiName = Text<1, 255>;
/// Names of fields through at most five relationships: `Owner.Manager.Name`.
type FieldPath = Text<1, 1_535>;
/// Fields of a read.
type FieldPaths = List<FieldPath, 1, 500>;
/// Of a record or a rule.
type Id = Text<1, 18>;

impl Action {
    /// Reads the input of an action.
    ///
    /// # Errors
    /// [`InputError`]: where it is not what was expected.
    pub fn parse(action: ActionName, input: &str) -> Result<Action, InputError> {
        let wrong = |expected: String| InputError { action, expected };
        match action {
            ActionName::SoqlQuery => read::<QueryInput>(input).and_then(QueryInput::into_action),
            ActionName::NextPage => read(input).map(|NextPageInput { cursor }| Action::NextPage(cursor.into())),
            ActionName::GetRecordFieldValues => read::<GetInput>(input).and_then(GetInput::into_action),
            ActionName::CreateOrUpdateRecord => read::<SaveInput>(input).and_then(SaveInput::into_action),
        }
        .map_err(wrong)
    }

    /// The input as JSON text, from which [`Action::parse`] reads the same action again.
    ///
    /// # Errors
    /// [`InputError`]: a field is larger than an input may have it, or the fields of a record are not JSON.
    pub fn input(&self) -> Result<Box<RawValue>, InputError> {
        let written = match self {
            Action::SoqlQuery(query) => QueryInput::try_from(query).map(|input| to_raw_value(&input)),
            Action::NextPage(cursor) => {
                Text::try_from(cursor.clone()).map(|cursor| to_raw_value(&NextPageInput { cursor }))
            }
            Action::GetRecordFieldValues { object, key, fields } => {
                GetInput::of_action(object, key, fields).map(|input| to_raw_value(&input))
            }
            Action::CreateOrUpdateRecord { object, target, fields, save } => {
                match RawValue::from_string(fields.clone()) {
                    Ok(fields) => SaveInput::of_action(object, target, fields, save).map(|input| to_raw_value(&input)),
                    Err(error) => Ok(Err(error)),
                }
            }
        };
        let wrong = |expected: String| InputError { action: self.name(), expected };
        let written = written.map_err(|error| wrong(error.to_string()))?;
        written.map_err(|error| wrong(format!("expected the fields as a JSON object: {error}")))
    }
}

fn read<'de, T: Deserialize<'de>>(input: &'de str) -> Result<T, String> {
    wrong::read(input.as_bytes())
}

/// A text within its bounds.
fn text<const MIN: usize, const MAX: usize>(text: &str) -> Result<Text<MIN, MAX>, OutOfBounds> {
    text.to_owned().try_into()
}

/// Input of `soql-query`.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryInput {
    /// SOQL text; `:name` outside of a string literal is a placeholder.
    #[schema(inline)]
    soql: Soql,
    /// Placeholders' values by name: `"text"`, `true`, `12`, `-1.50`, `null`, or an object of one type and its value,
    /// `{"date": "2026-11-24"}`; an array is a list for `IN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    parameters: Option<Parameters>,
    /// Also deleted and archived records.
    #[serde(default)]
    include_deleted: bool,
    /// Records a page, 200 to 2,000; a wish.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    batch_size: Option<BatchSize>,
    /// Fetch following pages in the same call, as long as all records together stay within this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    max_records: Option<MaxRecords>,
}

/// Input of `next-page`.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NextPageInput {
    /// `next` of the page before, or of one of its children.
    #[schema(inline)]
    cursor: Text<1, 512>,
}

/// A record by an external Id field.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalIdInput {
    /// API name of the field.
    #[schema(inline)]
    field: ApiName,
    /// Its value, as plain text.
    #[schema(inline)]
    value: Text<1, 255>,
}

/// Input of `get-record-field-values`: `id` or `external_id`.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GetInput {
    /// API name of the object.
    #[schema(inline)]
    object: ApiName,
    /// Record Id, 15 or 18 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    id: Option<Id>,
    /// Instead of `id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<ExternalIdInput>,
    /// API names, 1 to 500; relationship paths are allowed.
    #[schema(inline)]
    fields: FieldPaths,
}

/// An upsert by external Id.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpsertInput {
    /// API name of the field.
    #[schema(inline)]
    field: ApiName,
    /// Its value, as plain text.
    #[schema(inline)]
    value: Text<1, 255>,
    /// Never create.
    #[serde(default)]
    update_only: bool,
}

/// Input of `create-or-update-record`: an update with `update`, an upsert with `upsert`, otherwise a create.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveInput {
    /// API name of the object.
    #[schema(inline)]
    object: ApiName,
    /// The Id of the record to update.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    update: Option<Id>,
    /// The external Id to upsert by.
    #[serde(skip_serializing_if = "Option::is_none")]
    upsert: Option<UpsertInput>,
    /// Field API names and values.
    #[schema(inline)]
    fields: FieldValues,
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
    #[schema(inline)]
    assignment_rule: Option<Id>,
    /// What to do when a duplicate rule finds a match.
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_rule: Option<DuplicateRuleInput>,
    /// Only if unchanged since: an HTTP date. Not for create.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    if_unmodified_since: Option<Text<1, 64>>,
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

impl TryFrom<&Query> for QueryInput {
    type Error = OutOfBounds;

    fn try_from(query: &Query) -> Result<QueryInput, OutOfBounds> {
        Ok(QueryInput {
            soql: text(&query.soql)?,
            parameters: (!query.parameters.is_empty()).then(|| Parameters::from(query.parameters.as_slice())),
            include_deleted: query.include_deleted,
            batch_size: query.batch_size.map(Whole::of).transpose()?,
            max_records: query.max_records.map(Whole::of).transpose()?,
        })
    }
}

impl QueryInput {
    fn into_action(self) -> Result<Action, String> {
        let parameters = self.parameters.map(|parameters| parameters.read()).transpose();
        let parameters = parameters.map_err(|error| format!("parameters: {error}"))?.unwrap_or_default();
        Ok(Action::SoqlQuery(Query {
            soql: self.soql.into(),
            parameters,
            include_deleted: self.include_deleted,
            batch_size: self.batch_size.map(Whole::get),
            max_records: self.max_records.map(Whole::get),
        }))
    }
}

impl GetInput {
    fn of_action(object: &str, key: &RecordKey, fields: &[String]) -> Result<GetInput, OutOfBounds> {
        let (id, external_id) = match key {
            RecordKey::Id(id) => (Some(text(id)?), None),
            RecordKey::ExternalId(ExternalId { field, value }) => {
                (None, Some(ExternalIdInput { field: text(field)?, value: text(value)? }))
            }
        };
        let fields: Vec<_> = fields.iter().map(|field| text(field)).collect::<Result<_, _>>()?;
        Ok(GetInput { object: text(object)?, id, external_id, fields: fields.try_into()? })
    }

    fn into_action(self) -> Result<Action, String> {
        let key = match (self.id, self.external_id) {
            (Some(id), None) => RecordKey::Id(id.into()),
            (None, Some(ExternalIdInput { field, value })) => {
                RecordKey::ExternalId(ExternalId { field: field.into(), value: value.into() })
            }
            _ => return Err("expected one of `id` and `external_id`".to_owned()),
        };
        let fields = self.fields.into_iter().map(String::from).collect();
        Ok(Action::GetRecordFieldValues { object: self.object.into(), key, fields })
    }
}

impl SaveInput {
    fn of_action(
        object: &str,
        target: &Target,
        fields: Box<RawValue>,
        save: &SaveOptions,
    ) -> Result<SaveInput, OutOfBounds> {
        let (update, upsert) = match target {
            Target::Create => (None, None),
            Target::Update(id) => (Some(text(id)?), None),
            Target::Upsert(Upsert { external_id: ExternalId { field, value }, update_only }) => {
                (None, Some(UpsertInput { field: text(field)?, value: text(value)?, update_only: *update_only }))
            }
        };
        let assignment_rule = save.assignment_rule.as_ref().map(|rule| match rule {
            AssignmentRule::Off => text(OFF),
            AssignmentRule::Rule(id) => text(id),
        });
        let options = SaveOptionsInput {
            assignment_rule: assignment_rule.transpose()?,
            duplicate_rule: save.duplicate_rule.map(|rule| DuplicateRuleInput {
                allow_save: rule.allow_save,
                include_record_details: rule.include_record_details,
                run_as_current_user: rule.run_as_current_user,
            }),
            if_unmodified_since: save.if_unmodified_since.as_deref().map(text).transpose()?,
        };
        Ok(SaveInput { object: text(object)?, update, upsert, fields: fields.try_into()?, options })
    }

    fn into_action(self) -> Result<Action, String> {
        let target = match (self.update, self.upsert) {
            (None, None) => Target::Create,
            (Some(id), None) => Target::Update(id.into()),
            (None, Some(UpsertInput { field, value, update_only })) => {
                let external_id = ExternalId { field: field.into(), value: value.into() };
                Target::Upsert(Upsert { external_id, update_only })
            }
            (Some(_), Some(_)) => return Err("expected at most one of `update` and `upsert`".to_owned()),
        };
        let SaveOptionsInput { assignment_rule, duplicate_rule, if_unmodified_since } = self.options;
        let save = SaveOptions {
            assignment_rule: assignment_rule.map(|rule| match rule.as_str() {
                OFF => AssignmentRule::Off,
                _ => AssignmentRule::Rule(rule.into()),
            }),
            duplicate_rule: duplicate_rule.map(|rule| DuplicateRule {
                allow_save: rule.allow_save,
                include_record_details: rule.include_record_details,
                run_as_current_user: rule.run_as_current_user,
            }),
            if_unmodified_since: if_unmodified_since.map(String::from),
        };
        let fields = self.fields.get().to_owned();
        Ok(Action::CreateOrUpdateRecord { object: self.object.into(), target, fields, save })
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
            (ActionName::SoqlQuery, r#"{"soql":"x","paramters":{}}"#, "unknown field, expected one of `soql`"),
            (ActionName::SoqlQuery, r#"{"soql":"x","parameters":{"a":[[1]]}}"#, "parameters: a: expected a list"),
            (ActionName::NextPage, r#"{"cursor":1}"#, "cursor: invalid type: integer, expected a text"),
            (
                ActionName::GetRecordFieldValues,
                r#"{"object":"A","id":"1","fields":[]}"#,
                "fields: expected a list of 1 to 500",
            ),
            (
                ActionName::GetRecordFieldValues,
                r#"{"object":"A","fields":["F"]}"#,
                "expected one of `id` and `external_id`",
            ),
            (ActionName::CreateOrUpdateRecord, r#"{"object":"A","fields":[]}"#, "fields: expected an object"),
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
            (
                ActionName::GetRecordFieldValues,
                r#"{"object":"A","external_id":{"field":"F","value":"v"},"fields":["N"]}"#,
            ),
            (ActionName::CreateOrUpdateRecord, r#"{"object":"A","fields":{"N":9007199254740993.10,"N":null}}"#),
            (
                ActionName::CreateOrUpdateRecord,
                r#"{"object":"A","update":"001","fields":{},"options":{"assignment_rule":"off","duplicate_rule":
                {"allow_save":true},"if_unmodified_since":"Tue, 24 Nov 2026 09:30:00 GMT"}}"#,
            ),
            (
                ActionName::CreateOrUpdateRecord,
                r#"{"object":"A","upsert":{"field":"F","value":"v","update_only":true},"fields":{},"options":
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
