//! Actions called by their names, as runtimes do that know their types from the WIT alone.

use salesforce_actions::json::PageView;
use salesforce_actions::schema::Schemas;
use salesforce_actions::{Actions, Effect, of_component};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use salesforce_runtime::component::CONNECTOR;
use serde_json::{Value, json};

use crate::calls::{DEFAULTS, query};
use crate::fixture::{Fixture, decision, refused};

/// All that is made of actions, in an order of its own.
fn described(actions: &Actions) -> Value {
    let schemas = Schemas::of(actions);
    let actions: Vec<_> =
        actions.iter().map(|action| (&action.interface, &action.name, &action.docs, action.effect)).collect();
    let named: Vec<_> = schemas.named().collect();
    json!([actions, named, schemas.inputs().collect::<Vec<_>>(), schemas.results().collect::<Vec<_>>()])
}

#[test]
fn the_components_binary_says_the_same_as_the_wit() {
    let read = of_component(CONNECTOR).unwrap();
    assert!(read.iter().all(|action| action.docs.is_empty()), "a binary has documentation now: `documented` can go");
    assert_eq!(described(&read.documented()), described(Actions::of_connector()));
}

#[tokio::test]
async fn a_call_by_name_gives_what_a_typed_one_gives() {
    let fixture = Fixture::start().await;
    let soql = "SELECT Id, Name, (SELECT Id FROM Contacts) FROM Account ORDER BY Name LIMIT 2";
    let mut typed = fixture.query(&query(soql)).await.unwrap();
    let named = fixture.act("soql-query", &json!({"query": {"soql": soql}}), DEFAULTS).await.unwrap();
    // Each call is counted.
    typed.usage =
        typed.usage.map(|usage| salesforce_runtime::bindings::types::ApiUsage { used: usage.used + 1, ..usage });
    assert_eq!(named, serde_json::to_value(PageView::new(&typed).unwrap_or_else(|_| unreachable!())).unwrap());

    let plans = fixture.act("explain", &json!({"query": {"soql": "SELECT Id FROM Account"}}), DEFAULTS).await.unwrap();
    assert!(plans[0]["relativeCost"].is_number(), "{plans}");
    let user = fixture.act("user-info", &json!({}), DEFAULTS).await.unwrap();
    assert_eq!(user["user_id"].as_str().unwrap().len(), 18);
    assert!(user["claims"].is_object(), "{user}");
    for action in Actions::of_connector().iter().filter(|action| action.effect == Effect::Reads) {
        assert_ne!(action.name, "create-or-update-record");
    }
}

#[tokio::test]
async fn an_error_of_a_call_by_name_is_the_components() {
    let fixture = Fixture::start().await;
    let input = json!({"query": {"soql": "SELECT Nothing__c FROM Account"}});
    let error = refused(fixture.act("soql-query", &input, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidQuery, Outcome::Rejected, false));
    assert_eq!((error.status, error.problems[0].code.as_str()), (Some(400), "INVALID_FIELD"));
    let input = json!({"query": {"soql": "SELECT Id FROM Account", "batch_size": 100}});
    let error = refused(fixture.act("soql-query", &input, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
}
