//! What one check has: an org with a connected app and a user's session, a second server that nobody may talk to, and
//! the component. Both servers are reached by names, and over TLS, as in production.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mock_salesforce::{Authority, ConnectedApp as MockApp, Fault, Matcher, MockSalesforce};

use super::expect::{Checked, Miss, expect, told};
use super::material::Material;
use super::needles::{Kind, Needle};
use super::shown::Shown;
use super::watch::Watch;
use crate::VerifyError;
use salesforce_runtime::bindings::oauth::ConnectedApp;
use salesforce_runtime::bindings::types::{CallOptions, Connection, Error};
use salesforce_runtime::egress::{EgressPolicy, Origin, Refusals, Seal, StandIns, Standing};
use salesforce_runtime::secret::Secret;
use salesforce_runtime::{Connector, Execution, ExecutionError};

/// The administrator that every org of the mock begins with.
const FIRST_USER: &str = "alind@example.org";

pub(super) const QUERY: &str = "/services/data/v67.0/query";
pub(super) const ACCOUNTS: &str = "/services/data/v67.0/sobjects/Account";
pub(super) const TOKEN: &str = "/services/oauth2/token";

/// What callers get who ask for nothing else.
pub(super) const DEFAULTS: CallOptions = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };
/// One attempt.
pub(super) const ONCE: CallOptions = CallOptions { attempts: Some(1), ..DEFAULTS };

/// How the component gets the access token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// As it is.
    #[default]
    Open,
    /// As a placeholder, with the org alone in reach: as the server runs what tenants upload.
    Sealed,
}

/// The component under test, and what was seen of it in all checks.
pub(crate) struct Subject {
    connector: Connector,
    /// Whose processor time it takes.
    tenant: Option<String>,
    authority: Arc<Authority>,
    stand_ins: StandIns,
    refusals: Refusals,
    seen: Mutex<Seen>,
}

/// What is said of all checks together.
#[derive(Clone, Default)]
pub(super) struct Seen {
    /// Which errors and results held which secrets.
    pub(super) leaks: Vec<String>,
    /// Which requests did.
    pub(super) requests: Vec<String>,
    /// What the org knows better.
    pub(super) claims: Vec<String>,
}

/// One check's world.
pub(super) struct Bench<'a> {
    subject: &'a Subject,
    pub(super) mock: MockSalesforce,
    /// Within reach of a component with an open token, so that a request to it is seen.
    elsewhere: MockSalesforce,
    pub(super) material: Material,
    mode: Mode,
    /// As the component gets it.
    pub(super) connection: Connection,
    open: Connection,
    seal: Seal,
    pub(super) refresh_token: String,
    pub(super) watch: Watch,
    /// Requests and records before the present call.
    before: Mutex<(usize, usize)>,
    _names: [Standing; 3],
}

impl Mode {
    /// What the report says of it.
    pub(super) fn told(self) -> &'static str {
        match self {
            Mode::Open => "",
            Mode::Sealed => "with a sealed token: ",
        }
    }
}

impl Subject {
    pub(crate) fn new(
        connector: Connector,
        tenant: Option<String>,
        authority: Arc<Authority>,
        stand_ins: StandIns,
    ) -> Self {
        Self { connector, tenant, authority, stand_ins, refusals: Refusals::default(), seen: Mutex::default() }
    }

    /// Whether the component has this function of the world.
    pub(super) fn has(&self, function: &str) -> bool {
        self.connector.has(function)
    }

    /// What was seen in all checks so far.
    pub(super) fn seen(&self) -> Seen {
        lock(&self.seen).clone()
    }

    /// Hosts that it asked for and was not let to.
    pub(super) fn refused_hosts(&self) -> Vec<String> {
        self.refusals.hosts().iter().map(|host| format!("it asked for {host}")).collect()
    }
}

