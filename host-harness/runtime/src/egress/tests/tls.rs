//! TLS: whom to trust, and that a handshake that fails has sent nothing.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// Answers one request on every connection; the certificate is for these names.
pub(super) async fn tls_server(names: &[&str]) -> (u16, CertificateDer<'static>) {
    let names: Vec<_> = names.iter().map(|name| name.to_string()).collect();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let _read = stream.read(&mut [0; 4096]).await;
                let _written = stream.write_all(OK.as_bytes()).await;
                let _closed = stream.shutdown().await;
            });
        }
    });
    (port, cert.der().clone())
}

async fn fails_unsent(origin: &str, limits: EgressLimits, roots: &[CertificateDer<'static>]) -> Error {
    let (result, may_have_left) = send(&egress(limits, roots), &policy(origin), post(origin, "{}")).await;
    assert!(!may_have_left);
    result.map(|_| ()).unwrap_err()
}

#[tokio::test]
async fn an_extra_root_is_trusted_for_its_names() {
    let (port, root) = tls_server(&["localhost"]).await;
    let origin = format!("https://localhost:{port}");
    let egress = egress(EgressLimits::default(), &[root]);
    let (response, _) = send(&egress, &policy(&origin), get(&origin)).await;
    assert_eq!(text(response.unwrap()).await.unwrap(), "ok");
}

#[tokio::test]
async fn an_unknown_issuer_is_a_certificate_error() {
    let (port, _) = tls_server(&["localhost"]).await;
    let error = fails_unsent(&format!("https://localhost:{port}"), EgressLimits::default(), &[]).await;
    assert!(matches!(error, Error::TlsCertificateError), "{error:?}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_a_certificate_error() {
    let (port, root) = tls_server(&["example.com"]).await;
    let error = fails_unsent(&format!("https://localhost:{port}"), EgressLimits::default(), &[root]).await;
    assert!(matches!(error, Error::TlsCertificateError), "{error:?}");
}

#[tokio::test]
async fn plain_bytes_on_a_tls_port_are_a_protocol_error() {
    let server = Wire::start([vec![Step::write("HTTP/1.1 400 Bad Request\r\n\r\n"), Step::Hang]]).await.unwrap();
    let error = fails_unsent(&format!("https://{}", server.address()), EgressLimits::default(), &[]).await;
    assert!(matches!(error, Error::TlsProtocolError), "{error:?}");
}

#[tokio::test]
async fn a_handshake_that_stalls_is_a_connect_timeout() {
    let server = Wire::start([vec![Step::Hang]]).await.unwrap();
    let error = fails_unsent(&format!("https://{}", server.address()), impatient(), &[]).await;
    assert!(matches!(error, Error::ConnectionTimeout), "{error:?}");
}

#[tokio::test]
async fn a_handshake_that_is_cut_off_is_not_sent() {
    let server = Wire::start([vec![]]).await.unwrap();
    let error = fails_unsent(&format!("https://{}", server.address()), EgressLimits::default(), &[]).await;
    assert!(matches!(error, Error::ConnectionRefused), "{error:?}");
}
