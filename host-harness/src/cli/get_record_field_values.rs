//! `harness get-record-field-values`.

use clap::Args;
use salesforce_actions::Action;

use super::failure::Failure;
use super::{App, act};
use salesforce_runtime::bindings::records::{ExternalId, RecordKey};

const EXAMPLES: &str = "Examples:
  harness get-record-field-values Account 001000000000001AAA --fields Name,Owner.Name
  harness get-record-field-values Account --external-id ERP_Id__c=ERP-00042 --fields Id,Name";

/// Action: read chosen fields of one record
///
/// Prints {"values":{..},"usage":{..}}: exactly the fields asked for, an unset one as null.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GetRecordFieldValues {
    /// API name of the object, e.g. Account
    object: String,
    #[command(flatten)]
    key: Key,
    /// Fields, separated by commas; paths such as Owner.Name go up to five levels
    #[arg(long, value_name = "A,B", value_delimiter = ',', required = true)]
    fields: Vec<String>,
}

/// Which record.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Key {
    /// Record Id, 15 or 18 characters
    id: Option<String>,
    /// The record with this value of an external Id field
    #[arg(long, value_name = "FIELD=VALUE", value_parser = external_id)]
    external_id: Option<ExternalId>,
}

impl GetRecordFieldValues {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let key = match (self.key.id, self.key.external_id) {
            (_, Some(external_id)) => RecordKey::ExternalId(external_id),
            (id, None) => RecordKey::Id(id.unwrap_or_default()),
        };
        let action = Action::GetRecordFieldValues { object: self.object, key, fields: self.fields };
        act::print(app, &action, None).await
    }
}

/// Reads `FIELD=VALUE`.
///
/// # Errors
/// What was expected of it.
pub(crate) fn external_id(text: &str) -> Result<ExternalId, String> {
    match text.split_once('=') {
        Some((field, value)) if !field.is_empty() => {
            Ok(ExternalId { field: field.to_owned(), value: value.to_owned() })
        }
        _ => Err("expected FIELD=VALUE, e.g. ERP_Id__c=ERP-00042".to_owned()),
    }
}