impl<'a> Bench<'a> {
    pub(super) async fn start(subject: &'a Subject, mode: Mode) -> Result<Self, VerifyError> {
        let failed = |error: &dyn std::fmt::Display| VerifyError::Mock(error.to_string());
        let material = Material::new();
        let watch = Watch::of(&material.client_id);
        let watched = watch.clone();
        let mock = MockSalesforce::builder()
            .named(&[&material.host, material.login_host], subject.authority.clone())
            .organization_number(material.organization_number)
            .api_requests_before(material.api_usage.0.into())
            .daily_api_requests(material.api_usage.1.into())
            .connected_app(app(&material))
            .watched(move |arrival| watched.see(&arrival));
        let mock = mock.start().await.map_err(|error| failed(&error))?;
        let elsewhere = MockSalesforce::builder().named(&[&material.other_host], subject.authority.clone());
        let elsewhere = elsewhere.start().await.map_err(|error| failed(&error))?;
        let names = [
            subject.stand_ins.stand(&material.host, mock.address()),
            subject.stand_ins.stand(material.login_host, mock.address()),
            subject.stand_ins.stand(&material.other_host, elsewhere.address()),
        ];
        // A connection to the check before would find its org, if that had the same name and is not gone yet.
        subject.connector.close_idle_connections();
        mock.org(|org| org.rename_user(FIRST_USER, &material.username));
        let tokens = mock.issue_tokens(&material.client_id, &material.username).map_err(|error| failed(&error))?;
        let refresh_token = tokens.refresh_token.map(|token| token.expose().to_owned()).unwrap_or_default();
        let open = Connection {
            instance_url: mock.url().to_owned(),
            access_token: tokens.access_token.expose().to_owned(),
            api_version: None,
        };
        let origin = mock.url().parse().map_err(|error| failed(&error))?;
        let seal = Seal::new(Secret::from(open.access_token.clone()), origin).map_err(|error| failed(&error))?;
        // What a host may switch on is tried as well.
        let seal = seal.admitting_apex_rest();
        for (kind, secret) in [
            (Kind::ClientSecret, &*material.client_secret),
            (Kind::AccessToken, &*open.access_token),
            (Kind::Placeholder, seal.placeholder()),
            (Kind::RefreshToken, &*refresh_token),
            (Kind::Plant, &*material.plant),
        ] {
            watch.keep(Needle::new(kind, secret));
        }
        let connection = open.clone();
        let mut bench = Self {
            subject,
            mock,
            elsewhere,
            material,
            mode,
            connection,
            open,
            seal,
            refresh_token,
            watch,
            before: Mutex::default(),
            _names: names,
        };
        bench.connection = bench.connection_in(mode);
        Ok(bench)
    }

    /// The connection as the component gets it in this mode.
    pub(super) fn connection_in(&self, mode: Mode) -> Connection {
        match mode {
            Mode::Open => self.open.clone(),
            Mode::Sealed => Connection { access_token: self.seal.placeholder().to_owned(), ..self.open.clone() },
        }
    }

    pub(super) fn has(&self, function: &str) -> bool {
        self.subject.has(function)
    }

    /// A fresh instance, in the bench's mode.
    pub(super) fn execution(&self) -> Execution {
        self.execution_in(self.mode, &self.subject.refusals)
    }

    /// A fresh instance. What it asks for in vain is noted there.
    pub(super) fn execution_in(&self, mode: Mode, refusals: &Refusals) -> Execution {
        *lock(&self.before) = (self.watch.count(), self.writes());
        let origins = |urls: &[&str]| EgressPolicy::origins(urls.iter().filter_map(|url| url.parse::<Origin>().ok()));
        let login = self.login_url();
        let policy = match mode {
            Mode::Open => origins(&[self.mock.url(), &login, self.elsewhere.url()]),
            Mode::Sealed => origins(&[self.mock.url()]).sealing(self.seal.clone()),
        };
        let execution = self.subject.connector.execution(policy.noting(refusals.clone())).verbatim();
        match &self.subject.tenant {
            None => execution,
            Some(tenant) => execution.on_behalf_of(tenant),
        }
    }

    /// Notes what a component asked for in vain, but for these hosts.
    pub(super) fn note_refusals(&self, refusals: &Refusals, expected: &[&str]) {
        for host in refusals.hosts().iter().filter(|host| !expected.contains(&host.as_str())) {
            self.subject.refusals.note(host);
        }
    }

