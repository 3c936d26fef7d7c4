//! What operators rely on: TLS, the end, keys, and files that are their owner's alone.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use mock_salesforce::{Fault, Matcher};
use rustls::pki_types::ServerName;
use salesforce_server::{KeySource, Server, StartError, TlsFiles, rotate_key};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::fixture::{Connected, QUERY_PATH, data_directory, options, until};

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn it_speaks_tls_with_the_certificate_it_was_given() {
    let data = data_directory();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = TlsFiles { certificate: data.path().join("chain.pem"), key: data.path().join("key.pem") };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    let mut options = options(data.path());
    options.tls = Some(files);
    let server = Server::start(options).await.unwrap();
    assert!(server.callback_url().starts_with("https://"), "{}", server.callback_url());

    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("ready\n"), "{answer}");
}

#[tokio::test]
async fn tls_files_that_do_not_fit_are_refused() {
    let data = data_directory();
    let path = data.path().join("nothing.pem");
    let mut options = options(data.path());
    options.tls = Some(TlsFiles { certificate: path.clone(), key: path.clone() });
    let error = Server::start(options.clone()).await.err().unwrap();
    assert!(matches!(error, StartError::Tls(_)) && error.to_string().contains("nothing.pem"), "{error}");
    std::fs::write(&path, "no PEM").unwrap();
    let error = Server::start(options).await.err().unwrap();
    assert!(matches!(error, StartError::Tls(_)) && error.to_string().contains("nothing.pem"), "{error}");
}

#[tokio::test]
async fn beyond_loopback_it_speaks_no_plain_http() {
    let data = data_directory();
    for address in ["0.0.0.0:0", "[::]:0"] {
        let mut options = options(data.path());
        options.listen = address.parse::<SocketAddr>().unwrap();
        options.public_url = Some("http://127.0.0.1:8713".to_owned());
        let error = Server::start(options).await.err().unwrap();
        assert!(matches!(error, StartError::Exposed(_)), "{error}");
        assert!(error.to_string().contains("--tls-cert") && error.to_string().contains("--public-url"), "{error}");
    }
    let mut options = options(data.path());
    options.public_url = Some("https://workflow.example.com/path".to_owned());
    let error = Server::start(options).await.err().unwrap();
    assert!(matches!(error, StartError::PublicUrl(_)), "{error}");
}

#[tokio::test]
async fn it_ends_once_what_runs_has_ended() {
    let connected = Connected::start().await;
    let (ending, client) = connected.another().await;
    let address = ending.address();
    connected.mock.push_fault(Matcher::path(QUERY_PATH), Fault::Delay(Duration::from_millis(700)));
    let running = {
        let (client, body) = (client.clone(), connected.count());
        tokio::spawn(async move { client.execute(&body).await })
    };
    until(async || connected.mock.faults_waiting() == 0).await;
    let idle = connected.another().await;
    drop(idle);
    let stopping = tokio::spawn(ending.stop(PATIENCE));
    until(async || client.get("/readyz").await.status == 503).await;
    client.execute(&connected.count()).await.problem(503, "shutting-down");
    assert_eq!(client.get("/healthz").await.status, 200);
    running.await.unwrap().ended("succeeded");
    stopping.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "it still listens");
}

#[tokio::test]
async fn a_new_key_takes_over_while_it_runs() {
    let connected = Connected::start().await;
    let key = connected.data.path().join("key");
    let before = std::fs::read(&key).unwrap();
    let ended = connected.tenant.execute_once("kept", &connected.count()).await.ended("succeeded");
    // Client secret, access token, refresh token, a request and its result.
    let source = KeySource::in_directory(connected.data.path());
    let encrypted = rotate_key(connected.data.path(), source, PATIENCE).await.unwrap();
    assert_eq!(encrypted, 5);
    assert_ne!(std::fs::read(&key).unwrap(), before);
    assert_eq!(connected.tenant.execute_once("kept", &connected.count()).await.ended("succeeded"), ended);
    connected.mock.expire_access_tokens();
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    // What the running server has encrypted since opens with the new key alone.
    let (_other, client) = connected.another().await;
    client.execute(&connected.count()).await.ended("succeeded");
}

#[tokio::test]
async fn its_files_are_its_owners_alone() {
    let connected = Connected::start().await;
    let mode = |name: &str| std::fs::metadata(connected.data.path().join(name)).unwrap().permissions().mode() & 0o777;
    for name in ["key", "admin-token", "tenant-token"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    assert_eq!(mode("."), 0o700);

    let refused = async |name: &str, mode: u32, words: &str| {
        let path = connected.data.path().join(name);
        let was = std::fs::metadata(&path).unwrap().permissions();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let error = Server::start(options(connected.data.path())).await.err().unwrap().to_string();
        assert!(error.contains(words), "{error}");
        std::fs::set_permissions(&path, was).unwrap();
    };
    refused("key", 0o640, "chmod 600").await;
    refused(".", 0o750, "chmod 700").await;
    std::fs::write(connected.data.path().join("key"), "no key\n").unwrap();
    let error = Server::start(options(connected.data.path())).await.err().unwrap();
    assert!(error.to_string().contains("32 bytes in base64"), "{error}");
}
