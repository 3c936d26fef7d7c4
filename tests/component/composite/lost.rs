//! A composite whose answer does not come.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::json;

use super::{COMPOSITE, TEN_TIMES, account, contact};
use crate::fixture::{Fixture, decision, refused};

#[tokio::test]
async fn f126_a_lost_answer_leaves_every_write_open_and_nothing_is_sent_again() {
    let fixture = Fixture::start().await;
    fixture.fault(COMPOSITE, Fault::ResetAfterWork);
    let input = json!({"subrequests": [account("Acme"), contact("Zoe", "Acme.id")]});
    let error = refused(fixture.act("composite", &input, TEN_TIMES).await);
    assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false));
    assert!(error.message.ends_with("; that leaves open 2 writes, of 2 parts"), "{}", error.message);
    fixture.told.unknown("Account");
    fixture.told.unknown("Contact");
    assert_eq!((fixture.writes().len(), fixture.requests()), (2, 1));

    fixture.fault(COMPOSITE, Fault::ResetAfterWork);
    let input = json!({"graphs": [{"graph_id": "g", "subrequests": [account("Acme")]}]});
    let error = refused(fixture.act("graph", &input, TEN_TIMES).await);
    assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false));
    fixture.told.unknown("Account");
    assert_eq!((fixture.writes().len(), fixture.requests()), (3, 2));
}

#[tokio::test]
async fn reads_alone_are_sent_again() {
    let fixture = Fixture::start().await;
    fixture.fault(COMPOSITE, Fault::ResetAfterWork);
    let query = json!({"query": {"soql": "SELECT COUNT() FROM User"}});
    let input = json!({"subrequests": [{"reference_id": "a", "action": query}]});
    let given = fixture.act("composite", &input, TEN_TIMES).await.unwrap();
    assert_eq!(given["results"][0]["ok"]["records"]["count"], 0);
    assert_eq!(fixture.requests(), 2);
}
