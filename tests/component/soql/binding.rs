//! Bound parameters: each is one value, whatever is in it, and a query without the right ones is not sent.

use proptest::prelude::*;
use salesforce_runtime::bindings::records::Target;
use salesforce_runtime::bindings::soql::{Argument, LikeMatch, LikePattern, Value};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::json;

use crate::calls::{bound, query, text, with_x};
use crate::fixture::{Fixture, decision, refused};

const ODD_NAMES: [&str; 11] = [
    "O'Brien & Söhne GmbH",
    "100% Cotton Ltd",
    "under_score Systems",
    "株式会社サンプル",
    "Quote \"Double\" Inc",
    "Back\\slash Partners",
    "Semi;colon / Slash? #1 + 1",
    "العربية للتجارة",
    "Émoji 🚀 Labs",
    "<script>alert(1)</script>",
    "null",
];

fn one(value: Value) -> Argument {
    Argument::One(value)
}

fn like(text: &str, match_: LikeMatch) -> Argument {
    one(Value::LikePattern(LikePattern { text: text.to_owned(), match_ }))
}

#[tokio::test]
async fn a_bound_text_is_that_text_whatever_is_in_it() {
    let fixture = Fixture::start().await;
    for name in ODD_NAMES {
        let by_text = with_x("SELECT Name FROM Account WHERE Name = :x", one(text(name)));
        assert_eq!(fixture.names(&by_text).await, [name]);
        let by_pattern = with_x("SELECT Name FROM Account WHERE Name LIKE :x", like(name, LikeMatch::Exact));
        assert_eq!(fixture.names(&by_pattern).await, [name]);
    }
    let all = with_x("SELECT Name FROM Account WHERE Name IN :x", Argument::Many(ODD_NAMES.map(text).to_vec()));
    assert_eq!(fixture.names(&all).await.len(), ODD_NAMES.len());
}

#[tokio::test]
async fn wildcards_match_themselves_in_a_pattern_and_anything_in_a_text() {
    let fixture = Fixture::start().await;
    let soql = "SELECT Name FROM Account WHERE Name LIKE :x";
    for (argument, names) in [
        (like("0%", LikeMatch::Contains), vec!["100% Cotton Ltd"]),
        (like("under_", LikeMatch::StartsWith), vec!["under_score Systems"]),
        (like("r_score systems", LikeMatch::EndsWith), vec!["under_score Systems"]),
        (like("k\\s", LikeMatch::Contains), vec!["Back\\slash Partners"]),
        (like("会社", LikeMatch::Contains), vec!["株式会社サンプル"]),
        (like("'Bri", LikeMatch::Contains), vec!["O'Brien & Söhne GmbH"]),
        (like("under-", LikeMatch::StartsWith), vec![]),
        (like("Acme%", LikeMatch::Exact), vec![]),
        (one(text("Acme%")), vec!["Acme Corporation"]),
        (one(text("n_ll")), vec!["null"]),
    ] {
        assert_eq!(fixture.names(&with_x(soql, argument.clone())).await, names, "{argument:?}");
    }
}

#[tokio::test]
async fn every_type_can_be_bound() {
    let fixture = Fixture::start().await;
    let acme = fixture.rows(&query("SELECT Id FROM Account WHERE ERP_Id__c = 'ERP-000000'")).await;
    let id = acme[0]["Id"].as_str().unwrap();
    let ids = [id, &id[..15]].map(|id| Value::Id(id.to_owned())).to_vec();
    for (condition, argument, count) in [
        ("Id = :x", one(Value::Id(id.to_owned())), 1),
        ("Id IN :x", Argument::Many(ids.clone()), 1),
        ("Id NOT IN :x", Argument::Many(ids), 2085),
        ("AnnualRevenue = :x", one(Value::Integer(9_007_199_254_740_993)), 1),
        ("AnnualRevenue = :x", one(Value::Integer(9_007_199_254_740_992)), 0),
        ("AnnualRevenue = :x", one(Value::Decimal("9007199254740993.00".to_owned())), 1),
        ("IsDeleted = :x", one(Value::Boolean(false)), 2086),
        ("IsDeleted = :x", one(Value::Boolean(true)), 0),
        ("ParentId != :x", one(Value::Null), 208),
        ("CreatedDate > :x", one(Value::Datetime("2000-01-01T00:00:00+01:00".to_owned())), 2086),
        ("CreatedDate < :x", one(Value::Datetime("2000-01-01T00:00:00.123Z".to_owned())), 0),
        ("CreatedDate = LAST_N_DAYS::x", one(Value::Integer(30_000)), 2086),
    ] {
        let query = with_x(&format!("SELECT COUNT() FROM Account WHERE {condition}"), argument);
        assert_eq!(fixture.count(&query).await, count, "{condition}");
    }
    let born = one(Value::Date("1985-01-01".to_owned()));
    assert!(fixture.count(&with_x("SELECT COUNT() FROM Contact WHERE Birthdate < :x", born)).await > 0);
}

