//! HTTP/1.1 connections, kept and shared by all executions of a runtime, as are TLS sessions.
//!
//! A connection is driven by whoever waits for its answer, in their own task, and by nobody while it is idle. With a
//! task for each connection, as hyper-util's client has it, a request and its answer pass between tasks, and often
//! between threads.

use std::pin::Pin;
use std::sync::Arc;

use http::uri::{PathAndQuery, Uri};
use hyper::client::conn::http1;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tower_service::Service;

use super::connection::Connection;
use super::idle::IdleConnections;
use super::limits::EgressLimits;
use super::origin::Origin;
use super::proxy::{Proxy, Way};
use super::resolver::{Hosts, Reach, Resolver};
use super::socket::Socket;

type Connector = HttpsConnector<Way>;

/// Why there is no connection.
pub(crate) type ConnectError = Box<dyn std::error::Error + Send + Sync>;
/// A connection that is being made.
pub(crate) type Connecting = Pin<Box<dyn Future<Output = Result<Connection, ConnectError>> + Send>>;
/// Makes connections, and keeps those that are idle.
pub(crate) struct PooledClient {
    public: Connector,
    loopback: Connector,
    http1: http1::Builder,
    idle: Arc<IdleConnections>,
}

impl PooledClient {
    /// Trusts Mozilla's roots (crate `webpki-roots`) and `extra_roots`.
    pub(crate) fn new(
        limits: &EgressLimits,
        extra_roots: &[CertificateDer<'static>],
        hosts: Hosts,
        proxy: Option<Proxy>,
    ) -> Result<Self, rustls::Error> {
        let tls = tls_config(extra_roots)?;
        let mut http1 = http1::Builder::new();
        http1.max_buf_size(limits.response_header_bytes.max(8 << 10)).max_headers(limits.response_headers);
        Ok(Self {
            public: connector(Reach::Public, hosts.clone(), limits, tls.clone(), proxy),
            loopback: connector(Reach::Loopback, hosts, limits, tls, None),
            http1,
            idle: Arc::new(IdleConnections::new(limits.idle_connections, limits.idle_timeout)),
        })
    }

    pub(crate) fn idle(&self) -> &Arc<IdleConnections> {
        &self.idle
    }

    pub(crate) fn connect(&self, origin: &Origin) -> Connecting {
        // An origin is loopback or it is not: what is kept for one is never found by an execution that may not go there.
        let mut connector = if origin.is_loopback() { self.loopback.clone() } else { self.public.clone() };
        let http1 = self.http1.clone();
        let uri = Uri::builder()
            .scheme(if origin.is_tls() { "https" } else { "http" })
            .authority(origin.authority())
            .path_and_query(PathAndQuery::from_static("/"))
            .build();
        Box::pin(async move {
            std::future::poll_fn(|context| connector.poll_ready(context)).await?;
            let (requests, wire) = http1.handshake(Socket::new(connector.call(uri?).await?)).await?;
            Ok(Connection::new(requests, wire))
        })
    }
}

fn connector(reach: Reach, hosts: Hosts, limits: &EgressLimits, tls: ClientConfig, proxy: Option<Proxy>) -> Connector {
    let mut tcp = HttpConnector::new_with_resolver(Resolver::new(reach, hosts.clone(), limits.dns_timeout));
    tcp.set_nodelay(true);
    tcp.enforce_http(false); // https too: the TLS connector around it decides
    let mut way = Way::direct(tcp);
    if let Some(proxy) = proxy {
        way = way.through(proxy, hosts, tls.clone());
    }
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls);
    let connector = match reach {
        Reach::Public => connector.https_only(),
        Reach::Loopback => connector.https_or_http(),
    };
    connector.enable_http1().wrap_connector(way)
}

/// The configuration of TLS clients: Mozilla's roots (crate `webpki-roots`) and `extra_roots`. One is enough for all
/// connections of a client, for rustls keeps their sessions in it.
///
/// # Errors
/// One of the roots is no certificate.
pub fn tls_config(extra_roots: &[CertificateDer<'static>]) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for root in extra_roots {
        roots.add(root.clone())?;
    }
    Ok(ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
