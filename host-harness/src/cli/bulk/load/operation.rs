//! What becomes of the rows.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use salesforce_actions::bulk::{Operation as What, OperationKind, WrongExternalId};
use salesforce_connector::core::error::Error;
use salesforce_connector::core::name::{FieldName, ObjectName};
use serde::{Deserialize, Serialize};

use crate::cli::failure::Failure;
use crate::cli::rows::Purpose;

/// A kind as the command line names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind(OperationKind);

/// What becomes of the rows, and of which object they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Operation {
    pub(super) object: String,
    pub(super) what: What,
}

impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Kind] {
        &[
            Kind(OperationKind::Insert),
            Kind(OperationKind::Update),
            Kind(OperationKind::Upsert),
            Kind(OperationKind::Delete),
            Kind(OperationKind::HardDelete),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self.0 {
            OperationKind::Insert => ("insert", "Create a record for each row"),
            OperationKind::Update => ("update", "Update the record that the Id of each row names"),
            OperationKind::Upsert => {
                ("upsert", "Update the record that has the row's value of an external Id field, or create it")
            }
            OperationKind::Delete => ("delete", "Delete the record that the Id of each row names"),
            OperationKind::HardDelete => (
                "hard-delete",
                "The same, past the recycle bin; the user needs the permission \"Bulk API Hard Delete\"",
            ),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

impl Operation {
    /// # Errors
    /// `Failure::Usage`: a name, or an external Id field that is missing or too much.
    pub(super) fn parse(object: &str, kind: Kind, external_id: Option<&str>) -> Result<Operation, Failure> {
        let usage = |error: Box<Error>| Failure::Usage(error.message);
        let object = ObjectName::parse(object).map_err(usage)?.as_str().to_owned();
        let external_id =
            external_id.map(|field| FieldName::parse_as("--external-id", field)).transpose().map_err(usage)?;
        let what = What::new(kind.0, external_id.as_ref().map(FieldName::as_str)).map_err(|wrong| {
            Failure::Usage(match wrong {
                WrongExternalId::Missing => "--operation upsert: expected --external-id FIELD too".to_owned(),
                WrongExternalId::Superfluous => "--external-id: expected only with --operation upsert".to_owned(),
            })
        })?;
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
