//! Egress against real sockets.

mod at_once;
mod faults;
mod observed;
mod posted;
mod proxy;
mod seal;
mod streamed;
mod tls;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use mock_salesforce::wire::{Step, Wire};
use rustls::pki_types::CertificateDer;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::resolver::Hosts;
use super::{Bodies, Egress, EgressLimits, EgressPolicy, ExecutionEgress, Journal, Origin, Refusals};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn egress(limits: EgressLimits, roots: &[CertificateDer<'static>]) -> Arc<Egress> {
    Arc::new(Egress::new(limits, Bodies::Held, roots, (Hosts::default(), None), None).unwrap())
}

fn policy(origin: &str) -> EgressPolicy {
    EgressPolicy::origins([origin.parse::<Origin>().unwrap()]).allow_loopback()
}

fn get(uri: &str) -> Request<WasiBody> {
    Request::get(uri).body(body("")).unwrap()
}

fn post(uri: &str, content: &str) -> Request<WasiBody> {
    Request::post(uri).header("content-length", content.len()).body(body(content)).unwrap()
}

fn body(content: &str) -> WasiBody {
    Full::new(Bytes::from(content.to_owned())).map_err(|never| match never {}).boxed_unsync()
}

/// Sends as one execution does, and says whether anything may have left.
async fn send(
    egress: &Arc<Egress>,
    policy: &EgressPolicy,
    request: Request<WasiBody>,
) -> (Result<Response<WasiBody>, Error>, bool) {
    let journal = Journal::default();
    let mut execution = ExecutionEgress::new(egress.clone(), Arc::new(policy.clone()), journal.clone());
    let options = Some(RequestOptions::default());
    let sent = Box::into_pin(execution.send_request(request, options, Box::new(async { Ok(()) }))).await;
    (sent.map(|(response, _)| response), journal.close().may_have_left())
}

async fn text(response: Response<WasiBody>) -> Result<String, Error> {
    Ok(String::from_utf8(response.into_body().collect().await?.to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let server = Wire::start([vec![Step::Read, Step::write(OK), Step::Repeat]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let egress = egress(EgressLimits::default(), &[]);
    for _ in 0..20 {
        let (response, _) = send(&egress, &policy(&origin), get(&origin)).await;
        assert_eq!(text(response.unwrap()).await.unwrap(), "ok");
    }
    assert_eq!(server.requests().len(), 20);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn what_waits_for_a_request_is_closed_when_names_lead_elsewhere() {
    let serve = || vec![Step::Read, Step::write(OK), Step::Repeat];
    let server = Wire::start([serve(), serve()]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let egress = egress(EgressLimits::default(), &[]);
    for connections in [1, 2] {
        let (response, _) = send(&egress, &policy(&origin), get(&origin)).await;
        assert_eq!(text(response.unwrap()).await.unwrap(), "ok");
        assert_eq!(server.accepted(), connections);
        egress.close_idle();
    }
}

#[tokio::test]
async fn a_request_has_the_policys_host_and_an_exact_length() {
    let server = Wire::start([vec![Step::Read, Step::write(OK)]]).await.unwrap();
    let origin = format!("http://localhost:{}", server.address().port());
    let uri = format!("http://LOCALHOST:{}/path?a=b%20c", server.address().port());
    let pieces = Pieces(VecDeque::from(["pie", "ces"])).boxed_unsync();
    let request = Request::post(uri).header("x-test", "1").body(pieces).unwrap();
    let (response, may_have_left) = send(&egress(EgressLimits::default(), &[]), &policy(&origin), request).await;
    assert_eq!(text(response.unwrap()).await.unwrap(), "ok");
    assert!(may_have_left);
    let [request] = server.requests().try_into().unwrap();
    assert!(request.starts_with("POST /path?a=b%20c HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("\r\nhost: localhost:{}\r\n", server.address().port())), "{request}");
    assert!(request.contains("\r\ncontent-length: 6\r\n"), "{request}");
    assert!(!request.contains("transfer-encoding"), "{request}");
    assert!(request.ends_with("\r\n\r\npieces"), "{request}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let server = Wire::start([vec![Step::Read, Step::write(redirect)]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let (response, _) = send(&egress(EgressLimits::default(), &[]), &policy(&origin), get(&origin)).await;
    assert_eq!(response.unwrap().status(), StatusCode::FOUND);
}

#[tokio::test]
async fn stray_informational_answers_are_skipped() {
    let answer = format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n{OK}");
    let server = Wire::start([vec![Step::Read, Step::write(answer)]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let (response, _) = send(&egress(EgressLimits::default(), &[]), &policy(&origin), post(&origin, "{}")).await;
    assert_eq!(text(response.unwrap()).await.unwrap(), "ok");
}

#[tokio::test]
async fn a_content_coding_is_left_as_it_is() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\ngzip";
    let server = Wire::start([vec![Step::Read, Step::write(answer)]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let (response, _) = send(&egress(EgressLimits::default(), &[]), &policy(&origin), get(&origin)).await;
    let response = response.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert_eq!(text(response).await.unwrap(), "gzip");
}

#[tokio::test]
async fn what_the_policy_does_not_allow_reaches_no_socket() {
    let server = Wire::start([vec![Step::Read, Step::write(OK), Step::Repeat]]).await.unwrap();
    let open = format!("http://{}", server.address());
    let localhost = format!("http://localhost:{}", server.address().port());
    let egress = egress(EgressLimits::default(), &[]);
    let (warm, _) = send(&egress, &policy(&open), get(&open)).await;
    assert_eq!(text(warm.unwrap()).await.unwrap(), "ok");
    let accepted = server.accepted();

    let closed = EgressPolicy::origins([open.parse().unwrap(), localhost.parse().unwrap()]);
    for uri in [&open, &localhost] {
        let (refused, may_have_left) = send(&egress, &closed, get(uri)).await;
        assert!(matches!(refused, Err(Error::DestinationIpProhibited)), "{uri}: {refused:?}");
        assert!(!may_have_left);
    }
    for uri in [&localhost, "https://example.com/", "ftp://example.com/", "http://user@127.0.0.1/"] {
        let (refused, may_have_left) = send(&egress, &policy(&open), get(uri)).await;
        assert!(matches!(refused, Err(Error::HttpRequestDenied)), "{uri}: {refused:?}");
        assert!(!may_have_left);
    }
    for origin in ["https://10.0.0.1", "https://169.254.169.254", "https://[fd00::1]", "https://[::ffff:127.0.0.1]"] {
        let (refused, may_have_left) = send(&egress, &policy(origin), get(origin)).await;
        assert!(matches!(refused, Err(Error::DestinationIpProhibited)), "{origin}: {refused:?}");
        assert!(!may_have_left);
    }
    let tunnel = Request::connect(&open).body(body("")).unwrap();
    let (refused, _) = send(&egress, &policy(&open), tunnel).await;
    assert!(matches!(refused, Err(Error::HttpRequestDenied)), "{refused:?}");
    assert_eq!(server.accepted(), accepted);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_request_body_over_the_cap_or_of_the_wrong_length_is_not_sent() {
    let server = Wire::start([vec![Step::Read, Step::write(OK)]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let egress = egress(EgressLimits { request_body_bytes: 8, ..EgressLimits::default() }, &[]);
    let short = Request::post(&origin).header("content-length", 5).body(body("four")).unwrap();
    for (request, size) in [(post(&origin, "123456789"), 9), (short, 4)] {
        let (refused, may_have_left) = send(&egress, &policy(&origin), request).await;
        assert!(matches!(refused, Err(Error::HttpRequestBodySize(Some(n))) if n == size), "{refused:?}");
        assert!(!may_have_left);
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_closed_journal_lets_nothing_leave() {
    let server = Wire::start([vec![Step::Read, Step::write(OK)]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let journal = Journal::default();
    let egress = egress(EgressLimits::default(), &[]);
    let mut execution = ExecutionEgress::new(egress, Arc::new(policy(&origin)), journal.clone());
    let sending = execution.send_request(post(&origin, "{}"), None, Box::new(async { Ok(()) }));
    assert!(!journal.close().may_have_left());
    assert!(Box::into_pin(sending).await.is_err());
    assert_eq!(server.accepted(), 0);
}

/// Short, for tests in which a timeout is the result.
fn impatient() -> EgressLimits {
    let short = Duration::from_millis(100);
    EgressLimits {
        connect_timeout: short,
        first_byte_timeout: short,
        between_bytes_timeout: short,
        ..EgressLimits::default()
    }
}

/// A body of which nobody knows the length.
struct Pieces(VecDeque<&'static str>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(Bytes::from(piece)))))
    }
}
