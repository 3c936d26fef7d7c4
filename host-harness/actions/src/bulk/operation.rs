//! What becomes of the rows of a load.

use serde::{Deserialize, Serialize};

/// What is done with each row, without the field that an upsert needs beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// Creates a record of each row.
    Insert,
    /// Updates the records named in the column `Id`.
    Update,
    /// Updates the record with the row's value in an external Id field, or creates one.
    Upsert,
    /// Deletes the records named in the column `Id`, the only one.
    Delete,
    /// Deletes them for good, past the recycle bin.
    HardDelete,
}

/// What is done with each row: `ingest-operation` of the connector's WIT, and as JSON the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Creates a record.
    Insert,
    /// Updates the record of this Id.
    Update,
    /// Updates the record that has the row's value in this external Id field, or creates one.
    Upsert(String),
    /// Deletes the record of this Id.
    Delete,
    /// Deletes it for good.
    HardDelete,
}

/// An external Id field is there where none is needed, or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongExternalId {
    /// An upsert needs one.
    Missing,
    /// Only an upsert takes one.
    Superfluous,
}

impl Operation {
    /// The operation of this kind.
    ///
    /// # Errors
    /// [`WrongExternalId`]
    pub fn new(kind: OperationKind, external_id: Option<&str>) -> Result<Operation, WrongExternalId> {
        Ok(match (kind, external_id) {
            (OperationKind::Insert, None) => Operation::Insert,
            (OperationKind::Update, None) => Operation::Update,
            (OperationKind::Upsert, Some(field)) => Operation::Upsert(field.to_owned()),
            (OperationKind::Delete, None) => Operation::Delete,
            (OperationKind::HardDelete, None) => Operation::HardDelete,
            (OperationKind::Upsert, None) => return Err(WrongExternalId::Missing),
            (_, Some(_)) => return Err(WrongExternalId::Superfluous),
        })
    }
}
