//! Whatever a call needs is in the span of whoever made it: on the scheduler's threads, and in a refresh that goes on without
//! its caller. The names of spans and fields are those of `docs/EMBEDDING.md`.
#![allow(clippy::unwrap_used, reason = "a test: what cannot be stops it")]

use std::io;
use std::sync::{Mutex, PoisonError};

use mock_salesforce::{ConnectedApp, MockSalesforce};
use salesforce_connections::{MemoryStore, Session, Stored};
use salesforce_runtime::bindings::soql::Query;
use salesforce_runtime::bindings::types::CallOptions;
use salesforce_runtime::egress::ExchangeObserver;
use salesforce_runtime::secret::Secret;
use salesforce_runtime::{Runtime, RuntimeOptions, Scheduler, component};
use tracing::{Instrument, Level};

const CLIENT_ID: &str = "spans";
const CLIENT_SECRET: &str = "SENTINEL-spans-secret";
const OPTIONS: CallOptions = CallOptions { deadline_ms: Some(30_000), max_response_bytes: None, attempts: None };

static LOG: Mutex<String> = Mutex::new(String::new());

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_and_its_refresh_are_in_the_span_of_whoever_made_it() {
    tracing_subscriber::fmt().with_max_level(Level::DEBUG).with_ansi(false).with_writer(|| Log).init();
    let app = ConnectedApp {
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(CLIENT_SECRET.into()),
        callback_urls: vec!["http://localhost/callback".to_owned()],
        scopes: ["api", "refresh_token"].map(str::to_owned).to_vec(),
        ..ConnectedApp::default()
    };
    let org = MockSalesforce::builder().connected_app(app).start().await.unwrap();
    let options = RuntimeOptions {
        scheduler: Some(Scheduler::start().unwrap()),
        exchange_observer: Some(ExchangeObserver::new(|_| tracing::info!("observed"))),
        ..RuntimeOptions::default()
    };
    let connector = Runtime::new(options).unwrap().load(component::CONNECTOR).unwrap();
    let store = MemoryStore::default();
    store.put("acme", expired(&org));
    let session = Session::new(connector, store, OPTIONS);

    let query = Query {
        soql: "SELECT Name FROM Account LIMIT 1".to_owned(),
        parameters: Vec::new(),
        include_deleted: false,
        batch_size: None,
        max_records: None,
    };
    let (id, job) = ("acme".to_owned(), tracing::info_span!("job", tenant = 7));
    let call =
        session.call(&id, async |execution, connection| execution.soql_query(&connection, &query, OPTIONS).await);
    call.instrument(job).await.unwrap();

    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let origin = org.url();
    // Refused, refreshed, repeated.
    let query = r#"job{tenant=7}:execution{export="soql-query"}:exchange{method="GET" "#;
    let refresh = r#"job{tenant=7}:execution{export="refresh"}:exchange{method="POST" "#;
    for (spans, status, count) in [(query, 401, 1), (refresh, 200, 1), (query, 200, 1)] {
        let (origin, status) = (format!("origin={origin} "), format!("status={status} "));
        for event in [": request", ": observed"] {
            let is_one = |line: &&str| {
                [spans, &origin, &status, "reused=", "total_us=", "bytes_received="]
                    .iter()
                    .all(|part| line.contains(part))
                    && line.ends_with(event)
            };
            assert_eq!(log.lines().filter(is_one).count(), count, "{spans} {status} {event} in {log}");
        }
    }
    let outside: Vec<_> =
        log.lines().filter(|line| line.contains(" salesforce_") && !line.contains("job{tenant=7}")).collect();
    assert!(outside.is_empty(), "{outside:#?}");
    // The query's text would be in its path.
    assert!(!log.contains("SENTINEL") && !log.contains("Account"), "{log}");
}

/// What a login brought, some time ago: the session has expired since.
fn expired(org: &MockSalesforce) -> Stored<()> {
    let tokens = org.issue_tokens(CLIENT_ID, "alind@example.org").unwrap();
    org.expire_access_tokens();
    let secret = |text: &str| Secret::from(text.to_owned());
    Stored {
        login_url: org.url().parse().unwrap(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(secret(CLIENT_SECRET)),
        instance_url: org.url().parse().unwrap(),
        access_token: secret(tokens.access_token.expose()),
        refresh_token: tokens.refresh_token.map(|token| secret(token.expose())),
        api_version: None,
        revision: (),
        refresh_begun: false,
        allow_loopback: true,
    }
}
