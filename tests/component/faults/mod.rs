//! What the connector must survive: 137 ways in which the network, Salesforce, a workflow's author or a component can fail.
//! [`matrix`] lists them; a test is named for the row it proves (`f08_...`). After each, [`crate::fixture`] searches all
//! that came out for secrets, and holds what the org did against what callers were told.

mod api;
mod connect;
mod descriptions;
mod injection;
mod json;
mod matrix;
mod mid_flight;
mod paging;
mod parameters;
mod real_orgs;
mod real_tokens;
mod redirects;
mod sandbox;
mod size;
mod tls;
mod tokens;

use mock_salesforce::Fault;
use mock_salesforce::wire::{Step, Wire};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};

use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, decision};

const TWICE: CallOptions = CallOptions { attempts: Some(2), ..DEFAULTS };
const TEN_TIMES: CallOptions = CallOptions { attempts: Some(10), ..DEFAULTS };

/// A page of a query without rows.
const EMPTY: &str = r#"{"totalSize":0,"done":true,"records":[]}"#;

/// What Salesforce answers to a create.
const CREATED: &str = r#"{"id":"0015g00000000Gx","success":true,"errors":[]}"#;

/// An answer of status 200 in JSON, with this body to the letter.
fn json(body: impl Into<Vec<u8>>) -> Fault {
    answer(200, ("content-type", "application/json"), body)
}

fn answer(status: u16, header: (&str, &str), body: impl Into<Vec<u8>>) -> Fault {
    Fault::Answer { status, headers: vec![(header.0.to_owned(), header.1.to_owned())], body: body.into() }
}

/// Reads a request, answers with these bytes, closes.
fn saying(answer: impl AsRef<[u8]>) -> Vec<Step> {
    vec![Step::Read, Step::write(answer)]
}

/// A create on connections like this: one request, of which nobody knows what became.
async fn create_is_unknown(script: Vec<Step>, kind: ErrorKind) {
    let wire = Wire::start([script]).await.unwrap();
    let error = Fixture::at(&wire).await.create_error(TEN_TIMES).await;
    assert_eq!(decision(&error), (kind, Outcome::Unknown, false), "{}", error.message);
    assert_eq!(wire.requests().len(), 1);
}

/// A read on connections like this: repeated, and an error in the end.
async fn read_is_repeated(script: Vec<Step>, kind: ErrorKind) {
    let wire = Wire::start([script]).await.unwrap();
    let error = Fixture::at(&wire).await.read_error(TWICE).await;
    assert_eq!(decision(&error), (kind, Outcome::Unknown, true), "{}", error.message);
    assert_eq!(wire.requests().len(), 2);
}

/// Both: the connection breaks after the request may have left.
async fn is_interrupted(script: Vec<Step>) {
    create_is_unknown(script.clone(), ErrorKind::Interrupted).await;
    read_is_repeated(script, ErrorKind::Interrupted).await;
}

/// A read that ends at once in an error of this kind, after one request.
async fn read_is_refused(script: Vec<Step>, kind: ErrorKind) {
    let wire = Wire::start([script]).await.unwrap();
    let error = Fixture::at(&wire).await.read_error(TEN_TIMES).await;
    assert_eq!((error.kind, error.retryable), (kind, false), "{}", error.message);
    assert_eq!(wire.requests().len(), 1);
}
