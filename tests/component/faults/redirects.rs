//! Redirects are answers that the contract does not know: none is followed, so no token is sent after one.

use mock_salesforce::Fault;
use mock_salesforce::wire::Wire;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use super::{TEN_TIMES, saying};
use crate::calls::upsert;
use crate::fixture::{ACCOUNTS, Fixture, QUERY, decision, refused};

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

/// A read and a create that are sent on, and do not go.
async fn is_not_followed(location: &str) {
    for status in STATUSES {
        let fixture = Fixture::start().await;
        for path in [QUERY, ACCOUNTS] {
            fixture.fault(path, Fault::status(status, &[("location", location)]));
        }
        let error = fixture.read_error(TEN_TIMES).await;
        assert_eq!((error.kind, error.status, error.retryable), (ErrorKind::InvalidResponse, Some(status), false));
        assert!(!format!("{error:?}").contains("evil"), "{error:?}");
        let error = fixture.create_error(TEN_TIMES).await;
        assert_eq!(decision(&error), (ErrorKind::InvalidResponse, Outcome::Unknown, false));
        assert_eq!(fixture.requests(), 2, "{status}");
    }
}

#[tokio::test]
async fn f54_to_another_host() {
    let elsewhere = Wire::start([saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")]).await.unwrap();
    for location in
        [format!("http://{}/", elsewhere.address()), "https://evil.example/".to_owned(), "//evil.example/".to_owned()]
    {
        is_not_followed(&location).await;
    }
    assert_eq!(elsewhere.accepted(), 0);
}

#[tokio::test]
async fn f55_to_the_same_host() {
    for location in ["/services/data/v67.0/query?q=SELECT+Id+FROM+User", "?q=SELECT", ""] {
        is_not_followed(location).await;
    }
}

#[tokio::test]
async fn f56_several_matches_of_an_external_id() {
    let fixture = Fixture::start().await;
    let target = upsert("Legacy_Number__c", "L-0001", false);
    let error = refused(fixture.save_with("Invoice__c", &target, "{}", &crate::calls::PLAIN, TEN_TIMES).await);
    assert_eq!(decision(&error), (ErrorKind::Ambiguous, Outcome::Rejected, false));
    let urls: Vec<String> = serde_json::from_str(&error.detail.unwrap()).unwrap();
    assert_eq!((urls.len(), error.status), (2, Some(300)));
    assert_eq!((fixture.requests(), fixture.writes().len()), (1, 0));
}
