//! Sockets, TLS, and the end of both.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::task::JoinHandle;

use super::options::{ServerOptions, StartError};
use crate::egress::Origin;

/// What to speak TLS with.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// Certificate chain, in PEM, the server's own first.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// A server's sockets.
pub(super) struct Listening {
    address: SocketAddr,
    handle: Handle<SocketAddr>,
    serving: JoinHandle<()>,
}

impl Listening {
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no new connections, and waits for those that are open.
    pub(super) async fn stop(mut self, patience: Duration) {
        self.handle.graceful_shutdown(Some(patience));
        // A panic of the accepting task is told by tokio already.
        let _ = (&mut self.serving).await;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.serving.abort();
        self.handle.shutdown();
    }
}

/// Binds. Beyond loopback only with TLS, here or in front.
pub(super) fn bind(options: &ServerOptions) -> Result<TcpListener, StartError> {
    let tls_in_front = options.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    if !options.listen.ip().is_loopback() && options.tls.is_none() && !tls_in_front {
        return Err(StartError::Exposed(options.listen));
    }
    let failed = |error| StartError::Listen(options.listen, error);
    let socket = TcpListener::bind(options.listen).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    Ok(socket)
}

/// Scheme, host and port under which browsers reach the server.
pub(super) fn public_url(options: &ServerOptions, address: SocketAddr) -> Result<String, StartError> {
    if let Some(url) = &options.public_url {
        let origin: Origin = url.parse().map_err(|error| StartError::PublicUrl(format!("{error}")))?;
        return Ok(origin.to_string());
    }
    let scheme = if options.tls.is_some() { "https" } else { "http" };
    let host = match address.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    Ok(format!("{scheme}://{host}:{}", address.port()))
}

pub(super) async fn serve(
    socket: TcpListener,
    options: &ServerOptions,
    router: Router,
) -> Result<Listening, StartError> {
    let failed = |error| StartError::Listen(options.listen, error);
    let address = socket.local_addr().map_err(failed)?;
    let handle = Handle::new();
    let service = router.into_make_service();
    let serving = match &options.tls {
        None => {
            let server = axum_server::from_tcp(socket).map_err(failed)?.handle(handle.clone());
            tokio::spawn(async move { told(server.serve(service).await) })
        }
        Some(files) => {
            let config = RustlsConfig::from_config(Arc::new(tls_config(files)?));
            let server = axum_server::from_tcp_rustls(socket, config).map_err(failed)?.handle(handle.clone());
            tokio::spawn(async move { told(server.serve(service).await) })
        }
    };
    Ok(Listening { address, handle, serving })
}

fn told(ended: std::io::Result<()>) {
    if let Err(error) = ended {
        tracing::error!(%error, "the server ended");
    }
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
