//! `harness create-or-update-record`.

use std::path::PathBuf;

use clap::Args;
use salesforce_actions::Action;

use super::failure::Failure;
use super::get_record_field_values::external_id;
use super::{App, act, input};
use salesforce_runtime::bindings::records::{AssignmentRule, DuplicateRule, ExternalId, SaveOptions, Target, Upsert};

const EXAMPLES: &str = r#"Examples:
  harness create-or-update-record Account --fields '{"Name":"Acme"}'
  harness create-or-update-record Account --id 001000000000001AAA --fields '{"Phone":null}'
  harness create-or-update-record Account --external-id ERP_Id__c=ERP-7 --fields-file account.json
  echo '{"Name":"Acme"}' | harness create-or-update-record Account -

A create is sent once. If its outcome is unknown the exit code is 9: look for the record
before you repeat it. A server (--server) remembers saves that have an --idempotency-key."#;

/// Action: create a record, update one by Id, or upsert one by external Id
///
/// Prints {"id":"..","created":true,"usage":{..}}, and "event_uuid" for an event that was published. The fields are JSON and
/// are passed through unchanged.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CreateOrUpdateRecord {
    /// API name of the object, e.g. Account
    object: String,
    #[command(flatten)]
    source: FieldsSource,
    /// Update the record with this Id
    #[arg(long, value_name = "ID", conflicts_with = "external_id")]
    id: Option<String>,
    /// Update the record with this value of an external Id field, or create it
    #[arg(long, value_name = "FIELD=VALUE", value_parser = external_id)]
    external_id: Option<ExternalId>,
    /// With --external-id: never create
    #[arg(long, requires = "external_id")]
    update_only: bool,
    /// Save even if a duplicate rule that only alerts finds a match
    #[arg(long)]
    allow_duplicates: bool,
    /// `off`, or the Id of an assignment rule to use instead of the active one (leads and cases)
    #[arg(long, value_name = "off|RULE_ID")]
    assignment_rule: Option<String>,
    /// Only if the record has not changed since, e.g. "Tue, 24 Nov 2026 09:30:00 GMT"; not for a create
    #[arg(long, value_name = "HTTP_DATE")]
    if_unmodified_since: Option<String>,
    /// With --server: a name for this very save; the same again gets the recorded result, and nothing is sent
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

/// Where the fields come from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct FieldsSource {
    /// `-`: read the fields from standard input
    #[arg(value_name = "-", value_parser = ["-"])]
    stdin: Option<String>,
    /// The fields, as a JSON object
    #[arg(long, value_name = "JSON")]
    fields: Option<String>,
    /// The fields, in a file
    #[arg(long, value_name = "FILE")]
    fields_file: Option<PathBuf>,
}

impl CreateOrUpdateRecord {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let fields = match (self.source.fields, self.source.fields_file) {
            (Some(fields), _) => fields,
            (None, Some(path)) => input::text(&path).await?,
            (None, None) => input::text("-".as_ref()).await?,
        };
        let target = match (self.id, self.external_id) {
            (Some(id), _) => Target::Update(id),
            (None, Some(external_id)) => Target::Upsert(Upsert { external_id, update_only: self.update_only }),
            (None, None) => Target::Create,
        };
        let save = SaveOptions {
            assignment_rule: self.assignment_rule.map(|rule| match rule.as_str() {
                "off" => AssignmentRule::Off,
                _ => AssignmentRule::Rule(rule),
            }),
            // Details of the matches are worth having in the error of a refused save; they cost nothing otherwise.
            duplicate_rule: Some(DuplicateRule {
                allow_save: self.allow_duplicates,
                include_record_details: true,
                run_as_current_user: false,
            }),
            if_unmodified_since: self.if_unmodified_since,
        };
        let action = Action::CreateOrUpdateRecord { object: self.object, target, fields, save };
        act::print(app, &action, self.idempotency_key.as_deref()).await
    }
}
