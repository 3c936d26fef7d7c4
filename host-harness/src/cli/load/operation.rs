//! What is done with the rows, and the calls that do it. Each row is checked as the component will check it, so that no call is
//! refused for its arguments after others were sent.

use salesforce_actions::Call;
use salesforce_connector::core::collections::{Batch, Given};
use salesforce_connector::core::error::{Error, Result};
use salesforce_connector::core::record_id::RecordId;
use salesforce_connector::core::records::{SaveOptions, Target};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::action::actions;
use super::super::failure::Failure;
use super::super::rows::{Purpose, object};

/// What is done with each row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Operation {
    Create { object: String },
    Update { object: String },
    Upsert { object: String, external_id: String },
    Delete,
}

/// A record as it is sent.
#[derive(Debug)]
pub(super) struct Record {
    /// Of an update or a delete.
    pub(super) id: Option<RecordId>,
    /// A JSON object; an empty one for a delete.
    fields: String,
}

impl Record {
    pub(super) fn bytes(&self) -> usize {
        self.fields.len()
    }
}

impl Operation {
    /// The API name of the object whose fields the rows have.
    pub(super) fn object(&self) -> Option<&str> {
        match self {
            Operation::Create { object } | Operation::Update { object } | Operation::Upsert { object, .. } => {
                Some(object)
            }
            Operation::Delete => None,
        }
    }

    /// What it has done with its rows.
    pub(super) fn done(&self) -> &'static str {
        match self {
            Operation::Create { .. } => "created",
            Operation::Update { .. } => "updated",
            Operation::Upsert { .. } => "upserted",
            Operation::Delete => "deleted",
        }
    }

    /// What its rows are for.
    pub(super) fn purpose(&self) -> Purpose<'_> {
        match self {
            Operation::Create { .. } => Purpose::Create,
            Operation::Update { .. } => Purpose::Update,
            Operation::Upsert { external_id, .. } => Purpose::Upsert(external_id),
            Operation::Delete => Purpose::Delete,
        }
    }

    /// Whether the same rows may be sent twice.
    pub(super) fn may_be_repeated(&self) -> bool {
        !matches!(self, Operation::Create { .. })
    }

    /// Checks the names that were given for the object and its field.
    ///
    /// # Errors
    /// `Failure::Usage`
    pub(super) fn check(&self) -> Result<(), Failure> {
        let fields = match self {
            Operation::Upsert { external_id, .. } => json!({ external_id: "x" }),
            _ => json!({}),
        };
        let id = self.purpose().goes_by_id().then_some("001000000000001");
        self.batch(id, &fields.to_string()).map(|_| ()).map_err(|error| Failure::Usage(error.message))
    }

    /// The record of a row with these members, each a name and its value as JSON.
    ///
    /// # Errors
    /// What was expected.
    pub(super) fn record(&self, members: &[(&str, &str)]) -> Result<Record, String> {
        let is_id = |(name, _): &&(&str, &str)| self.purpose().goes_by_id() && name.eq_ignore_ascii_case("Id");
        let id = members.iter().find(is_id).map(|(_, value)| id_of(value)).transpose()?;
        if self.purpose().goes_by_id() && id.is_none() {
            return Err("expected the Id of the record".to_owned());
        }
        let fields = members.iter().filter(|member| !is_id(member) && *self != Operation::Delete);
        let fields = object(fields.map(|(name, value)| (*name, *value)));
        let checked = self.batch(id.as_ref().map(RecordId::as_str), &fields);
        checked.map(|_| Record { id, fields }).map_err(|error| expected(&error))
    }

    /// The component's own check.
    fn batch(&self, id: Option<&str>, fields: &str) -> Result<Batch> {
        let options = SaveOptions::parse(&Target::Create, None, None, None)?;
        match self {
            Operation::Create { object } => Batch::save(&[Given { object, id: None, fields }], false, &options),
            Operation::Update { object } => Batch::save(&[Given { object, id, fields }], false, &options),
            Operation::Upsert { object, external_id } => {
                Batch::upsert(object, external_id, &[fields.to_owned()], false, &options)
            }
            Operation::Delete => Batch::delete(&[id.unwrap_or_default().to_owned()], false),
        }
    }

    /// The call for some records.
    ///
    /// # Errors
    /// A component without such an action.
    pub(super) fn call<'a>(&self, records: impl Iterator<Item = &'a Record>) -> Result<Call, Failure> {
        let id = |record: &Record| json!(record.id.as_ref().map(RecordId::as_str)).to_string();
        let (action, input) = match self {
            Operation::Create { object: name } => {
                let name = json!(name).to_string();
                let records = records.map(|record| object([("object", &*name), ("fields", &*record.fields)]));
                ("create-records", object([("records", &*list(records))]))
            }
            Operation::Update { object: name } => {
                let name = json!(name).to_string();
                let record =
                    |record: &Record| object([("object", &*name), ("id", &*id(record)), ("fields", &*record.fields)]);
                ("update-records", object([("records", &*list(records.map(record)))]))
            }
            Operation::Upsert { object: name, external_id } => {
                let (name, field) = (json!(name).to_string(), json!(external_id).to_string());
                let records = list(records.map(|record| record.fields.clone()));
                let members = [("object", &*name), ("external_id_field", &*field), ("records", &*records)];
                ("upsert-records", object(members))
            }
            Operation::Delete => ("delete-records", object([("ids", &*list(records.map(id)))])),
        };
        Call::parse(actions(), action, &input).map_err(|error| Failure::Usage(error.to_string()))
    }
}

fn id_of(value: &str) -> Result<RecordId, String> {
    let text: String = serde_json::from_str(value).map_err(|_| "Id: expected a text".to_owned())?;
    RecordId::parse("Id", &text).map_err(|error| error.message)
}

fn list(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(","))
}

/// What is told of one record, without its place in a call that is never made.
fn expected(error: &Error) -> String {
    error.message.split_once(": ").map_or(error.message.as_str(), |(_, expected)| expected).to_owned()
}
