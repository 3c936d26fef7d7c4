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
//!
//! Depends on the runtime alone, for its types.

mod answer;
pub mod bounded;
pub mod display;
mod input;
pub mod json;
mod limits;
pub mod parameters;
pub mod table;
mod walk;

pub use answer::within;

use std::fmt;

use serde::{Deserialize, Serialize};

use salesforce_runtime::bindings::records::{FieldValues, RecordKey, SaveOptions, Saved, Target};
use salesforce_runtime::bindings::soql::{Page, Query};
use salesforce_runtime::bindings::types::{ApiUsage, CallOptions, Connection};
use salesforce_runtime::{Execution, ExecutionError};

pub use input::{
    DuplicateRuleInput, ExternalIdInput, GetInput, NextPageInput, QueryInput, SaveInput, SaveOptionsInput, UpsertInput,
};
pub use limits::{Attempts, BatchSize, DeadlineMs, MaxRecords, ResponseBytes};
pub use walk::Walk;

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
    /// Use of the org's daily API allowance, where Salesforce told it.
    #[must_use]
    pub fn usage(&self) -> Option<ApiUsage> {
        match self {
            Answer::Page(page) => page.usage,
            Answer::FieldValues(values) => values.usage,
            Answer::Saved(saved) => saved.usage,
        }
    }

    /// How many bytes of JSON it makes, about.
    #[must_use]
    pub fn json_bytes(&self) -> usize {
        match self {
            Answer::Page(page) => {
                page.records.len() + page.children.iter().map(|child| child.next.len()).sum::<usize>()
            }
            Answer::FieldValues(values) => values.values.len(),
            Answer::Saved(_) => 0,
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