    pub(super) fn app(&self) -> ConnectedApp {
        self.app_at(self.mock.url().to_owned())
    }

    /// The app, whose users log in there.
    pub(super) fn app_at(&self, login_url: String) -> ConnectedApp {
        ConnectedApp {
            login_url,
            client_id: self.material.client_id.clone(),
            client_secret: Some(self.material.client_secret.clone()),
        }
    }

    /// Where users of all orgs log in.
    pub(super) fn login_url(&self) -> String {
        format!("https://{}", self.material.login_host)
    }

    /// What nobody may show.
    pub(super) fn plant(&self) -> &str {
        &self.material.plant
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
        self.watch.count()
    }

    /// Method and path of the requests after so many.
    pub(super) fn requests_since(&self, count: usize) -> Vec<(String, String)> {
        self.watch.since(count)
    }

    fn writes(&self) -> usize {
        self.mock.ledger().writes().count()
    }

    /// No error, and no result or request but where it belongs, may hold it from now on.
    pub(super) fn keep_secret(&self, kind: Kind, secret: &str) {
        if !secret.is_empty() {
            self.watch.keep(Needle::new(kind, secret));
        }
    }

    /// What a call gave.
    ///
    /// # Errors
    ///
    /// `Miss`: it failed.
    pub(super) fn done<T: Shown>(&self, call: &str, result: Result<T, ExecutionError>) -> Checked<T> {
        match result {
            Ok(result) => {
                self.look_at_result(call, &result);
                Ok(result)
            }
            Err(ExecutionError::Host(failure)) => Err(Miss(format!("{call}: {failure}"))),
            Err(ExecutionError::Connector(error)) => {
                self.look_at_error(call, &error);
                Err(Miss(format!("expected {call} to succeed, got {}", told(&error))))
            }
        }
    }

    /// The component's own error.
    ///
    /// # Errors
    ///
    /// `Miss`: the call succeeded, or the component did not come to an answer.
    pub(super) fn refused<T: Shown>(&self, call: &str, result: Result<T, ExecutionError>) -> Checked<Error> {
        match result {
            Ok(result) => {
                self.look_at_result(call, &result);
                Err(Miss(format!("expected an error of {call}, but it succeeded")))
            }
            Err(ExecutionError::Host(failure)) => Err(Miss(format!("{call}: {failure}"))),
            Err(ExecutionError::Connector(error)) => {
                self.look_at_error(call, &error);
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

    /// Adds what was seen in this check to what is said of all.
    pub(super) fn finish(&self) {
        let mut seen = lock(&self.subject.seen);
        for leak in self.watch.leaks() {
            add(&mut seen.requests, leak);
        }
    }

    /// The text with each secret replaced.
    pub(super) fn without_secrets(&self, text: &str) -> String {
        self.watch
            .needles()
            .iter()
            .fold(text.to_owned(), |text, needle| text.replace(needle.secret(), &format!("[{}]", needle.kind.name())))
    }

    /// Requests to the org and records written by the present call.
    pub(super) fn since_call(&self) -> (usize, usize) {
        let (requests, writes) = *lock(&self.before);
        (self.watch.count().saturating_sub(requests), self.writes().saturating_sub(writes))
    }

    pub(super) fn add_leak(&self, leak: String) {
        add(&mut lock(&self.subject.seen).leaks, leak);
    }

    pub(super) fn add_claim(&self, claim: String) {
        add(&mut lock(&self.subject.seen).claims, claim);
    }
}

fn app(material: &Material) -> MockApp {
    MockApp {
        client_id: material.client_id.clone(),
        client_secret: Some(material.client_secret.as_str().into()),
        callback_urls: vec![material.callback.clone()],
        scopes: ["api", "refresh_token", "id", "profile", "email"].map(str::to_owned).to_vec(),
        rotate_refresh_tokens: true,
        require_pkce: true,
        client_credentials_user: Some(material.username.clone()),
        jwt_public_key_pem: None,
    }
}

fn add(list: &mut Vec<String>, line: String) {
    if !list.contains(&line) {
        list.push(line);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
