//! A proxy on the way: a tunnel for each connection, and nothing left where it gives none.

use std::net::SocketAddr;
use std::sync::Mutex;

use http::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::tls::tls_server;
use super::*;
use crate::egress::{Endpoint, ExchangeFailure, Proxy, StandIns};

/// What this proxy says to a request for a tunnel.
#[derive(Clone, Copy)]
enum Says {
    /// It leads to this port, whatever the name.
    Yes(u16),
    /// This, and then nothing more.
    No(&'static str),
}

/// A proxy, and the requests that it got.
struct Between {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Between {
    async fn start(says: Says) -> Between {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let between = Between { address: listener.local_addr().unwrap(), heads: Arc::default() };
        let heads = between.heads.clone();
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let heads = heads.clone();
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(client.read_u8().await.unwrap());
                    }
                    heads.lock().unwrap().push(String::from_utf8(head).unwrap());
                    match says {
                        Says::No(answer) => client.write_all(answer.as_bytes()).await.unwrap(),
                        Says::Yes(port) => {
                            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                            let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                            // Whoever ends first ends both.
                            let _ = copy_bidirectional(&mut client, &mut server).await;
                        }
                    }
                });
            }
        });
        between
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    fn egress(&self, user: &str, exceptions: &str, hosts: Hosts, roots: &[CertificateDer<'static>]) -> Arc<Egress> {
        let proxy = Proxy::new(&format!("http://{user}{}", self.address), exceptions).unwrap();
        let limits = EgressLimits::default();
        Arc::new(Egress::new(limits, Bodies::Held, roots, (hosts, Some(proxy)), None).unwrap())
    }
}

const ACME: &str = "https://acme.example";

fn public() -> EgressPolicy {
    EgressPolicy::origins([ACME.parse::<Origin>().unwrap()])
}

#[tokio::test]
async fn a_request_to_a_public_host_goes_through_the_proxy_under_the_hosts_own_tls() {
    let (port, root) = tls_server(&["acme.example"]).await;
    let between = Between::start(Says::Yes(port)).await;
    let egress = between.egress("", "", Hosts::default(), &[root]);
    let request = get(&format!("{ACME}/services?secret=SENTINEL"));
    let (response, may_have_left) = send(&egress, &public(), request).await;
    assert_eq!(text(response.unwrap()).await.unwrap(), "ok");
    assert!(may_have_left);
    assert_eq!(between.heads(), ["CONNECT acme.example:443 HTTP/1.1\r\nHost: acme.example:443\r\n\r\n"]);
}

#[tokio::test]
async fn what_the_host_posts_goes_the_same_way() {
    let (port, root) = tls_server(&["acme.example"]).await;
    let between = Between::start(Says::Yes(port)).await;
    let egress = between.egress("", "", Hosts::default(), &[root]);
    let endpoint = Endpoint::new(&format!("{ACME}/hook?secret=SENTINEL"), false).unwrap();
    let posted = egress.post(&endpoint, HeaderMap::new(), Bytes::from_static(b"{}"), Duration::from_secs(30)).await;
    assert_eq!(posted, Ok(StatusCode::OK));
    assert_eq!(between.heads(), ["CONNECT acme.example:443 HTTP/1.1\r\nHost: acme.example:443\r\n\r\n"]);
    let untrusted = between.egress("", "", Hosts::default(), &[]);
    let refused = untrusted.post(&endpoint, HeaderMap::new(), Bytes::new(), Duration::from_secs(30)).await;
    assert_eq!(refused, Err(ExchangeFailure::TlsFailed));
}

#[tokio::test]
async fn a_proxy_is_told_who_asks_if_its_url_says_so() {
    let (port, root) = tls_server(&["acme.example"]).await;
    let between = Between::start(Says::Yes(port)).await;
    let egress = between.egress("user:p%40ss@", "", Hosts::default(), &[root]);
    let (response, _) = send(&egress, &public(), get(ACME)).await;
    assert_eq!(text(response.unwrap()).await.unwrap(), "ok");
    // user:p@ss
    assert!(between.heads()[0].contains("\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n"), "{:?}", between.heads());
}

