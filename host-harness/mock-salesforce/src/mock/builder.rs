//! What a mock is to be, and its start.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use jiff::Timestamp;
use tokio::task::JoinSet;

use super::MockSalesforce;
use crate::clock::Clock;
use crate::control::{self, ControlPlane, Start, Steering};
use crate::oauth::apps::{AppError, Apps, ConnectedApp};
use crate::oauth::{self, OAuth};
use crate::org::files::{FileError, Seed};
use crate::org::{Currencies, Generate, GenerateError, Org, Schema};
use crate::pipeline::Pipeline;
use crate::public_url::PublicUrl;
use crate::rest::Rest;
use crate::rest::limits::ApiUsage;
use crate::rest::locators::{Locators, Paging};
use crate::site::Site;
use crate::tls::{Authority, Tls, TlsError};
use crate::watch::{Arrival, Watcher};
use crate::{ApiError, rest, server, soap_login};

/// Calls of the REST API that an org may make in a day unless told otherwise: a developer org's.
const DAILY_API_REQUESTS: u64 = 15_000;

/// How a mock shall be.
#[derive(Debug)]
pub struct Builder {
    address: SocketAddr,
    tls: bool,
    names: Option<(Vec<String>, Arc<Authority>)>,
    apps: Vec<ConnectedApp>,
    standing_at: Option<Timestamp>,
    api_requests: u64,
    daily_api_requests: u64,
    number: Option<u64>,
    watcher: Option<Watcher>,
    paging: Paging,
    public_url: Option<PublicUrl>,
    person_accounts: bool,
    currencies: Option<Currencies>,
    control: bool,
    schema: Option<Schema>,
    seeds: Vec<Seed>,
    generated: Vec<Generate>,
}

