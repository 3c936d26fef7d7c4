//! Users who may not see or do everything: no way leads around it.

mod bulk;
mod collections;
mod composite;
mod metadata;
mod queries;
mod resources;
mod search;

use mock_salesforce::MockSalesforce;
use mock_salesforce::org::{FieldPermissions, ObjectPermissions, Permissions};
use serde_json::Value;

use crate::client::{Answer, Call, call, encode};
use crate::fixture::*;

/// What the user of most tests may do with an object; everything with others.
fn permit(mock: &MockSalesforce, object: &str, given: ObjectPermissions) {
    let permissions = Permissions { objects: [(object.to_owned(), given)].into(), ..Permissions::default() };
    mock.set_permissions(&username(mock), permissions).unwrap();
}

fn hide_object(mock: &MockSalesforce, object: &str) {
    permit(mock, object, ObjectPermissions::NONE);
}

/// Fields that the user may see, if so told, and never edit.
fn restrict(mock: &MockSalesforce, fields: &[&str], readable: bool) {
    let given = |name: &&str| ((*name).to_owned(), FieldPermissions { readable, editable: false });
    let permissions = Permissions { fields: fields.iter().map(given).collect(), ..Permissions::default() };
    mock.set_permissions(&username(mock), permissions).unwrap();
}

fn hide(mock: &MockSalesforce, fields: &[&str]) {
    restrict(mock, fields, false);
}

fn read_only(mock: &MockSalesforce) {
    let permissions = Permissions { read_only: true, ..Permissions::default() };
    mock.set_permissions(&username(mock), permissions).unwrap();
}

/// A request of another user, who may do everything.
fn of_another(mock: &MockSalesforce, method: &str, path: &str) -> Call {
    let other = mock.org(|org| org.users()[1].username.clone());
    let token = mock.issue_tokens(APP, &other).unwrap().access_token.expose().to_owned();
    call(mock, method, &format!("/services/data/v67.0/{path}")).token(&token)
}

async fn soql(mock: &MockSalesforce, text: &str) -> Answer {
    rest(mock, "GET", &format!("query?q={}", encode(text))).send().await
}

async fn post(mock: &MockSalesforce, path: &str, body: Value) -> Answer {
    rest(mock, "POST", path).json(&body).send().await
}

/// The Id of a new record.
async fn made(mock: &MockSalesforce, object: &str, body: Value) -> String {
    let answer = post(mock, &format!("sobjects/{object}"), body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}
