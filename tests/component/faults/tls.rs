//! TLS that is not to be trusted, or does not come about. Nothing is sent before it has.

use std::sync::Arc;

use mock_salesforce::MockSalesforce;
use mock_salesforce::wire::{Step, Wire};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use salesforce_runtime::RuntimeOptions;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use tokio_rustls::TlsAcceptor;

use super::{EMPTY, TEN_TIMES};
use crate::calls::{DEFAULTS, SHORT};
use crate::fixture::{Fixture, app, decision};

/// A certificate that is its own authority, for this name, good until the end of this year.
fn certificate(name: &str, last_year: i32) -> (TlsAcceptor, CertificateDer<'static>) {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(last_year, 12, 31);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), certificate)
}

/// A create and a read at a server with this certificate, whose authority is trusted or not.
async fn at(certificate: (TlsAcceptor, CertificateDer<'static>), trusted: bool) -> (Fixture, Wire) {
    let (acceptor, root) = certificate;
    let body = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{EMPTY}", EMPTY.len());
    let wire = Wire::start_tls([vec![Step::Read, Step::write(body)]], acceptor).await.unwrap();
    let extra_roots = if trusted { vec![root] } else { Vec::new() };
    let options = RuntimeOptions { extra_roots, ..RuntimeOptions::default() };
    let mut fixture = Fixture::within(MockSalesforce::builder(), app(), options).await;
    fixture.connection.instance_url = format!("https://localhost:{}", wire.address().port());
    (fixture, wire)
}

/// One attempt, of which nothing was sent.
async fn is_insecure(fixture: &Fixture, wire: &Wire) {
    for error in [fixture.create_error(TEN_TIMES).await, fixture.read_error(TEN_TIMES).await] {
        assert_eq!(decision(&error), (ErrorKind::Insecure, Outcome::NotSent, false), "{}", error.message);
    }
    assert_eq!((wire.accepted(), wire.requests().len()), (2, 0));
}

#[tokio::test]
async fn f04_a_handshake_that_stalls_ends_at_the_deadline() {
    let silent = Wire::start([vec![Step::Hang]]).await.unwrap();
    let mut fixture = Fixture::start().await;
    fixture.connection.instance_url = format!("https://{}", silent.address());
    for error in [fixture.create_error(SHORT).await, fixture.read_error(SHORT).await] {
        assert!(matches!(error.kind, ErrorKind::Timeout | ErrorKind::Unreachable), "{error:?}");
        assert_eq!((error.outcome, error.retryable), (Outcome::NotSent, true), "{error:?}");
    }
    // A deadline that the host shortens its own limit to, so that it can say what it knows.
    let patient = CallOptions { deadline_ms: Some(1_000), ..TEN_TIMES };
    let error = fixture.create_error(patient).await;
    assert!(matches!(error.kind, ErrorKind::Timeout | ErrorKind::Unreachable), "{error:?}");
    assert_eq!((error.outcome, silent.requests().len()), (Outcome::NotSent, 0), "{error:?}");
}

#[tokio::test]
async fn f05_a_certificate_that_is_expired_of_another_name_or_of_nobody() {
    let (fixture, wire) = at(certificate("localhost", 2099), true).await;
    assert!(fixture.read(DEFAULTS).await.is_ok(), "what the others differ from is taken");
    assert_eq!(wire.requests().len(), 1);
    for (wrong, trusted) in [
        (certificate("localhost", 2021), true),
        (certificate("f05.my.salesforce.com", 2099), true),
        (certificate("localhost", 2099), false),
    ] {
        let (fixture, wire) = at(wrong, trusted).await;
        is_insecure(&fixture, &wire).await;
    }
}

#[tokio::test]
async fn f06_plain_bytes_where_tls_should_be() {
    let plain = Wire::start([vec![Step::write("HTTP/1.1 400 Bad Request\r\n\r\n"), Step::Hang]]).await.unwrap();
    let mut fixture = Fixture::start().await;
    fixture.connection.instance_url = format!("https://{}", plain.address());
    is_insecure(&fixture, &plain).await;
}
