//! Values as people and Salesforce write them: bound, or refused where Salesforce would.

use salesforce_runtime::bindings::soql::{Argument, LikeMatch, LikePattern, Value};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use crate::calls::{query, text, with_x};
use crate::fixture::{Fixture, decision, refused};

/// What is asked of the org when `:x` of this query is bound.
async fn asked(soql: &str, value: Value) -> String {
    let fixture = Fixture::start().await;
    // The mock knows fewer types than Salesforce: what it thinks of the query does not matter here.
    let _ = fixture.query(&with_x(soql, Argument::One(value))).await;
    let ledger = fixture.mock.ledger();
    let target = &ledger.entries().next_back().unwrap().query;
    let soql = target.strip_prefix("q=").unwrap().replace('+', " ");
    percent_encoding::percent_decode_str(&soql).decode_utf8().unwrap().into_owned()
}

/// Nothing is sent, and this is why.
async fn is_refused(soql: &str, value: Value, words: &str) {
    let fixture = Fixture::start().await;
    let error = refused(fixture.query(&with_x(soql, Argument::One(value))).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{soql}");
    assert!(error.message.contains(words), "{}", error.message);
    assert_eq!(fixture.requests(), 0);
}

fn like(text: &str, match_: LikeMatch) -> Value {
    Value::LikePattern(LikePattern { text: text.to_owned(), match_ })
}

#[tokio::test]
async fn f107_a_datetime_in_every_form_that_salesforce_returns() {
    for (given, sent) in [
        ("2026-06-01T08:00:00.000+0000", "2026-06-01T08:00:00.000+00:00"),
        ("2026-06-01T08:00:00-0330", "2026-06-01T08:00:00-03:30"),
        ("2026-06-01T08:00:00.123Z", "2026-06-01T08:00:00.123Z"),
        ("2026-06-01T08:00:00+01:00", "2026-06-01T08:00:00+01:00"),
    ] {
        let soql = asked("SELECT Id FROM Account WHERE CreatedDate > :x", Value::Datetime(given.to_owned())).await;
        assert_eq!(soql, format!("SELECT Id FROM Account WHERE CreatedDate > {sent}"));
    }
    let fixture = Fixture::start().await;
    let found = fixture.rows(&query("SELECT CreatedDate FROM Account WHERE ERP_Id__c = 'ERP-000000'")).await;
    let created = Value::Datetime(found[0]["CreatedDate"].as_str().unwrap().to_owned());
    let list = Argument::Many(vec![created.clone(), created]);
    let again = with_x("SELECT Id FROM Account WHERE ERP_Id__c = 'ERP-000000' AND CreatedDate IN :x", list);
    assert_eq!(fixture.rows(&again).await.len(), 1);
    for wrong in ["0000-01-01T00:00:00Z", "2026-06-01T08:00:00", "2026-06-01T08:00:00+000"] {
        is_refused("SELECT Id FROM Account WHERE CreatedDate > :x", Value::Datetime(wrong.to_owned()), "+0100").await;
    }
    is_refused("SELECT Id FROM Account WHERE D__c > :x", Value::Date("0000-01-01".to_owned()), "2026-11-24").await;
}

#[tokio::test]
async fn f108_blanks_around_the_colon_of_a_date_function() {
    let fixture = Fixture::start().await;
    for soql in ["LAST_N_DAYS: 30", "LAST_N_DAYS :30", "LAST_N_DAYS : 30"] {
        let _ = fixture.query(&query(&format!("SELECT Id FROM Account WHERE CreatedDate > {soql}"))).await;
        assert!(fixture.mock.ledger().entries().next_back().unwrap().query.contains("LAST_N_DAYS"), "{soql}");
    }
    assert_eq!(fixture.requests(), 3);
    let soql = asked("SELECT Id FROM Account WHERE CreatedDate > LAST_N_DAYS: :x", Value::Integer(30)).await;
    assert_eq!(soql, "SELECT Id FROM Account WHERE CreatedDate > LAST_N_DAYS: 30");
}

#[tokio::test]
async fn f112_numbers_as_json_and_soql_write_them() {
    for (given, sent) in
        [(".5", ".5"), ("1e-7", "0.0000001"), ("1e3", "1000"), ("-1.5E+2", "-150"), ("-12.50", "-12.50")]
    {
        let soql = asked("SELECT Id FROM Account WHERE A__c > :x", Value::Decimal(given.to_owned())).await;
        assert_eq!(soql, format!("SELECT Id FROM Account WHERE A__c > {sent}"));
    }
    for wrong in ["1e400", "1.", "", "e3", "0x1"] {
        is_refused("SELECT Id FROM A WHERE A__c > :x", Value::Decimal(wrong.to_owned()), "a decimal number").await;
    }
}

#[tokio::test]
async fn times_and_amounts_have_their_literals() {
    for (value, sent) in [
        (Value::Time("17:30:00".to_owned()), "17:30:00.000Z"),
        (Value::Time("17:30:00.250Z".to_owned()), "17:30:00.250Z"),
        (Value::Currency("USD5000".to_owned()), "USD5000"),
        (Value::Currency("EUR12.50".to_owned()), "EUR12.50"),
    ] {
        assert!(asked("SELECT Id FROM A WHERE A__c > :x", value).await.ends_with(&format!("> {sent}")));
    }
    is_refused("SELECT Id FROM A WHERE A > :x", Value::Time("24:00:00".to_owned()), "17:30:00").await;
    is_refused("SELECT Id FROM A WHERE A > :x", Value::Currency("5000".to_owned()), "USD5000").await;
}

#[tokio::test]
async fn a_pattern_stands_after_like_and_may_have_wildcards_of_its_own() {
    for (soql, value, sent) in [
        ("A LIKE :x", like("50%", LikeMatch::Exact), r"A LIKE '50\%'"),
        ("A = :x", like("50%", LikeMatch::Exact), "A = '50%'"),
        ("A LIKE :x", like(r"50\%_%", LikeMatch::Pattern), r"A LIKE '50\%_%'"),
        ("A LIKE :x", text("50%"), "A LIKE '50%'"),
        ("A = :x", text("\u{8}\u{c}"), r"A = '\u0008\u000C'"),
    ] {
        let asked = asked(&format!("SELECT Id FROM Account WHERE {soql}"), value).await;
        assert_eq!(asked, format!("SELECT Id FROM Account WHERE {sent}"));
    }
    for matching in [LikeMatch::StartsWith, LikeMatch::EndsWith, LikeMatch::Contains, LikeMatch::Pattern] {
        is_refused("SELECT Id FROM A WHERE A = :x", like("a", matching), "directly after LIKE").await;
    }
    is_refused("SELECT Id FROM A WHERE A LIKE :x", like(r"a\b", LikeMatch::Pattern), "a backslash of a pattern").await;
}

#[tokio::test]
async fn where_salesforce_takes_a_number_only_a_number_is_bound() {
    for soql in ["C > LAST_N_DAYS::x", "A = 1 LIMIT :x", "A = 1 LIMIT 1 OFFSET :x"] {
        let soql = format!("SELECT Id FROM Account WHERE {soql}");
        for value in [Value::Integer(-5), text("5"), Value::Decimal("5".to_owned()), Value::Null] {
            is_refused(&soql, value, "an integer of 0 or more").await;
        }
        assert_eq!(asked(&soql, Value::Integer(5)).await, soql.replace(":x", "5"));
    }
}