/// Why a mock did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("the mock cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// A connected app is not right.
    #[error(transparent)]
    App(#[from] AppError),
    /// The records of an object cannot be generated.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// A file of records is not right.
    #[error(transparent)]
    Seed(#[from] FileError),
    /// There is no certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: false,
            names: None,
            apps: Vec::new(),
            standing_at: None,
            api_requests: 0,
            daily_api_requests: DAILY_API_REQUESTS,
            number: None,
            watcher: None,
            paging: Paging::default(),
            public_url: None,
            person_accounts: false,
            currencies: None,
            control: false,
            schema: None,
            seeds: Vec::new(),
            generated: Vec::new(),
        }
    }

    /// Where to listen; `127.0.0.1:0`, a free port, unless told otherwise.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Whether to speak https, with a certificate of [`MockSalesforce::ca_pem`]; off unless told otherwise.
    #[must_use]
    pub fn tls(mut self, on: bool) -> Self {
        self.tls = on;
        self
    }

    /// Speaks https under these names, with a certificate of this authority, and calls itself by the first. The names lead
    /// nowhere: whoever wants to reach it by them brings them to [`MockSalesforce::address`].
    #[must_use]
    pub fn named(mut self, names: &[&str], authority: Arc<Authority>) -> Self {
        self.tls = true;
        self.names = Some((names.iter().map(|&name| name.to_owned()).collect(), authority));
        self
    }

    /// Shows every request before it is answered.
    #[must_use]
    pub fn watched(mut self, see: impl Fn(Arrival<'_>) + Send + Sync + 'static) -> Self {
        self.watcher = Some(Watcher::new(see));
        self
    }

    /// Which of the orgs that could be it is: its Id has this number. The same one always, unless told otherwise.
    #[must_use]
    pub fn organization_number(mut self, number: u64) -> Self {
        self.number = Some(number);
        self
    }

    /// Registers a connected app.
    #[must_use]
    pub fn connected_app(mut self, app: ConnectedApp) -> Self {
        self.apps.push(app);
        self
    }

    /// Stops the mock's clock at this moment; it runs with the machine's unless told otherwise.
    #[must_use]
    pub fn clock_standing_at(mut self, now: Timestamp) -> Self {
        self.standing_at = Some(now);
        self
    }

    /// How many calls of the REST API are answered before 403 `REQUEST_LIMIT_EXCEEDED`; 15,000 unless told otherwise.
    #[must_use]
    pub fn daily_api_requests(mut self, allowed: u64) -> Self {
        self.daily_api_requests = allowed;
        self
    }

    /// How many calls of the REST API were made today before it started; none unless told otherwise.
    #[must_use]
    pub fn api_requests_before(mut self, used: u64) -> Self {
        self.api_requests = used;
        self
    }

    /// What the org does with the pages of a query; nothing that only some orgs do, unless told otherwise.
    #[must_use]
    pub fn paging(mut self, paging: Paging) -> Self {
        self.paging = paging;
        self
    }

    /// What the org calls itself in `instance_url` and every other URL, where clients reach it by another name than the
    /// address it listens on; the `Host` of each request unless told otherwise.
    #[must_use]
    pub fn public_url(mut self, url: PublicUrl) -> Self {
        self.public_url = Some(url);
        self
    }

    /// Whether accounts can be people: `Account` and `Contact` have the fields that come with it; off unless told
    /// otherwise. With a [schema](Builder::schema), that decides.
    #[must_use]
    pub fn person_accounts(mut self, on: bool) -> Self {
        self.person_accounts = on;
        self
    }

    /// The currencies of an org that has several, such as `"USD=1,EUR=0.9".parse()?`: the corporate one first, then what one of
    /// it is worth. The org has one currency unless told otherwise.
    #[must_use]
    pub fn currencies(mut self, currencies: Currencies) -> Self {
        self.currencies = Some(currencies);
        self
    }

    /// Whether other processes may steer the mock over HTTP, below `/__mock`, with the token of
    /// [`MockSalesforce::control`]; off unless told otherwise.
    #[must_use]
    pub fn control(mut self, on: bool) -> Self {
        self.control = on;
        self
    }

    /// Whose org it is, such as one that [`Schema::read`] has from files. It has users, profiles and a standard price book
    /// and no other records, and none of the rules of the mock's own org.
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Adds the records of these files, with those of files told before: all of them, or the mock does not start.
    #[must_use]
    pub fn seed(mut self, seeds: impl IntoIterator<Item = Seed>) -> Self {
        self.seeds.extend(seeds);
        self
    }

    /// Generates the records of an object when they are read, and stores none of them: for queries over millions. They are a
    /// function of their number and cannot be written to. Such as `"Lead=10000000".parse()?`.
    #[must_use]
    pub fn generate(mut self, generate: Generate) -> Self {
        self.generated.push(generate);
        self
    }

    /// Seeds the org, binds and serves. It answers when this returns.
    ///
    /// # Errors
    /// When the address is taken, an app is not right, or no certificate can be made.
    pub async fn start(self) -> Result<MockSalesforce, StartError> {
        let mut apps = Apps::default();
        for app in self.apps {
            apps.register(app)?;
        }
        let failed = |error| StartError::Listen(self.address, error);
        let sockets = server::bind(self.address).await.map_err(failed)?;
        let address = sockets.first().map_or(Ok(self.address), |socket| socket.local_addr()).map_err(failed)?;
        let mut hosts = hosts(address);
        hosts.extend(self.public_url.as_ref().map(|url| url.host().to_owned()));
        let has_one_name = self.public_url.is_some() || self.names.is_some();
        let local_url = match &self.names {
            Some((names, _)) => format!("https://{}", names.first().map_or("", String::as_str)),
            None => format!("{}://{}", if self.tls { "https" } else { "http" }, reachable(address)),
        };
        let url = self.public_url.map_or_else(|| local_url.clone(), |url| url.to_string());
        let tls = match self.names {
            Some((names, authority)) => Some(Tls::for_hosts(names, &authority)?),
            None => self.tls.then(|| Tls::for_hosts(hosts, &Authority::new()?)).transpose()?,
        };
        let clock = self.standing_at.map_or_else(Clock::running, Clock::standing);
        let mut org = match self.schema {
            Some(schema) => Org::without_samples(schema, clock.now()),
            None if self.person_accounts => Org::of(Schema::standard(true), clock.now()),
            None => Org::seeded(clock.now()),
        };
        if let Some(number) = self.number {
            org.set_number(number);
        }
        if let Some(currencies) = &self.currencies {
            org.set_currencies(currencies);
        }
        for generate in &self.generated {
            org.generate(generate)?;
        }
        org.load(&self.seeds)?;
        let site = Arc::new(Site::new(url, has_one_name, clock, org));
        let oauth = Arc::new(OAuth::new(Arc::clone(&site), apps));
        let rest = Arc::new(Rest {
            site: Arc::clone(&site),
            oauth: Arc::clone(&oauth),
            locators: Locators::new(self.paging).into(),
            usage: ApiUsage::new(self.api_requests, self.daily_api_requests),
            turns: Default::default(),
            recent: Default::default(),
            search_index: Default::default(),
            jobs: Default::default(),
            actions: Default::default(),
            approvals: Default::default(),
            apex_resources: Default::default(),
            quick_actions: Default::default(),
            reports: Default::default(),
            grants_ranges: Default::default(),
        });
        let (ledger, faults) = (Arc::default(), Arc::default());
        let control = self.control.then(|| ControlPlane::new(&local_url));
        let start = Start {
            org: site.org().clone(),
            standing_at: self.standing_at,
            api_requests: (self.api_requests, self.daily_api_requests),
            paging: self.paging,
        };
        let steering = control.as_ref().map(|plane| {
            control::routes(Steering {
                token: plane.token.clone(),
                site: Arc::clone(&site),
                oauth: Arc::clone(&oauth),
                rest: Arc::clone(&rest),
                ledger: Arc::clone(&ledger),
                faults: Arc::clone(&faults),
                start,
                snapshots: Default::default(),
                held_refreshes: Default::default(),
            })
        });
        let pipeline = Arc::new(Pipeline {
            site: Arc::clone(&site),
            ledger,
            faults,
            watcher: self.watcher,
            router: router(&oauth, &rest),
            control: steering,
        });
        let (acceptor, ca_pem) = tls.map(|tls| (tls.acceptor, tls.ca_pem)).unzip();
        let mut listeners = JoinSet::new();
        for socket in sockets {
            listeners.spawn(server::serve(socket, acceptor.clone(), Arc::clone(&pipeline)));
        }
        Ok(MockSalesforce { site, oauth, rest, pipeline, ca_pem, address, local_url, control, listeners })
    }
}

/// The address for a client on this machine: no client connects to "every address".
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The names under which an address is reached.
fn hosts(address: SocketAddr) -> Vec<String> {
    let mut hosts = vec![address.ip().to_string()];
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        hosts.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
        hosts.dedup();
    }
    hosts
}

fn router(oauth: &Arc<OAuth>, rest: &Arc<Rest>) -> Router {
    Router::new()
        .merge(oauth::routes(Arc::clone(oauth)))
        .merge(rest::routes(Arc::clone(rest)))
        .merge(soap_login::routes(Arc::clone(oauth)))
        .fallback(async || ApiError::not_found())
}
