//! What one check has: an org with a connected app and a user's session, a second server that nobody may talk to, and
//! the component.

use std::sync::{Mutex, MutexGuard, PoisonError};

use mock_salesforce::{ConnectedApp as MockApp, Fault, Matcher, MockSalesforce};

use super::expect::{Checked, Miss, expect, told};
use crate::bindings::oauth::ConnectedApp;
use crate::bindings::types::{CallOptions, Connection, Error};
use crate::egress::{EgressPolicy, Origin, Refusals};
use crate::runtime::{Connector, Execution, ExecutionError};
use crate::verify::VerifyError;

pub(super) const CLIENT_ID: &str = "conformance";
const CLIENT_SECRET: &str = "SENTINEL-CLIENT-SECRET";
pub(super) const CALLBACK: &str = "https://workflow.example.com/2017-09-01/integrations/salesforce/sso";
pub(super) const USERNAME: &str = "alind@example.org";

/// What every secret of a check and every body that must not be shown begins with or holds.
pub(super) const SENTINEL: &str = "SENTINEL";

pub(super) const QUERY: &str = "/services/data/v67.0/query";
pub(super) const ACCOUNTS: &str = "/services/data/v67.0/sobjects/Account";
pub(super) const TOKEN: &str = "/services/oauth2/token";

/// What callers get who ask for nothing else.
pub(super) const DEFAULTS: CallOptions = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };
/// One attempt.
pub(super) const ONCE: CallOptions = CallOptions { attempts: Some(1), ..DEFAULTS };

/// The component under test, and what was seen of it in all checks.
pub(in crate::verify) struct Subject {
    connector: Connector,
    /// Whose processor time it takes.
    tenant: Option<String>,
    refusals: Refusals,
    leaks: Mutex<Vec<String>>,
}

/// One check's world.
pub(super) struct Bench<'a> {
    subject: &'a Subject,
    pub(super) mock: MockSalesforce,
    /// Within reach of the component, so that a request to it is seen.
    elsewhere: MockSalesforce,
    pub(super) connection: Connection,
    pub(super) refresh_token: String,
    secrets: Mutex<Vec<(&'static str, String)>>,
}

impl Subject {
    pub(in crate::verify) fn new(connector: Connector, tenant: Option<String>) -> Self {
        Self { connector, tenant, refusals: Refusals::default(), leaks: Mutex::default() }
    }

    /// Which errors held which secrets.
    pub(super) fn leaks(&self) -> Vec<String> {
        lock(&self.leaks).clone()
    }

    /// Hosts that it asked for and was not let to.
    pub(super) fn refused_hosts(&self) -> Vec<String> {
        self.refusals.hosts().iter().map(|host| format!("it asked for {host}")).collect()
    }
}

impl<'a> Bench<'a> {
    pub(super) async fn start(subject: &'a Subject) -> Result<Self, VerifyError> {
        let failed = |error: &dyn std::fmt::Display| VerifyError::Mock(error.to_string());
        let mock = MockSalesforce::builder().connected_app(app()).start().await.map_err(|error| failed(&error))?;
        let elsewhere = MockSalesforce::builder().start().await.map_err(|error| failed(&error))?;
        let tokens = mock.issue_tokens(CLIENT_ID, USERNAME).map_err(|error| failed(&error))?;
        let access_token = tokens.access_token.expose().to_owned();
        let refresh_token = tokens.refresh_token.map(|token| token.expose().to_owned()).unwrap_or_default();
        let bench = Self {
            subject,
            connection: Connection {
                instance_url: mock.url().to_owned(),
                access_token: access_token.clone(),
                api_version: None,
            },
            refresh_token: refresh_token.clone(),
            mock,
            elsewhere,
            secrets: Mutex::new(vec![("the client secret", CLIENT_SECRET.to_owned())]),
        };
        bench.keep_secret("the access token", &access_token);
        bench.keep_secret("the refresh token", &refresh_token);
        bench.keep_secret("a body, or what was planted in an argument", SENTINEL);
        Ok(bench)
    }

