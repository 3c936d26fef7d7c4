//! Polls, with a mock whose clock stands still and whose transactions end late.

use std::collections::{HashMap, HashSet};

use mock_salesforce::Fault;
use mock_salesforce::org::WriteOptions;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Value, json};

use super::{NOON, fixture, record};
use crate::calls::{DEFAULTS, ONCE};
use crate::fixture::{Fixture, QUERY, decision, refused};

/// Changed accounts, from noon on.
fn since_noon(position: &Value, max_records: u16) -> Value {
    let request = json!({"fields": ["Name"], "since": NOON, "position": position, "max_records": max_records});
    json!({"object": "Account", "request": request})
}

async fn poll(fixture: &Fixture, position: &Value, max_records: u16) -> Value {
    fixture.act("changed-records", &since_noon(position, max_records), DEFAULTS).await.unwrap()
}

fn names(changed: &Value) -> Vec<&str> {
    let records = changed["records"].as_array().unwrap();
    assert_eq!(changed["count"], records.len());
    records.iter().map(|record| record["Name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_poll_hands_out_what_is_new_and_changed() {
    let fixture = fixture().await;
    let first = poll(&fixture, &Value::Null, 100).await;
    assert_eq!((names(&first), &first["more"]), (vec![], &json!(false)));
    fixture.pass(10);
    let one = fixture.add_late("One", 0);
    let second = poll(&fixture, &first["position"], 100).await;
    assert_eq!(names(&second), ["One"]);
    let record = &second["records"][0];
    assert_eq!((&record["Id"], &record["SystemModstamp"]), (&json!(one), &json!("2026-06-15T12:00:10.000+0000")));
    assert!(record["attributes"].is_object() && second["usage"]["used"].is_u64());
    fixture.pass(10);
    assert_eq!(names(&poll(&fixture, &second["position"], 100).await), Vec::<&str>::new());
    let change = json!({"object": "Account", "target": {"update": one}, "fields": {"Name": "Two"}});
    fixture.act("create-or-update-record", &change, DEFAULTS).await.unwrap();
    let third = poll(&fixture, &second["position"], 100).await;
    assert_eq!(names(&third), ["Two"]);
    // A position that was not stored: the same once more.
    assert_eq!(names(&poll(&fixture, &second["position"], 100).await), ["Two"]);
}

#[tokio::test]
async fn a_filter_and_deletions_are_part_of_it() {
    let fixture = fixture().await;
    let (gone, other) = (fixture.add_late("O'Gone", 0), fixture.add_late("Other", 0));
    let options = WriteOptions::new("0055g0000000000AAA", "v67.0");
    fixture.mock.org(|org| org.delete("Account", &gone, &options)).unwrap();
    let filter = json!({"condition": "Name = :a OR Name = :b", "parameters": {"a": "O'Gone", "b": "') OR (Id != '"}});
    for (include_deleted, names_of) in [(false, vec![]), (true, vec!["O'Gone"])] {
        let request = json!({"fields": ["Name"], "since": NOON, "filter": filter, "include_deleted": include_deleted});
        let input = json!({"object": "Account", "request": request});
        let changed = fixture.act("changed-records", &input, DEFAULTS).await.unwrap();
        assert_eq!(names(&changed), names_of, "{other}");
        assert!(changed["records"].as_array().unwrap().iter().all(|record| record["IsDeleted"] == true));
    }
    let broken = json!({"condition": "Name = 'x') OR (Id != null"});
    let input = json!({"object": "Account", "request": {"fields": ["Name"], "filter": broken}});
    let error = refused(fixture.act("changed-records", &input, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
}

#[tokio::test]
async fn a_burst_is_more_than_a_position_remembers_and_none_of_it_is_lost() {
    let fixture = fixture().await;
    let expected: HashSet<String> = (0..2_300).map(|number| fixture.add_late(&format!("Burst {number}"), 0)).collect();
    let mut handed = HashSet::new();
    let mut position = Value::Null;
    let mut counts = Vec::new();
    for _ in 0..8 {
        let changed = poll(&fixture, &position, 1_500).await;
        for record in changed["records"].as_array().unwrap() {
            assert!(handed.insert(record["Id"].as_str().unwrap().to_owned()), "{record} came twice");
        }
        counts.push(changed["count"].as_u64().unwrap());
        position = changed["position"].clone();
        assert!(position.as_str().unwrap().len() <= 80_100);
        if changed["more"] == false {
            fixture.pass(61);
        }
    }
    assert_eq!(handed, expected);
    // The last poll before the overlap was over, and the one that learned that it was, gave none.
    assert_eq!(counts, [1_500, 500, 0, 300, 0, 0, 0, 0]);
}

#[tokio::test]
async fn what_cannot_be_polled_is_refused() {
    let fixture = fixture().await;
    let position = poll(&fixture, &Value::Null, 5).await["position"].clone();
    let before = fixture.requests();
    for request in [
        json!({"fields": []}),
        json!({"fields": ["Name, Id"]}),
        json!({"fields": ["Name"], "position": "x"}),
        json!({"fields": ["Name"], "position": format!("{}0", position.as_str().unwrap())}),
        json!({"fields": ["Name"], "since": "yesterday"}),
        json!({"fields": ["Name"], "overlap_seconds": 3_601}),
        json!({"fields": ["Name"], "max_records": 0}),
    ] {
        let input = json!({"object": "Account", "request": request});
        let error = refused(fixture.act("changed-records", &input, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{request}");
    }
    let contacts = json!({"object": "Contact", "request": {"fields": ["Name"], "position": position}});
    let error = refused(fixture.act("changed-records", &contacts, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{}", error.message);
    assert_eq!(fixture.requests(), before);
    for (object, field) in [("Account", "Nothing__c"), ("Nothing__c", "Name")] {
        let input = json!({"object": object, "request": {"fields": [field]}});
        let error = refused(fixture.act("changed-records", &input, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidQuery, Outcome::Rejected, false), "{object}");
    }
}

#[tokio::test]
async fn f121_the_rows_of_a_poll_are_not_in_its_order() {
    let fixture = fixture().await;
    let row = |id: &str, time: &str| json!({"Id": id, "SystemModstamp": time});
    let (one, two) = (fixture.add_late("One", 0), fixture.add_late("Two", 0));
    let (late, later) = ("2026-06-15T12:00:10.000+0000", "2026-06-15T12:00:11.000+0000");
    for rows in [
        json!([row(&one, later), row(&two, late)]),
        json!([row(&one, late), row(&one, late)]),
        json!([row(&one, "2026-06-15T11:59:59.000+0000")]),
        json!([row("001", late)]),
        json!([{"Id": one}]),
        json!([{"Id": one, "SystemModstamp": null}]),
    ] {
        let total = rows.as_array().unwrap().len();
        fixture.fault(QUERY, Fault::json(200, &json!({"totalSize": total, "done": true, "records": rows})));
        let error = refused(fixture.act("changed-records", &since_noon(&Value::Null, 9), DEFAULTS).await);
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{rows}");
    }
    fixture.fault(QUERY, Fault::ResetAfterWork);
    let error = refused(fixture.act("changed-records", &since_noon(&Value::Null, 9), ONCE).await);
    assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, true));
    fixture.fault(QUERY, Fault::ResetAfterWork);
    assert_eq!(names(&poll(&fixture, &Value::Null, 9).await), ["One", "Two"]);
}

/// Always the same numbers.
struct Chance(u64);

impl Chance {
    /// Below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[tokio::test]
async fn f122_records_are_committed_late() {
    let fixture = fixture().await;
    let mut chance = Chance(7);
    // How often each account was written, and what of it was handed out.
    let (mut versions, mut handed) = (HashMap::<String, u64>::new(), HashSet::<(String, String)>::new());
    let mut position = Value::Null;
    fixture.pass(100);
    for step in 0..150 {
        let late = [0, 0, chance.below(60), 59][chance.below(4) as usize];
        for _ in 0..1 + chance.below(4) {
            if versions.is_empty() || chance.below(2) == 0 {
                versions.insert(fixture.add_late("0", late), 0);
            } else {
                // An account that nobody wrote to within the last minute, or else it would be locked.
                let id = versions.keys().min().unwrap().clone();
                let version = versions.get_mut(&id).unwrap();
                *version += 1;
                let options = WriteOptions::new("0055g0000000000AAA", "v67.0");
                let name = record(json!({"Name": version.to_string()}));
                fixture.mock.org(|org| org.update("Account", &id, &name, &options)).unwrap();
            }
        }
        if step % 2 == 0 {
            let max_records = 1 + chance.below(7) as u16;
            loop {
                let changed = poll(&fixture, &position, max_records).await;
                // A crash before the position is stored.
                if chance.below(6) == 0 {
                    continue;
                }
                for record in changed["records"].as_array().unwrap() {
                    let [id, name] = ["Id", "Name"].map(|field| record[field].as_str().unwrap().to_owned());
                    assert!(handed.insert((id, name)), "{record} came twice");
                }
                position = changed["position"].clone();
                if changed["more"] == false {
                    break;
                }
            }
            for (id, version) in &versions {
                assert!(
                    handed.contains(&(id.clone(), version.to_string())),
                    "step {step}: {id} {version} was not found"
                );
            }
        }
        fixture.pass(chance.below(25));
    }
    assert!(handed.len() > 200, "{}", handed.len());
}
