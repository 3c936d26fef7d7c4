//! What a stored connection says about itself: `user-info`, `introspect`, `revoke`.

use serde_json::json;

use crate::fixture::{CLIENT_ID, Org, USERNAME};

#[tokio::test(flavor = "multi_thread")]
async fn user_info_says_who_is_connected() {
    let org = Org::connected().await;
    let user = org.run(&["user-info"]).done();
    assert_eq!((&user["username"], &user["name"]), (&json!(USERNAME), &json!("Ada Lindqvist")));
    assert_eq!(user["organization_id"], json!(org.mock.org(|org| org.organization_id().to_owned())));
    assert_eq!(user["claims"]["preferred_username"], json!(USERNAME));
}

#[tokio::test(flavor = "multi_thread")]
async fn introspect_tells_a_good_token_from_an_expired_one() {
    let org = Org::connected().await;
    let access = org.run(&["introspect"]).done();
    assert_eq!((&access["active"], &access["client_id"]), (&json!(true), &json!(CLIENT_ID)));
    org.mock.expire_access_tokens();
    assert_eq!(org.run(&["introspect"]).done()["active"], json!(false));
    assert_eq!(org.run(&["introspect", "--of", "refresh"]).done()["active"], json!(true));
    assert_eq!(org.refreshes(), 0, "to ask is not to refresh");
}

#[tokio::test(flavor = "multi_thread")]
async fn introspecting_a_token_that_is_not_there_says_so() {
    let org = Org::connected().await;
    let mut document = org.connection();
    document.as_object_mut().unwrap().remove("refresh_token");
    org.connect(&document);
    let run = org.run(&["introspect", "--of", "refresh"]);
    assert!(run.failed(3).contains("has no refresh token"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn revoke_ends_the_tokens_and_deletes_the_file() {
    let org = Org::connected().await;
    let document = org.connection();
    let revoked = org.run(&["revoke"]).done();
    assert_eq!(revoked, json!({"revoked": true, "deleted": org.connection_file()}));
    assert!(!org.connection_file().exists());

    let again = org.run(&["revoke"]);
    assert!(again.failed(3).contains("there is no connection file"), "{again:?}");

    org.connect(&document);
    let run = org.run(&["user-info"]);
    assert!(run.failed(3).contains("Run `harness login` again"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_what_salesforce_no_longer_knows_still_logs_out() {
    let org = Org::connected().await;
    let document = org.connection();
    org.run(&["revoke"]).done();
    org.connect(&document);
    assert_eq!(org.run(&["revoke"]).done()["revoked"], json!(false));
    assert!(!org.connection_file().exists());
}
