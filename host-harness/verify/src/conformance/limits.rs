//! The caller's limits of a call.

use mock_salesforce::Fault;

use super::bench::{ACCOUNTS, Bench, DEFAULTS, ONCE, QUERY};
use super::expect::{Checked, expect, expect_error};
use super::soql::plain;
use salesforce_runtime::bindings::records::Target;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};

const EMPTY: &str = r#"{"totalSize":0,"done":true,"records":[]}"#;

pub(super) async fn bytes(bench: &Bench<'_>) -> Checked {
    let length = EMPTY.len() as u64;
    for (allowed, fits) in [(length, true), (length - 1, false)] {
        let answer = Fault::Answer { status: 200, headers: Vec::new(), body: EMPTY.into() };
        bench.fault(QUERY, answer);
        let options = CallOptions { max_response_bytes: Some(allowed), ..ONCE };
        let page = bench.execution().soql_query(&bench.connection, &plain("SELECT Id FROM User"), options).await;
        if fits {
            bench.done("soql-query", page)?;
        } else {
            let error = bench.refused("soql-query", page)?;
            expect_error(&error, ErrorKind::ResponseTooLarge, Outcome::Unknown, "for one byte too many")?;
        }
    }
    for options in [
        CallOptions { deadline_ms: Some(0), ..DEFAULTS },
        CallOptions { max_response_bytes: Some(67_108_865), ..DEFAULTS },
        CallOptions { attempts: Some(11), ..DEFAULTS },
    ] {
        let page = bench.execution().soql_query(&bench.connection, &plain("SELECT Id FROM User"), options).await;
        let error = bench.refused("soql-query", page)?;
        expect_error(&error, ErrorKind::InvalidArgument, Outcome::NotSent, "for a limit out of its range")?;
    }
    Ok(())
}

pub(super) async fn time(bench: &Bench<'_>) -> Checked {
    let soon = CallOptions { deadline_ms: Some(500), ..DEFAULTS };
    bench.fault(QUERY, Fault::Hang);
    let page = bench.execution().soql_query(&bench.connection, &plain("SELECT Id FROM User"), soon).await;
    let error = bench.refused("soql-query", page)?;
    expect_error(&error, ErrorKind::Timeout, Outcome::Unknown, "for a server that does not answer")?;
    bench.fault(ACCOUNTS, Fault::HangAfterWork);
    let saved = bench.try_save("Account", &Target::Create, r#"{"Name":"Once"}"#, soon).await;
    let error = bench.refused("create-or-update-record", saved)?;
    expect_error(&error, ErrorKind::Timeout, Outcome::Unknown, "for a create that gets no answer")?;
    let creates = bench.mock.ledger().requests("POST", ACCOUNTS);
    expect(creates == 1, || format!("a create that gets no answer to be sent once, but it was sent {creates} times"))
}
