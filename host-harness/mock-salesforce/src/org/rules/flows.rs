//! Record-triggered flows that fail, and the write with them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ApiError;

/// A flow that fails whenever it runs: the write is refused with 400 `CANNOT_EXECUTE_FLOW_TRIGGER`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailingFlow {
    /// Its label, which the message tells.
    #[serde(default)]
    #[schema(read_only)]
    pub name: String,
    /// The API name of the object.
    pub object: String,
    /// Which writes start it.
    pub on: FlowTrigger,
    /// What went wrong in it.
    pub message: String,
}

/// Which writes start a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FlowTrigger {
    /// A record is created.
    Create,
    /// A record is updated.
    Update,
    /// Either of them.
    CreateOrUpdate,
}

impl FailingFlow {
    pub(in crate::org) fn check(&self, is_new: bool) -> Result<(), ApiError> {
        let starts = match self.on {
            FlowTrigger::Create => is_new,
            FlowTrigger::Update => !is_new,
            FlowTrigger::CreateOrUpdate => true,
        };
        if !starts {
            return Ok(());
        }
        let message = format!(
            "We can't save this record because the \u{201c}{}\u{201d} process failed. Give your Salesforce admin these \
             details. {}",
            self.name, self.message
        );
        Err(ApiError::bad_request("CANNOT_EXECUTE_FLOW_TRIGGER", message))
    }
}
