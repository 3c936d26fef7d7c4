//! The books of one tenant: what its org did, against what its callers were told.

use std::collections::HashMap;

use mock_salesforce::Ledger;
use mock_salesforce::ledger::WriteKind;

use crate::calls::{Told, Write};
use crate::tenant::Tenant;

/// Descriptions of all that does not add up.
pub(crate) fn broken_promises(tenant: &Tenant, ledger: &Ledger, writes: &[Write]) -> Vec<String> {
    let mut broken = Vec::new();
    if ledger.forgotten() > 0 {
        broken.push(format!("the ledger has forgotten {} requests: the round was too long", ledger.forgotten()));
    }
    if tenant.mock.refresh_tokens_that_came_back() > 0 {
        broken.push("a refresh token that had been replaced was sent again".to_owned());
    }
    for entry in ledger.entries() {
        let authorization = entry.headers.iter().find(|(name, _)| name == "authorization");
        if let Some((_, value)) = authorization
            && value.starts_with("Bearer")
            && !tenant.owns(value)
        {
            broken.push(format!("{} {}: the token is not this tenant's", entry.method, entry.path));
        }
    }

    // How often each record was made, and how often its create was sent beyond a session that had expired.
    let mut made: HashMap<&str, u32> = HashMap::new();
    let mut sent: HashMap<&str, u32> = HashMap::new();
    for entry in ledger.entries() {
        let Some(name) = name_of(&entry.path, entry.body.as_deref()) else { continue };
        if entry.method == "POST" && entry.status != Some(401) {
            *sent.entry(name).or_default() += 1;
        }
        let creates = entry.writes.iter().filter(|write| write.kind == WriteKind::Create).count();
        *made.entry(name).or_default() += creates as u32;
    }
    for write in writes {
        let times = made.remove(write.name.as_str()).unwrap_or_default();
        let holds = match write.told {
            Told::Created => times == 1,
            Told::Nothing => times == 0,
            Told::Unknown => times <= 1,
        };
        if !holds {
            broken.push(format!("{}: made {times} times, which is not what its caller was told", write.name));
        }
        if sent.get(write.name.as_str()).is_some_and(|times| *times > 1) {
            broken.push(format!("{}: its create was sent again", write.name));
        }
    }
    let untold = made.iter().filter(|(_, times)| **times > 0);
    broken.extend(untold.map(|(name, times)| format!("{name}: made {times} times, and no caller was told anything")));
    broken
}

/// The name by which a call marked its record: in the body of a create, at the end of the path of an upsert.
fn name_of<'a>(path: &'a str, body: Option<&'a str>) -> Option<&'a str> {
    let in_body = body.and_then(|body| body.strip_prefix(r#"{"Name":""#)?.strip_suffix(r#""}"#));
    let in_path = path.split_once("/Invoice_Number__c/").map(|(_, value)| value);
    in_body.or(in_path).filter(|name| name.starts_with("soak-"))
}
