//! `accounts`.

use crate::account::{Account, read};
use crate::invoices;
use crate::loads;
use crate::world::Workflow;
use crate::world::exports::workflow::billing::accounts::{Error, Followed, Guest, Loaded, Summary};
use crate::world::obelisk::types::time::{Duration, ScheduleAt};
use crate::world::obelisk::workflow::workflow_support::sleep;
use crate::world::workflow::salesforce_activity::actions::{Query, next_page, soql_query};
use crate::world::workflow::salesforce_activity::changes::{ChangesRequest, Filter, changed_records};
use crate::world::workflow::salesforce_activity::types::{self, Argument, Parameter, Value};

/// Seconds between two polls.
const MINUTE: u64 = 60;

impl Guest for Workflow {
    fn invoice(run: String, accounts: u32, together: u32) -> Result<Summary, Error> {
        let accounts = query(accounts)?;
        let mut summary = nothing();
        invoices::upsert(&run, &accounts, together, &mut summary);
        Ok(summary)
    }

    fn follow(run: String, mut position: Option<String>, polls: u32) -> Result<Followed, Error> {
        let mut summary = nothing();
        for poll in 0..polls {
            let mut more = true;
            while more {
                let changed = changed_records("Account", &request(position)).map_err(failed)?;
                invoices::upsert(&run, &read(&changed.records)?, invoices::ALL, &mut summary);
                // What is behind it is dealt with. After a crash the engine gives the same answers up to here, and so the same
                // position.
                position = Some(changed.position);
                more = changed.more;
            }
            if poll + 1 < polls {
                pause(MINUTE);
            }
        }
        let position = position.ok_or_else(|| Error::PermanentQueryFailed("expected at least one poll".to_owned()))?;
        Ok(Followed { summary, position })
    }

    fn load(run: String, rows: u32, a_job: u32) -> Result<Loaded, Error> {
        loads::load(&run, rows, a_job.max(1))
    }
}

/// The first `limit` accounts that the ERP knows, all pages of them.
fn query(limit: u32) -> Result<Vec<Account>, Error> {
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

/// A poll for accounts that the ERP knows.
fn request(position: Option<String>) -> ChangesRequest {
    ChangesRequest {
        fields: vec!["ERP_Id__c".to_owned()],
        filter: Some(Filter { condition: "ERP_Id__c != null".to_owned(), parameters: Vec::new() }),
        include_deleted: false,
        position,
        since: None,
        overlap_seconds: None,
        max_records: Some(invoices::ALL as u16),
    }
}

/// Waits. The engine records it, so a replay does not wait again.
pub(crate) fn pause(seconds: u64) {
    // An error is a wait that somebody cancelled.
    let _ = sleep(ScheduleAt::In(Duration::Seconds(seconds)));
}

fn nothing() -> Summary {
    Summary { accounts: 0, created: 0, updated: 0, failed: Vec::new() }
}

fn failed(error: types::Error) -> Error {
    Error::PermanentQueryFailed(in_words(error))
}

pub(crate) fn in_words(error: types::Error) -> String {
    match error {
        types::Error::ExecutionFailed => "the activity trapped or ran out of time, in every attempt".to_owned(),
        types::Error::Transient(failure) => format!("given up after every attempt: {}", failure.message),
        types::Error::Permanent(failure) => failure.message,
        types::Error::PermanentOutcomeUnknown(failure) => format!("outcome unknown: {}", failure.message),
    }
}
