//! The next tenant: the real connector in the runtime that the hostile component runs in, against an org of its own.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use mock_salesforce::{ConnectedApp, MockSalesforce};
use salesforce_runtime::bindings::soql::Query;
use salesforce_runtime::bindings::types::{CallOptions, Connection};
use salesforce_runtime::component::CONNECTOR;
use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{Connector, ExecutionError, HostFailure, Limits, Runtime, RuntimeOptions};
use salesforce_verify::{Check, Finding, Report, Verdict, VerifyOptions};

const CLIENT_ID: &str = "next-tenant";

/// Bounds that a hostile component meets soon.
pub(crate) const MOMENT: Duration = Duration::from_millis(300);

pub(crate) struct Host {
    pub(crate) runtime: Runtime,
    pub(crate) mock: MockSalesforce,
    pub(crate) connector: Connector,
    pub(crate) connection: Connection,
}

impl Host {
    pub(crate) async fn start() -> Host {
        Host::with(RuntimeOptions::default()).await
    }

    /// With these fixed addresses. The connector itself has more time than a hostile call gets.
    pub(crate) async fn with(options: RuntimeOptions) -> Host {
        let limits = Limits { concurrent_executions: 8, ..Limits::default() };
        // One for all tests, so that the connector is compiled once.
        let code_cache = Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled"));
        let runtime = Runtime::new(RuntimeOptions { limits, code_cache, ..options }).unwrap();
        let app = ConnectedApp {
            client_id: CLIENT_ID.to_owned(),
            scopes: vec!["api".to_owned()],
            callback_urls: vec!["https://workflow.example.com/callback".to_owned()],
            ..ConnectedApp::default()
        };
        // The next tenant calls for as long as a verification lasts.
        let builder = MockSalesforce::builder().daily_api_requests(10_000_000);
        let mock = builder.connected_app(app).start().await.unwrap();
        let tokens = mock.issue_tokens(CLIENT_ID, "alind@example.org").unwrap();
        let connection = Connection {
            instance_url: mock.url().to_owned(),
            access_token: tokens.access_token.expose().to_owned(),
            api_version: None,
        };
        let connector = runtime.load(CONNECTOR).unwrap();
        Host { runtime, mock, connector, connection }
    }

    /// The next tenant's call: it works as ever.
    pub(crate) async fn assert_unharmed(&self) {
        let policy = EgressPolicy::origins([self.mock.url().parse().unwrap()]).allow_loopback();
        let query = query("SELECT COUNT() FROM Account");
        let page = self.connector.execution(policy).soql_query(&self.connection, &query, OPTIONS).await.unwrap();
        assert_eq!(page.total_size, Some(2086));
    }

    /// Verifies a component while the next tenant works, who never notices.
    pub(crate) async fn verify(&self, wasm: impl Into<Bytes>, options: &VerifyOptions) -> Report {
        let (wasm, mut calls) = (wasm.into(), 0_u32);
        let verifying = salesforce_verify::verify(wasm, options);
        tokio::pin!(verifying);
        let report = loop {
            tokio::select! {
                biased;
                report = &mut verifying => break report.unwrap(),
                () = self.assert_unharmed() => calls += 1,
            }
        };
        self.assert_unharmed().await;
        assert!(report.checks.iter().map(|finding| &finding.check).eq(Check::ALL));
        tracing::debug!(calls, "calls of the next tenant meanwhile");
        report
    }

    /// Turned away at this check, with these words; what comes after it was not run.
    pub(crate) async fn assert_refused(&self, wasm: impl Into<Bytes>, check: Check, words: &str) {
        let report = self.verify(wasm, &options()).await;
        assert_failed(&report, check, words);
        assert_eq!(finding(&report, Check::OauthBegin).verdict, Verdict::NotRun);
    }

    /// Runs one call of a component here, beside the tenant's, within a moment: the failure that ends it.
    pub(crate) async fn failure_of(&self, wasm: &[u8], policy: EgressPolicy, url: &str) -> HostFailure {
        match self.call(wasm, policy, url, MOMENT).await {
            Err(ExecutionError::Host(failure)) => failure,
            Err(ExecutionError::Connector(error)) => panic!("expected to be stopped, but it said: {error:?}"),
            Ok(_) => panic!("expected to be stopped, but it came to an answer"),
        }
    }

    pub(crate) async fn call(
        &self,
        wasm: &[u8],
        policy: EgressPolicy,
        url: &str,
        within: Duration,
    ) -> Result<salesforce_runtime::bindings::soql::Page, ExecutionError> {
        let hostile = self.runtime.load(wasm).unwrap();
        let connection = Connection { instance_url: url.to_owned(), ..self.connection.clone() };
        let query = query("SELECT Id FROM User");
        let call = hostile.execution(policy).within(within);
        let (result, ()) = tokio::join!(call.soql_query(&connection, &query, OPTIONS), self.assert_unharmed());
        self.assert_unharmed().await;
        result
    }
}

pub(crate) const OPTIONS: CallOptions = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };

pub(crate) fn query(soql: &str) -> Query {
    Query { soql: soql.to_owned(), parameters: Vec::new(), include_deleted: false, batch_size: None, max_records: None }
}

/// With bounds on time that a hostile component meets soon: what is left then is not run.
pub(crate) fn options() -> VerifyOptions {
    let mut options = VerifyOptions::new(support::server::compiler(env!("CARGO_BIN_EXE_harness")));
    options.limits.deadline = MOMENT;
    options.behaviour_time = 3 * MOMENT;
    options
}

/// With all the time that a slow machine needs, for components that answer at once.
pub(crate) fn patient() -> VerifyOptions {
    VerifyOptions { behaviour_time: Duration::from_secs(60), ..options() }
}

pub(crate) fn finding(report: &Report, check: Check) -> &Finding {
    report.checks.iter().find(|finding| finding.check == check).unwrap()
}

#[track_caller]
pub(crate) fn assert_failed(report: &Report, check: Check, words: &str) {
    assert!(!report.may_run, "{report:?}");
    let found = finding(report, check);
    assert_eq!(found.verdict, Verdict::Failed, "{found:?}");
    assert!(found.details.iter().any(|line| line.contains(words)), "expected {words:?} in {found:?}");
}
