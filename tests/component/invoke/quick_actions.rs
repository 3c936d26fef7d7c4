//! Quick actions of the mock's org.

use mock_salesforce::{Fault, QuickAction};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Value, json};

use super::TEN_TIMES;
use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, decision, refused};

async fn start() -> (Fixture, String) {
    let fixture = Fixture::start().await;
    let add = |name: &str, creates: &str, parent_field: Option<&str>| {
        let (name, creates) = (name.to_owned(), creates.to_owned());
        let parent_field = parent_field.map(str::to_owned);
        let values = json!({"Description": "quick"}).as_object().unwrap().clone();
        fixture.mock.add_quick_action(QuickAction { name, creates, parent_field, values });
    };
    add("Account.NewContact", "Contact", Some("AccountId"));
    add("NewAccount", "Account", None);
    let account = fixture.new_account().await;
    (fixture, account)
}

fn new_contact(account: &str, fields: &Value) -> Value {
    json!({"object": "Account", "name": "NewContact", "context_id": account, "fields": fields})
}

#[tokio::test]
async fn a_quick_action_creates_its_record_with_the_fields_given() {
    let (fixture, account) = start().await;
    let input = new_contact(&account, &json!({"LastName": "Quick"}));
    let given = fixture.act("quick-action", &input, DEFAULTS).await.unwrap()["answer"].clone();
    assert_eq!(
        (&given["success"], &given["created"], &given["contextId"]),
        (&json!(true), &json!(true), &json!(account))
    );
    let id = given["ids"][0].as_str().unwrap();
    fixture.told.created("Contact", id);
    let contact = fixture.mock.org(|org| org.row("Contact", id, Some(&["AccountId", "Description"]), "v67.0").unwrap());
    assert_eq!((&contact["AccountId"], &contact["Description"]), (&json!(account), &json!("quick")));

    let global = json!({"name": "NewAccount", "fields": {"Name": "Quick"}});
    let given = fixture.act("quick-action", &global, DEFAULTS).await.unwrap()["answer"].clone();
    let id = given["ids"][0].as_str().unwrap();
    fixture.told.created("Account", id);
    assert!(id.starts_with("001"), "{given}");
}

#[tokio::test]
async fn a_quick_action_that_is_refused_or_lost_is_told_as_that_and_not_repeated() {
    let (fixture, account) = start().await;
    let error = refused(fixture.act("quick-action", &new_contact(&account, &json!({})), TEN_TIMES).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidRecord, Outcome::Rejected, false));
    assert_eq!(
        (error.problems[0].code.as_str(), &*error.problems[0].fields),
        ("REQUIRED_FIELD_MISSING", &["LastName".to_owned()][..])
    );
    let input = json!({"object": "Account", "name": "NewContact", "fields": {"LastName": "Quick"}});
    let error = refused(fixture.act("quick-action", &input, DEFAULTS).await);
    assert_eq!((error.outcome, error.problems[0].code.as_str()), (Outcome::Rejected, "INVALID_INPUT"));
    assert_eq!(fixture.mock.ledger().creates("Contact"), 0);

    fixture.fault("/services/data/v67.0/sobjects/Account/quickActions/NewContact", Fault::ResetAfterWork);
    let input = new_contact(&account, &json!({"LastName": "Quick"}));
    let error = refused(fixture.act("quick-action", &input, TEN_TIMES).await);
    fixture.told.unknown("Contact");
    assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false));
    assert_eq!(fixture.mock.ledger().creates("Contact"), 1);
}
