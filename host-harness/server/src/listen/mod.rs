//! Sockets, TLS, and the end of both.
//!
//! ```text
//! accept ── door (who gets a place, and whose) ── connection ── pace (how long a peer is waited for)
//!              └─ news (metrics, and a line in the log)
//! ```

mod accept;
mod connection;
mod door;
mod news;
mod pace;

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rustix::process::{Resource, getrlimit};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

use super::metrics::Metrics;
use super::options::{ServerOptions, StartError, TlsFiles};
use accept::{Accepting, FAREWELLS};
use connection::Ends;
use door::Door;
use news::News;
use salesforce_runtime::egress::{Origin, OriginError};

/// Most connections unless the operator says otherwise.
const CONNECTIONS: u64 = 4_096;
/// File descriptors for each connection: the other half is for the database, calls of orgs, and compilers.
const DESCRIPTORS: u64 = 2;

/// A server's sockets.
pub(super) struct Listening {
    address: SocketAddr,
    ends: Ends,
    connections: TaskTracker,
}

impl Listening {
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no new connections, and waits for those that are open.
    pub(super) async fn stop(self, patience: Duration) {
        self.ends.soon.cancel();
        if tokio::time::timeout(patience, self.connections.wait()).await.is_err() {
            self.ends.now.cancel();
            self.connections.wait().await;
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.ends.soon.cancel();
        self.ends.now.cancel();
    }
}

/// Whether it may listen there: beyond loopback only with TLS, here or in front.
pub(super) fn check(options: &ServerOptions) -> Result<(), StartError> {
    options.tls.as_ref().map(tls_config).transpose()?;
    let tls_in_front = options.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    if !options.listen.ip().is_loopback() && options.tls.is_none() && !tls_in_front {
        return Err(StartError::Exposed(options.listen));
    }
    public_url(options, options.listen).map(drop)
}

/// Binds.
pub(super) fn bind(options: &ServerOptions) -> Result<TcpListener, StartError> {
    // Before a first start has made anything, so that the one that succeeds says what it made.
    check(options)?;
    let failed = |error| StartError::Listen(options.listen, error);
    let socket = TcpListener::bind(options.listen).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    Ok(socket)
}

/// Scheme, host and port under which browsers reach the server.
pub(super) fn public_url(options: &ServerOptions, address: SocketAddr) -> Result<String, StartError> {
    if let Some(url) = &options.public_url {
        let origin: Origin = url.parse().map_err(|error: OriginError| {
            let reason = error.reason();
            StartError::PublicUrl(format!(
                "{reason}; expected scheme, host and port, such as https://workflow.example.com"
            ))
        })?;
        return Ok(origin.to_string());
    }
    let scheme = if options.tls.is_some() { "https" } else { "http" };
    let host = match address.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    Ok(format!("{scheme}://{host}:{}", address.port()))
}

pub(super) fn serve(
    socket: TcpListener,
    options: &ServerOptions,
    router: Router,
    metrics: Arc<Metrics>,
) -> Result<Listening, StartError> {
    let failed = |error| StartError::Listen(options.listen, error);
    let address = socket.local_addr().map_err(failed)?;
    let listener = tokio::net::TcpListener::from_std(socket).map_err(failed)?;
    let (ends, connections) = (Ends::default(), TaskTracker::new());
    let (at_once, a_peer) = most_connections(options);
    let accepting = Accepting {
        door: Door::new(at_once, a_peer, News::new(metrics)),
        router,
        tls: options.tls.as_ref().map(tls_config).transpose()?.map(|config| TlsAcceptor::from(Arc::new(config))),
        ends: ends.clone(),
        connections: connections.clone(),
        farewells: Arc::new(Semaphore::new(FAREWELLS)),
    };
    connections.spawn(accepting.run(listener));
    connections.close();
    Ok(Listening { address, ends, connections })
}

/// In all, and of one peer. By default a peer has a quarter, but for those that stand for many: a proxy in front, and
/// whatever runs on this machine.
fn most_connections(options: &ServerOptions) -> (usize, Option<usize>) {
    let most = options.max_connections.map_or_else(
        || {
            let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
            (descriptors / DESCRIPTORS).clamp(1, CONNECTIONS)
        },
        u64::from,
    );
    let behind_proxy = options.public_url.is_some() && options.tls.is_none();
    let stands_for_many = behind_proxy || options.listen.ip().is_loopback();
    let a_peer = match options.max_connections_per_peer {
        Some(most) => Some(most.into()),
        None if stands_for_many => None,
        None => Some(most.div_ceil(4)),
    };
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    (size(most), a_peer.map(size))
}

fn tls_config(files: &TlsFiles) -> Result<ServerConfig, StartError> {
    let pem = |path: &Path| {
        std::fs::read(path).map_err(|error| StartError::Tls(format!("cannot read {}: {error}", path.display())))
    };
    let wrong = |path: &Path, what: &str, why: String| {
        StartError::Tls(format!("expected {what} in PEM in {}: {why}", path.display()))
    };
    let chain = CertificateDer::pem_slice_iter(&pem(&files.certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(&files.certificate, "a certificate chain", error.to_string()))?;
    let key = PrivateKeyDer::from_pem_slice(&pem(&files.key)?)
        .map_err(|error| wrong(&files.key, "a private key", error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StartError::Tls(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| wrong(&files.certificate, "a certificate that matches the key", error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