#[tokio::test]
async fn a_proxy_cannot_pass_for_the_host() {
    let (port, _) = tls_server(&["acme.example"]).await;
    let between = Between::start(Says::Yes(port)).await;
    let egress = between.egress("", "", Hosts::default(), &[]);
    let (result, may_have_left) = send(&egress, &public(), post(ACME, "{}")).await;
    let error = result.map(|_| ()).unwrap_err();
    assert!(matches!(error, Error::TlsCertificateError) && !may_have_left, "{error:?}");
}

#[tokio::test]
async fn nothing_has_left_where_the_proxy_gives_no_tunnel() {
    let long: &'static str = Box::leak(format!("HTTP/1.1 200 OK\r\nx: {}\r\n", "y".repeat(20_000)).into_boxed_str());
    for answer in [
        "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200",
        "no HTTP\r\n\r\n",
        "",
        long,
    ] {
        let between = Between::start(Says::No(answer)).await;
        let egress = between.egress("", "", Hosts::default(), &[]);
        let (result, may_have_left) = send(&egress, &public(), post(ACME, "{}")).await;
        let error = result.map(|_| ()).unwrap_err();
        assert!(!may_have_left && between.heads().len() == 1, "{error:?}");
        let is_unsent = matches!(error, Error::ConnectionRefused | Error::TlsProtocolError);
        assert!(is_unsent, "{}: {error:?}", &answer[..answer.len().min(40)]);
    }
}

#[tokio::test]
async fn loopback_exceptions_and_known_names_are_reached_without_it() {
    let (port, root) = tls_server(&["localhost", "acme.example"]).await;
    let between = Between::start(Says::No("")).await;
    let origin = format!("https://localhost:{port}");
    let egress = between.egress("", "", Hosts::default(), std::slice::from_ref(&root));
    let (response, _) = send(&egress, &policy(&origin), get(&origin)).await;
    assert_eq!(text(response.unwrap()).await.unwrap(), "ok");

    let stand_ins = StandIns::default();
    let _standing = stand_ins.stand("acme.example", SocketAddr::from(([127, 0, 0, 1], port)));
    let egress = between.egress("", "", Hosts::new(Default::default(), stand_ins), &[root]);
    let (response, _) = send(&egress, &public(), get(ACME)).await;
    assert_eq!(text(response.unwrap()).await.unwrap(), "ok");

    let nowhere = Hosts::new([("acme.example".to_owned(), Vec::new())].into(), StandIns::default());
    let (result, _) = send(&between.egress("", "", nowhere, &[]), &public(), get(ACME)).await;
    assert!(matches!(result.map(|_| ()).unwrap_err(), Error::DnsError { .. }));
    for exceptions in ["*", "acme.example"] {
        let (result, _) = send(&between.egress("", exceptions, Hosts::default(), &[]), &public(), get(ACME)).await;
        assert!(matches!(result.map(|_| ()).unwrap_err(), Error::DnsError { .. } | Error::DnsTimeout), "{exceptions}");
    }
    assert_eq!(between.heads(), [""; 0]);
}

#[tokio::test]
async fn addresses_that_are_not_public_stay_refused() {
    let between = Between::start(Says::No("")).await;
    for host in ["https://10.0.0.1", "https://[fd00::1]", "https://a.localhost"] {
        let policy = EgressPolicy::origins([host.parse::<Origin>().unwrap()]);
        let egress = between.egress("", "", Hosts::default(), &[]);
        let (result, may_have_left) = send(&egress, &policy, get(host)).await;
        let error = result.map(|_| ()).unwrap_err();
        let is_refused = matches!(
            error,
            Error::DestinationIpProhibited | Error::DnsError { .. } | Error::DnsTimeout | Error::HttpRequestDenied
        );
        assert!(is_refused && !may_have_left, "{host}: {error:?}");
    }
    assert_eq!(between.heads(), [""; 0]);
}