    /// A fresh instance. It may reach the org, and the server that it must not talk to.
    pub(super) fn execution(&self) -> Execution {
        let origins = [self.mock.url(), self.elsewhere.url()].map(str::parse::<Origin>);
        let policy = EgressPolicy::origins(origins.into_iter().flatten()).allow_loopback();
        let execution = self.subject.connector.execution(policy.noting(self.subject.refusals.clone()));
        match &self.subject.tenant {
            None => execution,
            Some(tenant) => execution.on_behalf_of(tenant),
        }
    }

    pub(super) fn app(&self) -> ConnectedApp {
        ConnectedApp {
            login_url: self.mock.url().to_owned(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: Some(CLIENT_SECRET.to_owned()),
        }
    }

    /// Where nobody may go.
    pub(super) fn elsewhere(&self) -> &str {
        self.elsewhere.url()
    }

    /// The next request under this path meets the fault.
    pub(super) fn fault(&self, path: &str, fault: Fault) {
        self.mock.push_fault(Matcher::under(path), fault);
    }

    /// How many requests reached the org.
    pub(super) fn requests(&self) -> usize {
        self.mock.ledger().entries().count()
    }

    /// No error may hold it from now on.
    pub(super) fn keep_secret(&self, what: &'static str, secret: &str) {
        // A token begins with the Id of its org, which is no secret.
        let secret = secret.rsplit('!').next().unwrap_or(secret).to_owned();
        if !secret.is_empty() {
            lock(&self.secrets).push((what, secret));
        }
    }

    /// What a call gave.
    ///
    /// # Errors
    ///
    /// `Miss`: it failed.
    pub(super) fn done<T>(&self, call: &str, result: Result<T, ExecutionError>) -> Checked<T> {
        result.map_err(|error| match error {
            ExecutionError::Connector(error) => {
                self.look_for_secrets(call, &error);
                Miss(format!("expected {call} to succeed, got {}", told(&error)))
            }
            ExecutionError::Host(failure) => Miss(format!("{call}: {failure}")),
        })
    }

    /// The component's own error.
    ///
    /// # Errors
    ///
    /// `Miss`: the call succeeded, or the component did not come to an answer.
    pub(super) fn refused<T>(&self, call: &str, result: Result<T, ExecutionError>) -> Checked<Error> {
        match result {
            Ok(_) => Err(Miss(format!("expected an error of {call}, but it succeeded"))),
            Err(ExecutionError::Host(failure)) => Err(Miss(format!("{call}: {failure}"))),
            Err(ExecutionError::Connector(error)) => {
                self.look_for_secrets(call, &error);
                Ok(error)
            }
        }
    }

    /// # Errors
    ///
    /// `Miss`: the other server heard something.
    pub(super) fn nothing_went_elsewhere(&self) -> Checked {
        let requests = self.elsewhere.ledger().entries().count();
        expect(requests == 0, || format!("no request to another server than the org's, but there were {requests}"))
    }

    /// The text with each secret replaced.
    pub(super) fn without_secrets(&self, text: &str) -> String {
        let secrets = lock(&self.secrets);
        secrets.iter().fold(text.to_owned(), |text, (what, secret)| text.replace(secret, &format!("[{what}]")))
    }

    fn look_for_secrets(&self, call: &str, error: &Error) {
        let shown = format!("{error:?}");
        for (what, secret) in lock(&self.secrets).iter().filter(|(_, secret)| shown.contains(secret)) {
            let leak = format!("an error of {call} holds {what}");
            let mut leaks = lock(&self.subject.leaks);
            // One secret may be a part of another.
            if !leaks.contains(&leak) && !secret.is_empty() {
                leaks.push(leak);
            }
        }
    }
}

fn app() -> MockApp {
    MockApp {
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(CLIENT_SECRET.into()),
        callback_urls: vec![CALLBACK.to_owned()],
        scopes: ["api", "refresh_token", "id", "profile", "email"].map(str::to_owned).to_vec(),
        rotate_refresh_tokens: true,
        require_pkce: true,
        client_credentials_user: Some(USERNAME.to_owned()),
        jwt_public_key_pem: None,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
