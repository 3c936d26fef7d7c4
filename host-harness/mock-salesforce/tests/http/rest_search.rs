//! Search, in its language and without.

use jiff::SignedDuration;
use mock_salesforce::MockSalesforce;
use serde_json::{Value, json};

use crate::client::{Answer, encode};
use crate::fixture::*;

async fn search(mock: &MockSalesforce, text: &str) -> Answer {
    rest(mock, "GET", &format!("search/?q={}", encode(text))).send().await
}

fn names(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let records = body["searchRecords"].as_array().unwrap_or_else(|| panic!("{body}")).clone();
    records.iter().map(|record| record["Name"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_search_finds_words_in_names() {
    let mock = mock().await;
    let found = search(&mock, "FIND {Acme} IN NAME FIELDS RETURNING Account(Id, Name)").await;
    let record = found.json()["searchRecords"][0].clone();
    let (id, version) = (record["Id"].as_str().unwrap(), "v67.0");
    let told = json!({
        "attributes": {"type": "Account", "url": format!("/services/data/{version}/sobjects/Account/{id}")},
        "Id": id,
        "Name": "Acme Corporation",
    });
    assert_eq!(found.json(), json!({"searchRecords": [told]}));
    for (text, expected) in [
        ("FIND {O\\'Brien} RETURNING Account(Name)", vec!["O'Brien & Söhne GmbH"]),
        (
            "FIND {\"Cotton Ltd\" OR acm?} IN NAME FIELDS RETURNING Account(Name ORDER BY Name DESC)",
            vec!["Acme Corporation", "100% Cotton Ltd"],
        ),
        (
            "FIND {acme OR cotton} IN NAME FIELDS RETURNING Account(Name WHERE Name LIKE '100%')",
            vec!["100% Cotton Ltd"],
        ),
        ("FIND {acme OR cotton} IN NAME FIELDS RETURNING Account(Name LIMIT 1)", vec!["Acme Corporation"]),
        ("FIND {nobody} RETURNING Account(Name)", vec![]),
        ("FIND {acme} IN EMAIL FIELDS RETURNING Account(Name), Contact(Name)", vec![]),
    ] {
        assert_eq!(names(&search(&mock, text).await), expected, "{text}");
    }
    let everywhere = search(&mock, "FIND {contact5*} IN EMAIL FIELDS LIMIT 3").await.json();
    assert_eq!(everywhere["searchRecords"].as_array().unwrap().len(), 3);
    assert_eq!(everywhere["searchRecords"][0]["attributes"]["type"], "Contact");
}

#[tokio::test]
async fn bad_searches_are_refused() {
    let mock = mock().await;
    for (text, code) in [
        ("FIND {a}", "MALFORMED_SEARCH"),
        ("FIND {ac-me}", "MALFORMED_SEARCH"),
        ("FIND {acme} and more", "MALFORMED_SEARCH"),
        ("FIND {acme} RETURNING Account(Nothing__c)", "INVALID_FIELD"),
        ("FIND {acme} RETURNING Nothing__c", "INVALID_TYPE"),
    ] {
        assert_eq!(search(&mock, text).await.error(), (400, code.to_owned()), "{text}");
    }
    assert_eq!(rest(&mock, "GET", "search").send().await.error(), (400, "MALFORMED_SEARCH".to_owned()));
}

#[tokio::test]
async fn what_salesforce_knows_of_searches_and_the_mock_does_not_is_said() {
    let mock = mock().await;
    let long = format!("FIND {{{}}}", "word OR ".repeat(500) + "word");
    for text in [
        &long,
        "FIND {Acme} WITH METADATA='LABELS'",
        "FIND {Acme} UPDATE TRACKING",
        "FIND {Acme} RETURNING Account(Id USING ListView=x)",
    ] {
        assert_eq!(search(&mock, text).await.error(), (501, "UNKNOWN_TO_THE_MOCK".to_owned()), "{text}");
    }
    let parameter = rest(&mock, "GET", "parameterizedSearch?q=Acme&Account.fields=Id").send().await;
    assert_eq!(parameter.error(), (501, "UNKNOWN_TO_THE_MOCK".to_owned()));
}

#[tokio::test]
async fn a_parameterized_search_has_no_language() {
    let mock = mock().await;
    let empty = rest(&mock, "GET", "parameterizedSearch?q=Nobody&sobject=Account").send().await.json();
    assert_eq!(empty, json!({"searchRecords": []}));
    let get = rest(&mock, "GET", "parameterizedSearch?q=acme&sobject=Account&in=NAME&fields=Id,Name").send().await;
    assert_eq!(names(&get), ["Acme Corporation"]);
    let post = async |body: Value| rest(&mock, "POST", "parameterizedSearch").json(&body).send().await;
    let quoted = post(json!({"q": "O'Brien } OR {", "fields": ["Name"], "sobjects": [{"name": "Account"}]})).await;
    assert_eq!(names(&quoted), Vec::<String>::new(), "OR is a word that must be there");
    let limited = json!({
        "q": "logistics", "fields": ["Name"], "sobjects": [{"name": "Account", "limit": 2}], "in": "NAME", "overallLimit": 5,
    });
    assert_eq!(names(&post(limited).await).len(), 2);
    assert_eq!(post(json!({"q": "acme", "spellCorrection": true})).await.error().1, "JSON_PARSER_ERROR");
    assert_eq!(rest(&mock, "GET", "parameterizedSearch?q=acme&x=1").send().await.error().1, "UNKNOWN_TO_THE_MOCK");
}

#[tokio::test]
async fn the_index_lags_if_told() {
    let mock = mock().await;
    mock.lag_search_index(SignedDuration::from_secs(30));
    let made = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "Zyzzyva"})).send().await;
    assert_eq!(made.status, 201);
    let find = async || names(&search(&mock, "FIND {zyzzyva} RETURNING Account(Name)").await);
    assert_eq!(find().await, Vec::<String>::new());
    mock.advance_clock(SignedDuration::from_secs(30));
    assert_eq!(find().await, ["Zyzzyva"]);
}

#[tokio::test]
async fn fields_are_formatted_as_a_query_does() {
    let mock = mock().await;
    let body = json!({"Name": "Formatted", "AnnualRevenue": 1234567});
    assert_eq!(rest(&mock, "POST", "sobjects/Account").json(&body).send().await.status, 201);
    let found = search(&mock, "FIND {Formatted} RETURNING Account(Name, FORMAT(AnnualRevenue) revenue)").await.json();
    assert_eq!(found["searchRecords"][0]["revenue"], "$1,234,567");
}
