//! Search, in its language and without.

use serde_json::json;

use super::*;

async fn find(mock: &MockSalesforce, text: &str) -> Answer {
    rest(mock, "GET", &format!("search?q={}", encode(text))).send().await
}

fn found(answer: &Answer) -> usize {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["searchRecords"].as_array().unwrap().len()
}

#[tokio::test]
async fn words_of_a_hidden_field_are_not_found() {
    let mock = mock().await;
    made(&mock, "Account", json!({"Name": "Plain", "Site": "zebrafish", "Phone": "5550101"})).await;
    let texts = [
        "FIND {zebrafish} RETURNING Account(Name)",
        "FIND {zebra*} RETURNING Account(Name)",
        "FIND {zebrafish}",
        "FIND {5550101} IN PHONE FIELDS RETURNING Account(Name)",
    ];
    let by_parameters = || rest(&mock, "GET", "parameterizedSearch?q=zebrafish&sobject=Account").send();
    let by_body = || post(&mock, "parameterizedSearch", json!({"q": "zebrafish", "sobjects": [{"name": "Account"}]}));
    for (hidden, expected) in [(false, 1), (true, 0)] {
        if hidden {
            hide(&mock, &["Account.Site", "Account.Phone"]);
        }
        for text in texts {
            assert_eq!(found(&find(&mock, text).await), expected, "{text}");
        }
        assert_eq!((found(&by_parameters().await), found(&by_body().await)), (expected, expected));
    }
    assert_eq!(found(&find(&mock, "FIND {Plain} RETURNING Account(Name)").await), 1);
}

#[tokio::test]
async fn a_hidden_field_is_not_told_nor_asked_for_whether_anything_is_found_or_not() {
    let mock = mock().await;
    hide(&mock, &["Account.Industry"]);
    for term in ["Acme", "nothingatall"] {
        for returning in ["Industry", "Name WHERE Industry = 'Energy'", "Name ORDER BY Industry"] {
            let refused = find(&mock, &format!("FIND {{{term}}} RETURNING Account({returning})")).await;
            assert_eq!(refused.error(), (400, "INVALID_FIELD".to_owned()), "{term} {returning}");
        }
        let path = format!("parameterizedSearch?q={term}&sobject=Account&fields=Id,Industry");
        assert_eq!(rest(&mock, "GET", &path).send().await.error(), (400, "INVALID_FIELD".to_owned()));
        let body = json!({"q": term, "sobjects": [{"name": "Account", "where": "Industry != null"}]});
        assert_eq!(post(&mock, "parameterizedSearch", body).await.error(), (400, "INVALID_FIELD".to_owned()));
    }
}

#[tokio::test]
async fn an_object_that_one_may_not_read_is_not_searched() {
    let mock = mock().await;
    let all = find(&mock, "FIND {Acme}").await;
    let is_account = |answer: &Answer| answer.text().contains("\"type\":\"Account\"");
    assert!(is_account(&all));
    hide_object(&mock, "Account");
    assert!(!is_account(&find(&mock, "FIND {Acme}").await));
    let refused = find(&mock, "FIND {Acme} RETURNING Account(Name)").await;
    assert_eq!(refused.error(), (400, "INVALID_TYPE".to_owned()));
    let path = "parameterizedSearch?q=Acme&sobject=Account";
    assert_eq!(rest(&mock, "GET", path).send().await.error(), (400, "INVALID_TYPE".to_owned()));
    let parents = find(&mock, "FIND {Acme} RETURNING Contact(Account.Name)").await;
    assert_eq!(parents.error(), (400, "INVALID_FIELD".to_owned()));
}
