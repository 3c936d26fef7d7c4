//! HTTPS, trusted only through the mock's own authority.

use std::sync::Arc;

use mock_salesforce::MockSalesforce;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

async fn get(mock: &MockSalesforce, ca_pem: &str, host: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(mock.address()).await?;
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let request = format!("GET /services/data HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn the_certificate_is_good_for_every_loopback_name_and_no_other() {
    let mock = MockSalesforce::builder().tls(true).start().await.unwrap();
    assert!(mock.url().starts_with("https://127.0.0.1:"));
    let ca = mock.ca_pem().unwrap();
    for host in ["127.0.0.1", "localhost", "::1"] {
        assert!(get(&mock, ca, host).await.unwrap().starts_with("HTTP/1.1 200 OK\r\n"), "{host}");
    }
    assert!(get(&mock, ca, "example.org").await.is_err());
    let stranger = MockSalesforce::builder().tls(true).start().await.unwrap();
    assert!(get(&mock, stranger.ca_pem().unwrap(), "localhost").await.is_err());
}

#[tokio::test]
async fn plain_http_has_no_authority() {
    let mock = MockSalesforce::builder().start().await.unwrap();
    assert!(mock.url().starts_with("http://127.0.0.1:"));
    assert_eq!(mock.ca_pem(), None);
}
