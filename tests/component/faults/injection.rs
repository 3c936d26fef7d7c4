//! Arguments and answers that would lead a token elsewhere, or a request to mean something else.

use std::collections::HashMap;

use mock_salesforce::{Fault, MockSalesforce};
use salesforce_runtime::RuntimeOptions;
use salesforce_runtime::bindings::records::{RecordKey, Target};
use salesforce_runtime::bindings::soql::{Argument, LikeMatch, LikePattern, Value};
use salesforce_runtime::bindings::types::{Connection, ErrorKind, Outcome};
use salesforce_runtime::egress::EgressPolicy;
use serde_json::json;

use crate::calls::{DEFAULTS, ONCE, by, query, text, upsert, with_x};
use crate::fixture::{Fixture, QUERY, TOKEN, app, decision, refused};

/// A query with this connection is refused, and nothing is sent.
async fn is_not_sent(fixture: &Fixture, connection: &Connection) {
    let error = refused(fixture.execution().soql_query(connection, &query("SELECT Id FROM User"), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{}", connection.instance_url);
    assert_eq!(fixture.requests(), 0);
}

async fn instance_urls_are_not_sent_to(instance_urls: &[&str]) {
    let fixture = Fixture::start().await;
    for instance_url in instance_urls {
        is_not_sent(&fixture, &Connection { instance_url: (*instance_url).to_owned(), ..fixture.connection.clone() })
            .await;
    }
}

#[tokio::test]
async fn f72_an_instance_url_that_is_more_or_less_than_an_https_origin() {
    instance_urls_are_not_sent_to(&[
        "http://x.my.salesforce.com",
        "https://user@x.my.salesforce.com",
        "https://x.my.salesforce.com@evil.example",
        "https://x.my.salesforce.com:8443",
        "https://x.my.salesforce.com/path",
        "https://x.my.salesforce.com?x",
        "https://x.my.salesforce.com#x",
        "https://x.my.salesforce.com\\@evil.example",
        "https://192.0.2.1",
        "https://[2001:db8::1]",
        "https://2130706433",
        "https://0x7f.1",
        "ftp://x.my.salesforce.com",
        "x",
        "",
    ])
    .await;
}

#[tokio::test]
async fn f73_a_host_that_only_looks_like_salesforces() {
    instance_urls_are_not_sent_to(&[
        "https://salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "https://salesforce.com.",
        "https://x.my.salesforce.com.evil.example",
        "https://x.my-salesforce.com",
        "https://x.my.salesforce.co",
        "https://ѕalesforce.com",
        "https://example.com",
    ])
    .await;
}

#[tokio::test]
async fn f74_another_orgs_genuine_host_in_an_answer() {
    // A page that goes on there is not followed.
    let elsewhere = "https://other.my.salesforce.com/services/data/v67.0/query/01g-2000";
    let answer = json!({"totalSize": 9, "done": false, "nextRecordsUrl": elsewhere, "records": [{}]});
    let fixture = Fixture::meeting(QUERY, Fault::json(200, &answer)).await;
    assert_eq!(fixture.read_error(ONCE).await.kind, ErrorKind::InvalidResponse);
    // And if a component went there nevertheless, its execution may reach this connection's origins only.
    let connection =
        Connection { instance_url: "https://other.my.salesforce.com".to_owned(), ..fixture.connection.clone() };
    let error = refused(fixture.execution().soql_query(&connection, &query("SELECT Id FROM User"), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::DeniedByHost, Outcome::NotSent, false));
    assert_eq!(fixture.requests(), 1);
}

#[tokio::test]
async fn f75_a_refresh_that_moves_the_instance() {
    let answer = |instance_url: &str| {
        Fault::json(
            200,
            &json!({"access_token": "00D!SENTINEL-ACCESS", "token_type": "Bearer", "instance_url": instance_url}),
        )
    };
    let moved = "https://moved--sb.sandbox.my.salesforce.com";
    let fixture = Fixture::meeting(TOKEN, answer(moved)).await;
    assert_eq!(fixture.refresh(&fixture.refresh_token).await.unwrap().instance_url, moved);
    for wrong in [
        "https://salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "http://x.my.salesforce.com",
        "https://user@x.my.salesforce.com",
        "https://x.my.salesforce.com/path",
        "https://x.my.salesforce.com:8443",
        "https://192.0.2.1",
        "",
    ] {
        let fixture = Fixture::meeting(TOKEN, answer(wrong)).await;
        let error = refused(fixture.refresh(&fixture.refresh_token).await);
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{wrong}");
        assert!(!format!("{error:?}").contains("evil"));
    }
}

#[tokio::test]
async fn f76_names_and_ids_that_would_lead_elsewhere() {
    let fixture = Fixture::start().await;
    let acme = || by("ERP_Id__c", "ERP-000000");
    let odd = ["a/../b", "a%2Fb", "%2e%2e", "a?b", "a#b", "a;b", "a b", "a\0b", "ä", "..", ".", "a\\b", ""];
    for name in odd {
        let is_refused = |error: salesforce_runtime::bindings::types::Error| {
            assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{name:?}");
        };
        is_refused(refused(fixture.values(name, &acme(), &["Name"]).await));
        is_refused(refused(fixture.values("Account", &acme(), &[name]).await));
        is_refused(refused(fixture.values("Account", &by(name, "1"), &["Name"]).await));
        is_refused(refused(fixture.values("Account", &RecordKey::Id(name.to_owned()), &["Name"]).await));
        is_refused(refused(fixture.save(name, &Target::Create, "{}").await));
        is_refused(refused(fixture.save("Account", &Target::Update(name.to_owned()), "{}").await));
        is_refused(refused(fixture.save("Account", &upsert(name, "1", false), "{}").await));
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn f77_an_external_id_value_is_encoded_exactly_once() {
    let fixture = Fixture::start().await;
    for value in ["a/b?c=d&e#f", "100%", "%2F", "a+b c", "...", ". .", "株式会社 🚀", "O'Brien \"x\"", "a;b,c\\d"]
    {
        let target = upsert("Invoice_Number__c", value, false);
        let saved = fixture.save("Invoice__c", &target, r#"{"Amount__c":1}"#).await.unwrap();
        let found = fixture.values("Invoice__c", &by("Invoice_Number__c", value), &["Id", "Invoice_Number__c"]).await;
        let expected = format!(r#"{{"Id":"{}","Invoice_Number__c":{}}}"#, saved.id, json!(value));
        assert_eq!(found.unwrap().values, expected);
    }
    // These stay steps of a path in any encoding.
    let before = fixture.requests();
    for step in [".", ".."] {
        let error = refused(fixture.save("Invoice__c", &upsert("Invoice_Number__c", step, false), "{}").await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
    }
    assert_eq!(fixture.requests(), before);
}

#[tokio::test]
async fn f78_a_parameter_is_one_value_whatever_is_in_it() {
    let fixture = Fixture::start().await;
    let name = |name: &str| json!({ "Name": name }).to_string();
    for odd in ["it's", "back\\slash", "two\nlines", "tab\there", "\"quoted\"", "100%", "under_score", "\\'", "'--"] {
        let saved = fixture.save("Account", &Target::Create, &name(odd)).await.unwrap();
        let exact = Value::LikePattern(LikePattern { text: odd.to_owned(), match_: LikeMatch::Exact });
        for (soql, argument) in [
            ("SELECT Id FROM Account WHERE Name = :x", Argument::One(text(odd))),
            ("SELECT Id FROM Account WHERE Name IN :x", Argument::Many(vec![text(odd)])),
            ("SELECT Id FROM Account WHERE Name LIKE :x", Argument::One(exact)),
        ] {
            let rows = fixture.rows(&with_x(soql, argument)).await;
            assert!(rows.iter().any(|row| row["Id"] == saved.id), "{soql} {odd:?}");
        }
    }
    for attack in ["x' OR Name != '", "x\\' OR Name != '", "x\\", "' LIMIT 1 --", "x') OR (Name != '", ":x"] {
        let contains = LikePattern { text: attack.to_owned(), match_: LikeMatch::Contains };
        for (soql, argument) in [
            ("SELECT COUNT() FROM Account WHERE Name = :x", Argument::One(text(attack))),
            ("SELECT COUNT() FROM Account WHERE Name IN :x", Argument::Many(vec![text(attack)])),
            ("SELECT COUNT() FROM Account WHERE Name LIKE :x", Argument::One(Value::LikePattern(contains))),
        ] {
            assert_eq!(fixture.count(&with_x(soql, argument)).await, 0, "{attack}");
        }
    }
}

#[tokio::test]
async fn f79_line_ends_in_what_becomes_a_header_or_a_path() {
    let fixture = Fixture::start().await;
    let token = |token: &str| Connection { access_token: token.to_owned(), ..fixture.connection.clone() };
    let version = |version: &str| Connection { api_version: Some(version.to_owned()), ..fixture.connection.clone() };
    for connection in [
        token(""),
        token("SENTINEL\r\nx: y"),
        token("SENTINEL\nx"),
        token("SENTINEL x"),
        token("SENTINELü"),
        version("v67.0\r\nx: y"),
        version("v67.0/../.."),
        version("67.0"),
        version("v45.0"),
        version(""),
    ] {
        is_not_sent(&fixture, &connection).await;
    }
    let error = refused(fixture.refresh("SENTINEL\r\nx: y").await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
    let rule = salesforce_runtime::bindings::records::AssignmentRule::Rule("TRUE\r\nx: y".to_owned());
    let save =
        salesforce_runtime::bindings::records::SaveOptions { assignment_rule: Some(rule), ..crate::calls::PLAIN };
    let error = refused(fixture.save_with("Case", &Target::Create, "{}", &save, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn f80_a_name_of_salesforces_that_resolves_to_a_private_address() {
    for address in ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "fe80::1", "::ffff:10.0.0.1"] {
        let origin = "https://f80.my.salesforce.com";
        let hosts = HashMap::from([("f80.my.salesforce.com".to_owned(), vec![address.parse().unwrap()])]);
        let options = RuntimeOptions { hosts, ..RuntimeOptions::default() };
        let fixture = Fixture::within(MockSalesforce::builder(), app(), options).await;
        let connection = Connection { instance_url: origin.to_owned(), ..fixture.connection.clone() };
        let execution = fixture.execution_with(EgressPolicy::origins([origin.parse().unwrap()]));
        let error = refused(execution.soql_query(&connection, &query("SELECT Id FROM User"), DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::DeniedByHost, Outcome::NotSent, false), "{address}");
    }
}
