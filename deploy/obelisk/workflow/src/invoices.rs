//! An invoice for each account: several in one request, an outcome for each.

use serde_json::json;

use crate::account::Account;
use crate::workflow::{in_words, pause};
use crate::world::exports::workflow::billing::accounts::Summary;
use crate::world::obelisk::workflow::workflow_support::{join_set_close, join_set_create};
use crate::world::workflow::salesforce_activity::types::{Error, SaveRules};
use crate::world::workflow::salesforce_activity_obelisk_ext::collections::{
    upsert_records_await_next, upsert_records_submit,
};

/// The most records that Salesforce takes in one call.
pub(crate) const ALL: u32 = 200;
/// How often a record is sent whose error is transient. A call that fails as a whole is repeated by the engine.
const ATTEMPTS: usize = 3;

/// An account, and why it has no invoice yet.
type Due<'a> = (&'a Account, String);

/// Upserts so many together, and adds to a summary what becomes of each.
pub(crate) fn upsert(run: &str, accounts: &[Account], together: u32, summary: &mut Summary) {
    summary.accounts += accounts.len() as u32;
    let mut due: Vec<Due<'_>> = accounts.iter().map(|account| (account, String::new())).collect();
    for attempt in 0..ATTEMPTS {
        if due.is_empty() {
            break;
        }
        if attempt > 0 {
            pause(1);
        }
        due = once(run, due, together.clamp(1, ALL) as usize, summary);
    }
    summary.failed.extend(due.into_iter().map(|(account, why)| format!("{}: {why}", account.erp_id)));
}

/// Sends all that are due, and gives back those that may fare better later.
fn once<'a>(run: &str, due: Vec<Due<'a>>, together: usize, summary: &mut Summary) -> Vec<Due<'a>> {
    let calls = join_set_create();
    let mut waiting = Vec::new();
    for part in due.chunks(together) {
        let record = |(account, _): &Due<'_>| {
            let number = format!("{run}/{}", account.erp_id);
            json!({"Invoice_Number__c": number, "Account__c": account.id, "Amount__c": 100, "Status__c": "Draft"})
                .to_string()
        };
        let records: Vec<_> = part.iter().map(record).collect();
        let rules = SaveRules { assignment_rule: None, duplicate_rule: None };
        let call = upsert_records_submit(&calls, "Invoice__c", "Invoice_Number__c", &records, false, &rules);
        waiting.push((call.id, part));
    }
    let mut again = Vec::new();
    while let Ok((call, outcome)) = upsert_records_await_next(&calls) {
        let part = waiting.iter().find(|(id, _)| *id == call.id).map_or(&[][..], |(_, part)| part);
        let results = match outcome {
            Ok(results) => results,
            // Not again: the engine has, as often as it is told to.
            Err(error) => {
                let why = in_words(error);
                summary.failed.extend(part.iter().map(|(account, _)| format!("{}: {why}", account.erp_id)));
                continue;
            }
        };
        for ((account, _), result) in part.iter().zip(results) {
            match result {
                Ok(saved) if saved.created == Some(true) => summary.created += 1,
                Ok(_) => summary.updated += 1,
                Err(error @ Error::Transient(_)) => again.push((*account, in_words(error))),
                Err(error) => summary.failed.push(format!("{}: {}", account.erp_id, in_words(error))),
            }
        }
    }
    join_set_close(calls);
    again
}
