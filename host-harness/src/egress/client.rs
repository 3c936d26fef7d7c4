//! The pooled HTTP/1.1 client: connections and TLS sessions are shared by all executions of a runtime.
//!
//! Two clients with a pool each: one that can reach public addresses only, and one for literal loopback. A connection
//! to loopback, opened for an execution whose policy allows it, is thus never found by another that may not.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use super::limits::EgressLimits;
use super::resolver::{Hosts, Reach, Resolver};

type Pool = Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

pub(crate) struct PooledClient {
    public: Pool,
    loopback: Pool,
}

impl PooledClient {
    /// Trusts Mozilla's roots (crate `webpki-roots`) and `extra_roots`.
    pub(crate) fn new(
        limits: &EgressLimits,
        extra_roots: &[CertificateDer<'static>],
        hosts: Hosts,
    ) -> Result<Self, rustls::Error> {
        let tls = tls_config(extra_roots)?;
        Ok(Self {
            public: pool(Reach::Public, hosts.clone(), limits, tls.clone()),
            loopback: pool(Reach::Loopback, hosts, limits, tls),
        })
    }

    pub(crate) fn request(&self, reach: Reach, request: Request<Full<Bytes>>) -> ResponseFuture {
        match reach {
            Reach::Public => self.public.request(request),
            Reach::Loopback => self.loopback.request(request),
        }
    }
}

fn pool(reach: Reach, hosts: Hosts, limits: &EgressLimits, tls: ClientConfig) -> Pool {
    let mut tcp = HttpConnector::new_with_resolver(Resolver::new(reach, hosts, limits.dns_timeout));
    tcp.set_nodelay(true);
    tcp.enforce_http(false); // https too: the TLS connector around it decides
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls);
    let connector = match reach {
        Reach::Public => connector.https_only(),
        Reach::Loopback => connector.https_or_http(),
    };
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(limits.idle_timeout)
        .pool_max_idle_per_host(limits.idle_connections)
        .http1_max_buf_size(limits.response_header_bytes.max(8 << 10))
        .http1_max_headers(limits.response_headers)
        // Sends again only what hyper hands back unwritten: see `exchange`.
        .retry_canceled_requests(true)
        .set_host(false)
        .build(connector.enable_http1().wrap_connector(tcp))
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
