//! When a read is sent again, and when not.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};

use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, QUERY, decision};

#[tokio::test]
async fn a_read_is_repeated_until_it_works() {
    for (first, second) in [
        (Fault::Reset, Fault::status(503, &[("retry-after", "0")])),
        (Fault::Close, Fault::status(429, &[("retry-after", "0")])),
        (Fault::ResetAfterWork, Fault::status(500, &[])),
    ] {
        let fixture = Fixture::meeting(QUERY, first).await;
        fixture.fault(QUERY, second);
        assert!(fixture.read(DEFAULTS).await.is_ok());
        assert_eq!(fixture.requests(), 3);
    }
}

#[tokio::test]
async fn attempts_bound_how_often() {
    for (attempts, requests) in [(None, 3), (Some(1), 1), (Some(2), 2), (Some(4), 4)] {
        let fixture = Fixture::start().await;
        for _ in 0..10 {
            fixture.fault(QUERY, Fault::Reset);
        }
        let error = fixture.read_error(CallOptions { attempts, ..DEFAULTS }).await;
        assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, true));
        assert_eq!(fixture.requests(), requests, "{attempts:?}");
    }
}

#[tokio::test]
async fn what_cannot_fare_better_is_not_repeated() {
    for status in [200, 307, 400, 401, 403, 404, 414] {
        let fixture = Fixture::meeting(QUERY, Fault::status(status, &[])).await;
        fixture.read_error(DEFAULTS).await;
        assert_eq!(fixture.requests(), 1, "{status}");
    }
    let fixture = Fixture::start().await;
    fixture.mock.allow_api_requests(0);
    let error = fixture.read_error(DEFAULTS).await;
    assert_eq!(decision(&error), (ErrorKind::RateLimited, Outcome::Rejected, true));
    assert_eq!(fixture.requests(), 1);
}
