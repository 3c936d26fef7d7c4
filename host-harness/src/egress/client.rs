//! HTTP/1.1 connections, kept and shared by all executions of a runtime, as are TLS sessions.
//!
//! A connection is driven by whoever waits for its answer, in their own task, and by nobody while it is idle. With a
//! task for each connection, as hyper-util's client has it, a request and its answer pass between tasks, and often
//! between threads.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;

use bytes::Bytes;
use http::uri::{PathAndQuery, Uri};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower_service::Service;

use super::idle::IdleConnections;
use super::limits::EgressLimits;
use super::policy::Origin;
use super::resolver::{Hosts, Reach, Resolver};

type Connector = HttpsConnector<HttpConnector<Resolver>>;
type Socket = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Why there is no connection.
pub(crate) type ConnectError = Box<dyn std::error::Error + Send + Sync>;
/// A connection that is being made.
pub(crate) type Connecting = Pin<Box<dyn Future<Output = Result<Connection, ConnectError>> + Send>>;
/// A request that hyper has taken over, until the head of its answer. Advances only while its connection is driven.
pub(crate) type Sending =
    Pin<Box<dyn Future<Output = Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>>> + Send>>;

/// Makes connections, and keeps those that are idle.
pub(crate) struct PooledClient {
    public: Connector,
    loopback: Connector,
    http1: http1::Builder,
    idle: Arc<IdleConnections>,
}

/// A connection to an origin, for one request after the other.
pub(crate) struct Connection {
    requests: http1::SendRequest<Full<Bytes>>,
    /// None when it has ended.
    wire: Option<Box<http1::Connection<Socket, Full<Bytes>>>>,
}

impl PooledClient {
    /// Trusts Mozilla's roots (crate `webpki-roots`) and `extra_roots`.
    pub(crate) fn new(
        limits: &EgressLimits,
        extra_roots: &[CertificateDer<'static>],
        hosts: Hosts,
    ) -> Result<Self, rustls::Error> {
        let tls = tls_config(extra_roots)?;
        let mut http1 = http1::Builder::new();
        http1.max_buf_size(limits.response_header_bytes.max(8 << 10)).max_headers(limits.response_headers);
        Ok(Self {
            public: connector(Reach::Public, hosts.clone(), limits, tls.clone()),
            loopback: connector(Reach::Loopback, hosts, limits, tls),
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
            let (requests, wire) = http1.handshake(connector.call(uri?).await?).await?;
            Ok(Connection { requests, wire: Some(Box::new(wire)) })
        })
    }
}

impl Connection {
    /// Hands a request to hyper. Nothing leaves before the connection is driven.
    pub(crate) fn send(&mut self, request: Request<Full<Bytes>>) -> Sending {
        Box::pin(self.requests.try_send_request(request))
    }

    /// Reads and writes what can be. What comes of it is told to whoever has the request or the body; that includes
    /// errors.
    pub(crate) fn drive(&mut self, context: &mut Context<'_>) {
        if let Some(wire) = &mut self.wire
            && Pin::new(wire).poll(context).is_ready()
        {
            self.wire = None;
        }
    }

    /// True if it waits for a request: it is open, and the last answer was read to its end.
    pub(crate) fn is_idle(&self) -> bool {
        self.wire.is_some() && self.requests.is_ready()
    }
}

fn connector(reach: Reach, hosts: Hosts, limits: &EgressLimits, tls: ClientConfig) -> Connector {
    let mut tcp = HttpConnector::new_with_resolver(Resolver::new(reach, hosts, limits.dns_timeout));
    tcp.set_nodelay(true);
    tcp.enforce_http(false); // https too: the TLS connector around it decides
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls);
    let connector = match reach {
        Reach::Public => connector.https_only(),
        Reach::Loopback => connector.https_or_http(),
    };
    connector.enable_http1().wrap_connector(tcp)
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
