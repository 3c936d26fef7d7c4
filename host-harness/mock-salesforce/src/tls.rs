//! TLS for the mock: an authority, made at start or shared by several mocks, and a server certificate signed by it.
//!
//! Not for certificates that are wrong on purpose: a fault server brings its own.

use std::fmt;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// A server's side of TLS and what its clients must trust.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_pem: String,
}

/// Signs the certificates of mocks that shall be trusted alike.
pub struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// Why no certificate could be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate itself.
    #[error("no certificate for the mock could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// Its use by the TLS library.
    #[error("the TLS library refused the mock's certificate: {0}")]
    Configuration(#[from] rustls::Error),
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// No certificate can be made.
    pub fn new() -> Result<Self, TlsError> {
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        authority.distinguished_name.push(DnType::CommonName, "Mock Salesforce test authority");
        let authority_key = KeyPair::generate()?;
        let certificate = authority.self_signed(&authority_key)?;
        Ok(Self { certificate, issuer: Issuer::new(authority, authority_key) })
    }

    /// What clients have to trust.
    #[must_use]
    pub fn der(&self) -> CertificateDer<'static> {
        self.certificate.der().clone()
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Authority")
    }
}

impl Tls {
    /// A certificate for these host names and addresses, in the form `example.org` or `127.0.0.1`.
    pub(crate) fn for_hosts(hosts: Vec<String>, authority: &Authority) -> Result<Self, TlsError> {
        let mut server = CertificateParams::new(hosts)?;
        server.use_authority_key_identifier_extension = true;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.distinguished_name.push(DnType::CommonName, "Mock Salesforce");
        let server_key = KeyPair::generate()?;
        let certificate = server.signed_by(&server_key, &authority.issuer)?;

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(server_key.serialize_der()).into(),
            )?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem: authority.certificate.pem() })
    }
}