#[tokio::test]
async fn values_that_are_not_of_their_type_are_not_sent() {
    let fixture = Fixture::start().await;
    for value in [
        Value::Decimal("1e400".to_owned()),
        Value::Decimal("1 OR Name != null".to_owned()),
        Value::Date("2026-02-30".to_owned()),
        Value::Date("TODAY".to_owned()),
        Value::Datetime("2026-11-24T09:30:00".to_owned()),
        Value::Datetime("2026-11-24T25:00:00Z".to_owned()),
        Value::Id("001".to_owned()),
        Value::Id("0015g00000000010AA' OR".to_owned()),
    ] {
        let query = with_x("SELECT Id FROM Account WHERE Name = :x", one(value.clone()));
        let error = refused(fixture.query(&query).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{value:?}");
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn a_placeholder_inside_a_literal_is_text() {
    let fixture = Fixture::start().await;
    for name in [":x", "it's :x"] {
        fixture.save("Account", &Target::Create, &json!({"Name": name}).to_string()).await.unwrap();
    }
    assert_eq!(fixture.names(&query("SELECT Name FROM Account WHERE Name = ':x'")).await, [":x"]);
    let soql = r"SELECT Name FROM Account WHERE Name IN (':x', 'it\'s :x', :x) ORDER BY Name";
    assert_eq!(fixture.names(&with_x(soql, one(text("null")))).await, [":x", "it's :x", "null"]);
}

#[tokio::test]
async fn parameters_and_placeholders_must_match_one_to_one() {
    let fixture = Fixture::start().await;
    let name = |name| (name, one(text("x")));
    for wrong in [
        bound("SELECT Id FROM Account WHERE Name = :name", &[]),
        bound("SELECT Id FROM Account WHERE Name = :name", &[name("Name")]),
        bound("SELECT Id FROM Account", &[name("name")]),
        bound("SELECT Id FROM Account WHERE Name = :name", &[name("name"), name("other")]),
        bound("SELECT Id FROM Account WHERE Name = :name", &[name("name"), name("name")]),
        bound("SELECT Id FROM Account WHERE Name = ':name'", &[name("name")]),
        bound("SELECT Id FROM Account WHERE Name IN :name", &[("name", Argument::Many(Vec::new()))]),
        bound("SELECT Id FROM Account WHERE Name IN (:name)", &[("name", Argument::Many(vec![text("x")]))]),
        bound("SELECT Id FROM Account WHERE Name = :1", &[name("1")]),
        query(""),
        query(" \n"),
        query("SELECT Id FROM Account WHERE Name = 'open"),
        query("SELECT Id FROM Account WHERE Name = :"),
    ] {
        let error = refused(fixture.query(&wrong).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{}", wrong.soql);
    }
    assert_eq!(fixture.requests(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Written as JSON, found by SOQL: every escape on the way there and back holds.
    #[test]
    fn any_text_that_is_saved_is_found(name in r"[\PC'\\%_]{0,30}[a-z'\\%_]") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::start().await;
            let name = name.trim();
            let saved = fixture.save("Account", &Target::Create, &json!({"Name": name}).to_string()).await.unwrap();
            let id = ("id", one(Value::Id(saved.id)));
            for (condition, argument) in [
                ("Name = :x", one(text(name))),
                ("Name LIKE :x", like(name, LikeMatch::Exact)),
                ("Name LIKE :x", like(name, LikeMatch::EndsWith)),
            ] {
                let soql = format!("SELECT Name FROM Account WHERE Id = :id AND {condition}");
                let page = fixture.query(&bound(&soql, &[id.clone(), ("x", argument)])).await.unwrap();
                assert_eq!(page.count, 1, "{condition} {name:?}");
            }
        });
    }
}
