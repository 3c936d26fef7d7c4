//! What becomes of the rows.

use clap::ValueEnum;
use salesforce_connector::core::error::Error;
use salesforce_connector::core::name::{FieldName, ObjectName};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::super::failure::Failure;
use super::super::super::rows::Purpose;

/// As the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// Create a record for each row
    Insert,
    /// Update the record that the Id of each row names
    Update,
    /// Update the record that has the row's value of an external Id field, or create it
    Upsert,
    /// Delete the record that the Id of each row names
    Delete,
    /// The same, past the recycle bin; the user needs the permission "Bulk API Hard Delete"
    HardDelete,
}

/// What becomes of the rows, and of which object they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Operation {
    pub(super) object: String,
    what: What,
}

/// As the component takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    Insert,
    Update,
    Upsert(String),
    Delete,
    HardDelete,
}

impl Operation {
    /// # Errors
    /// `Failure::Usage`: a name, or an external Id field that is missing or too much.
    pub(super) fn parse(object: &str, kind: Kind, external_id: Option<&str>) -> Result<Operation, Failure> {
        let usage = |error: Box<Error>| Failure::Usage(error.message);
        let object = ObjectName::parse(object).map_err(usage)?.as_str().to_owned();
        let external_id =
            external_id.map(|field| FieldName::parse_as("--external-id", field)).transpose().map_err(usage)?;
        let what = match (kind, external_id) {
            (Kind::Insert, None) => What::Insert,
            (Kind::Update, None) => What::Update,
            (Kind::Upsert, Some(field)) => What::Upsert(field.as_str().to_owned()),
            (Kind::Delete, None) => What::Delete,
            (Kind::HardDelete, None) => What::HardDelete,
            (Kind::Upsert, None) => {
                return Err(Failure::Usage("--operation upsert: expected --external-id FIELD too".to_owned()));
            }
            (_, Some(_)) => {
                return Err(Failure::Usage("--external-id: expected only with --operation upsert".to_owned()));
            }
        };
        Ok(Operation { object, what })
    }

    /// What its rows are for.
    pub(super) fn purpose(&self) -> Purpose<'_> {
        match &self.what {
            What::Insert => Purpose::Create,
            What::Update => Purpose::Update,
            What::Upsert(field) => Purpose::Upsert(field),
            What::Delete | What::HardDelete => Purpose::Delete,
        }
    }

    /// As the component takes it, JSON.
    pub(super) fn to_json(&self) -> Value {
        json!(self.what)
    }

    /// What it has done with its rows.
    pub(super) fn done(&self) -> &'static str {
        match self.what {
            What::Insert => "created",
            What::Update => "updated",
            What::Upsert(_) => "upserted",
            What::Delete | What::HardDelete => "deleted",
        }
    }
}
