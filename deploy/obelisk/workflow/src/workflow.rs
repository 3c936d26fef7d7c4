//! `accounts.invoice`.

use serde_json::{Value as Json, json};

use crate::world::Workflow;
use crate::world::exports::workflow::billing::accounts::{Error, Guest, Summary};
use crate::world::obelisk::workflow::workflow_support::{join_set_close, join_set_create};
use crate::world::workflow::salesforce_activity::actions::{
    Argument, ExternalId, Parameter, Query, Target, Upsert, Value, next_page, soql_query,
};
use crate::world::workflow::salesforce_activity::types::{self, SaveOptions};
use crate::world::workflow::salesforce_activity_obelisk_ext::actions::{
    create_or_update_record_await_next, create_or_update_record_submit,
};

impl Guest for Workflow {
    fn invoice(run: String, accounts: u32) -> Result<Summary, Error> {
        let accounts = query(accounts)?;
        let upserts = join_set_create();
        for account in &accounts {
            let number = format!("{run}/{}", account.erp_id);
            let target = Target::Upsert(Upsert {
                external_id: ExternalId { field: "Invoice_Number__c".to_owned(), value: number },
                update_only: false,
            });
            let fields = json!({"Account__c": account.id, "Amount__c": 100, "Status__c": "Draft"}).to_string();
            let save = SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None };
            create_or_update_record_submit(&upserts, "Invoice__c", &target, &fields, &save);
        }
        let mut summary = Summary { accounts: accounts.len() as u32, created: 0, updated: 0, failed: Vec::new() };
        while let Ok((_, outcome)) = create_or_update_record_await_next(&upserts) {
            match outcome {
                Ok(saved) if saved.created => summary.created += 1,
                Ok(_) => summary.updated += 1,
                Err(error) => summary.failed.push(in_words(error)),
            }
        }
        join_set_close(upserts);
        Ok(summary)
    }
}

struct Account {
    id: String,
    erp_id: String,
}

/// The first `limit` accounts that the ERP knows, all pages of them.
fn query(limit: u32) -> Result<Vec<Account>, Error> {
    let failed = |error| Error::PermanentQueryFailed(in_words(error));
    let mut page = soql_query(&Query {
        soql: "SELECT Id, ERP_Id__c FROM Account WHERE ERP_Id__c != null ORDER BY ERP_Id__c LIMIT :limit".to_owned(),
        parameters: vec![Parameter { name: "limit".to_owned(), argument: Argument::One(Value::Integer(limit.into())) }],
        include_deleted: false,
        batch_size: None,
        max_records: None,
    })
    .map_err(failed)?;
    let mut accounts = Vec::new();
    loop {
        accounts.extend(read(&page.records)?);
        let Some(next) = page.next else { return Ok(accounts) };
        page = next_page(&next).map_err(failed)?;
    }
}

fn read(records: &str) -> Result<Vec<Account>, Error> {
    let records: Vec<Json> =
        serde_json::from_str(records).map_err(|error| Error::PermanentQueryFailed(error.to_string()))?;
    let text = |record: &Json, field: &str| record.get(field).and_then(Json::as_str).map(str::to_owned);
    let account = |record: &Json| Some(Account { id: text(record, "Id")?, erp_id: text(record, "ERP_Id__c")? });
    let accounts: Option<Vec<Account>> = records.iter().map(account).collect();
    accounts.ok_or_else(|| Error::PermanentQueryFailed("expected Id and ERP_Id__c in every account".to_owned()))
}

fn in_words(error: types::Error) -> String {
    match error {
        types::Error::ExecutionFailed => "the activity trapped or ran out of time, in every attempt".to_owned(),
        types::Error::Transient(failure) => format!("given up after every attempt: {}", failure.message),
        types::Error::Permanent(failure) => failure.message,
        types::Error::PermanentOutcomeUnknown(failure) => format!("outcome unknown: {}", failure.message),
    }
}
