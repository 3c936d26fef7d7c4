//! Bodies that pass through, as components with streams send them: as they come, and never whole if they are not.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::*;
use crate::egress::{ExchangeFailure, ExchangeObserver};

type Given = Result<Bytes, Error>;

/// A body that a test gives piece by piece.
struct Channel(mpsc::UnboundedReceiver<Given>);

impl Body for Channel {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.0.poll_recv(context).map_ok(Frame::data)
    }
}

fn channel() -> (mpsc::UnboundedSender<Given>, WasiBody) {
    let (give, given) = mpsc::unbounded_channel();
    (give, Channel(given).boxed_unsync())
}

fn piece(text: &'static str) -> Given {
    Ok(Bytes::from_static(text.as_bytes()))
}

fn given(pieces: impl IntoIterator<Item = Given>) -> WasiBody {
    let (give, body) = channel();
    pieces.into_iter().for_each(|piece| give.send(piece).unwrap());
    body
}

/// A server that the tests play themselves.
struct Peer {
    listener: TcpListener,
    origin: String,
}

impl Peer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, origin }
    }

    fn put(&self, announced: Option<u64>, body: WasiBody) -> Request<WasiBody> {
        let request = Request::put(&self.origin);
        let request = match announced {
            Some(length) => request.header("content-length", length),
            None => request,
        };
        request.body(body).unwrap()
    }

    /// Sends a request of which the server reads all that comes: how it ended, and what came.
    async fn exchange(&self, limits: EgressLimits, request: Request<WasiBody>) -> (Result<(), Error>, String) {
        let reading = async {
            let (mut connection, _) = self.listener.accept().await.unwrap();
            let mut came = Vec::new();
            while !came.ends_with(b"0\r\n\r\n") && connection.read_buf(&mut came).await.is_ok_and(|bytes| bytes > 0) {}
            _ = connection.write_all(OK.as_bytes()).await;
            String::from_utf8(came).unwrap()
        };
        let sending = async {
            let (egress, policy) = (streaming(limits), policy(&self.origin));
            send(&egress, &policy, request).await.0.map(drop)
        };
        tokio::join!(sending, reading)
    }
}

fn streaming(limits: EgressLimits) -> Arc<Egress> {
    Arc::new(Egress::new(limits, Bodies::Streamed, &[], (Hosts::default(), None), None).unwrap())
}

/// Reads until this has come.
async fn read_until(connection: &mut TcpStream, end: &str) -> String {
    let mut came = Vec::new();
    while !String::from_utf8_lossy(&came).contains(end) {
        assert!(connection.read_buf(&mut came).await.unwrap() > 0, "{}", String::from_utf8_lossy(&came));
    }
    String::from_utf8(came).unwrap()
}

#[tokio::test]
async fn a_body_goes_out_as_it_comes_and_ends_with_the_last_chunk() {
    let peer = Peer::start().await;
    let (give, body) = channel();
    let (egress, policy) = (streaming(EgressLimits::default()), policy(&peer.origin));
    give.send(piece("one")).unwrap();
    let playing = async {
        let (mut connection, _) = peer.listener.accept().await.unwrap();
        let head = read_until(&mut connection, "3\r\none\r\n").await;
        assert!(head.contains("\r\ntransfer-encoding: chunked\r\n") && !head.contains("content-length"), "{head}");
        give.send(piece("three")).unwrap();
        assert_eq!(read_until(&mut connection, "\r\n").await, "5\r\nthree\r\n");
        drop(give);
        assert_eq!(read_until(&mut connection, "0\r\n\r\n").await, "0\r\n\r\n");
        connection.write_all(OK.as_bytes()).await.unwrap();
    };
    let ((response, may_have_left), ()) = tokio::join!(send(&egress, &policy, peer.put(None, body)), playing);
    assert_eq!(text(response.unwrap()).await.unwrap(), "ok");
    assert!(may_have_left);
}

#[tokio::test]
async fn the_announced_length_is_the_only_one_and_is_held() {
    for pieces in [vec!["pie", "ces"], vec!["pieces"], vec!["", "pieces", ""]] {
        let server = Wire::start([vec![Step::Read, Step::write(OK)]]).await.unwrap();
        let origin = format!("http://{}", server.address());
        let body = given(pieces.into_iter().map(piece));
        let request = Request::put(&origin).header("content-length", 6).body(body).unwrap();
        let (response, _) = send(&streaming(EgressLimits::default()), &policy(&origin), request).await;
        assert_eq!(text(response.unwrap()).await.unwrap(), "ok");
        let [request] = server.requests().try_into().unwrap();
        assert_eq!(request.matches("content-length: 6\r\n").count(), 1, "{request}");
        assert!(request.ends_with("\r\n\r\npieces") && !request.contains("transfer-encoding"), "{request}");
    }
    for (announced, pieces, size) in
        [(7, vec!["pie", "ces"], 6), (5, vec!["pie", "ces"], 6), (5, vec!["piece", "s"], 6)]
    {
        // Its own, for a connection that nobody has taken yet would be the next one's.
        let peer = Peer::start().await;
        let request = peer.put(Some(announced), given(pieces.iter().copied().map(piece)));
        let sending = async { send(&streaming(EgressLimits::default()), &policy(&peer.origin), request).await.0 };
        let reading = async {
            let (mut connection, _) = peer.listener.accept().await.unwrap();
            let mut came = String::new();
            _ = connection.read_to_string(&mut came).await;
            came
        };
        let sent = tokio::select! {
            // The connection ends when this one does, so this one is looked at first.
            biased;
            // What is wrong with the first piece alone is found before there is a connection.
            sent = sending => sent,
            came = reading => panic!("{came}"),
        };
        assert!(matches!(sent, Err(Error::HttpRequestBodySize(Some(n))) if n == size), "{announced}: {sent:?}");
    }
    let peer = Peer::start().await;
    let twice = Request::put(&peer.origin).header("content-length", 3).header("content-length", 3);
    let (sent, left) =
        send(&streaming(EgressLimits::default()), &policy(&peer.origin), twice.body(given([piece("one")])).unwrap())
            .await;
    assert!(matches!(sent, Err(Error::HttpRequestBodySize(None))) && !left, "{sent:?}");
}

#[tokio::test]
async fn a_body_that_breaks_off_never_looks_complete() {
    for (announced, rest_of_chunk) in [(None, "\r\n"), (Some(6), "")] {
        let peer = Peer::start().await;
        let (give, body) = channel();
        give.send(piece("one")).unwrap();
        let playing = async {
            let (mut connection, _) = peer.listener.accept().await.unwrap();
            let mut came = read_until(&mut connection, "one").await;
            give.send(Err(Error::InternalError(None))).unwrap();
            connection.read_to_string(&mut came).await.unwrap();
            assert!(came.ends_with(&format!("one{rest_of_chunk}")), "{came}");
        };
        let (egress, policy) = (streaming(EgressLimits::default()), policy(&peer.origin));
        let ((sent, left), ()) = tokio::join!(send(&egress, &policy, peer.put(announced, body)), playing);
        assert!(matches!(sent, Err(Error::InternalError(None))) && left, "{sent:?}");
    }
}

#[tokio::test]
async fn a_body_over_the_cap_is_not_completed() {
    let peer = Peer::start().await;
    let limits = EgressLimits { streamed_body_bytes: 5, ..EgressLimits::default() };
    let (sent, came) = peer.exchange(limits.clone(), peer.put(None, given(["one", "two"].map(piece)))).await;
    assert!(matches!(sent, Err(Error::HttpRequestBodySize(Some(6)))), "{sent:?}");
    assert!(!came.contains("0\r\n\r\n"), "{came}");
    // What is known to be too long is not begun.
    let (sent, left) =
        send(&streaming(limits), &policy(&peer.origin), peer.put(Some(6), given(["one", "two"].map(piece)))).await;
    assert!(matches!(sent, Err(Error::HttpRequestBodySize(Some(6)))) && !left, "{sent:?}");
}

#[tokio::test]
async fn a_component_that_fails_before_its_first_piece_has_sent_nothing() {
    let peer = Peer::start().await;
    let body = given([piece(""), Err(Error::InternalError(None))]);
    let (sent, left) = send(&streaming(EgressLimits::default()), &policy(&peer.origin), peer.put(None, body)).await;
    assert!(matches!(sent, Err(Error::InternalError(None))) && !left, "{sent:?}");
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_body_counts() {
    let refusal = "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\nno";
    for body_ends in [false, true] {
        let peer = Peer::start().await;
        let (give, body) = channel();
        give.send(piece("one")).unwrap();
        let playing = async {
            let (mut connection, _) = peer.listener.accept().await.unwrap();
            read_until(&mut connection, "one\r\n").await;
            connection.write_all(refusal.as_bytes()).await.unwrap();
            connection
        };
        let (egress, policy) = (streaming(EgressLimits::default()), policy(&peer.origin));
        let ((response, _), _connection) = tokio::join!(send(&egress, &policy, peer.put(None, body)), playing);
        let response = response.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        if body_ends {
            give.send(Err(Error::InternalError(None))).unwrap();
        }
        assert_eq!(text(response).await.unwrap(), "no");
    }
}

#[tokio::test]
async fn a_refusal_is_read_though_the_server_takes_no_more_and_has_closed() {
    const MUCH: Bytes = Bytes::from_static(&[b'x'; 64 << 10]);
    for _ in 0..20 {
        // It reads the head, and resets the connection when it closes it, for it has not read the body.
        let refusal = "HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\nno";
        let server = Wire::start([vec![Step::Read, Step::write(refusal)]]).await.unwrap();
        let origin = format!("http://{}", server.address());
        let body = given((0..64).map(|_| Ok(MUCH)));
        let request = Request::put(&origin).body(body).unwrap();
        let (response, _) = send(&streaming(EgressLimits::default()), &policy(&origin), request).await;
        let response = response.unwrap();
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(text(response).await.unwrap(), "no");
    }
}

#[tokio::test]
async fn a_server_that_takes_nothing_and_a_component_that_gives_nothing_are_not_waited_for_longer() {
    const MUCH: Bytes = Bytes::from_static(&[b'x'; 1 << 20]);
    let short = Duration::from_millis(100);
    let peer = Peer::start().await;
    let limits = EgressLimits { write_timeout: short, ..EgressLimits::default() };
    let body = given((0..64).map(|_| Ok(MUCH)));
    let (sent, left) = send(&streaming(limits), &policy(&peer.origin), peer.put(None, body)).await;
    assert!(matches!(sent, Err(Error::ConnectionWriteTimeout)) && left, "{sent:?}");

    let peer = Peer::start().await;
    let limits = EgressLimits { body_timeout: short, ..EgressLimits::default() };
    let (give, body) = channel();
    give.send(piece("one")).unwrap();
    let (sent, came) = peer.exchange(limits.clone(), peer.put(None, body)).await;
    assert!(matches!(sent, Err(Error::ConnectionWriteTimeout)), "{sent:?}");
    assert!(!came.contains("0\r\n\r\n"), "{came}");

    let (_give, body) = channel();
    let (sent, left) = send(&streaming(limits), &policy(&peer.origin), peer.put(None, body)).await;
    assert!(matches!(sent, Err(Error::ConnectionWriteTimeout)) && !left, "{sent:?}");
}

#[tokio::test]
async fn a_request_without_a_body_says_no_length() {
    let server = Wire::start([vec![Step::Read, Step::write(OK), Step::Repeat]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let egress = streaming(EgressLimits::default());
    let empty = Request::delete(&origin).header("content-length", 0).body(given([])).unwrap();
    for request in [get(&origin), empty] {
        let (response, _) = send(&egress, &policy(&origin), request).await;
        assert_eq!(text(response.unwrap()).await.unwrap(), "ok");
    }
    assert!(server.requests().iter().all(|request| !request.contains("transfer-encoding")), "{:?}", server.requests());
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn an_answer_has_the_limit_of_bodies_that_pass_through() {
    let server = Wire::start([vec![Step::Read, Step::write(OK), Step::Repeat]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    for (held, passing, is_whole) in [(1, 2, true), (2, 1, false)] {
        let limits =
            EgressLimits { response_body_bytes: held, streamed_body_bytes: passing, ..EgressLimits::default() };
        let (response, _) = send(&streaming(limits), &policy(&origin), get(&origin)).await;
        assert_eq!(response.is_ok(), is_whole, "{held} {passing}");
    }
}

#[tokio::test]
async fn the_bytes_that_left_are_told() {
    let (tell, told) = std::sync::mpsc::channel();
    let observer = ExchangeObserver::new(move |report| tell.send((report.bytes_sent, report.failure)).unwrap());
    let egress = Egress::new(EgressLimits::default(), Bodies::Streamed, &[], (Hosts::default(), None), Some(observer));
    let egress = Arc::new(egress.unwrap());
    for (last, end) in [(None, None), (Some(Err(Error::InternalError(None))), Some(ExchangeFailure::Abandoned))] {
        let peer = Peer::start().await;
        let body = given([piece("one"), piece("three")].into_iter().chain(last));
        let playing = async {
            let (mut connection, _) = peer.listener.accept().await.unwrap();
            let mut came = Vec::new();
            while !came.ends_with(b"0\r\n\r\n") && connection.read_buf(&mut came).await.is_ok_and(|bytes| bytes > 0) {}
            _ = connection.write_all(OK.as_bytes()).await;
        };
        let policy = policy(&peer.origin);
        let ((sent, _), ()) = tokio::join!(send(&egress, &policy, peer.put(None, body)), playing);
        if let Ok(response) = sent {
            assert_eq!(text(response).await.unwrap(), "ok");
        }
        let (bytes, failure) = told.try_recv().unwrap();
        assert_eq!(failure, end);
        assert!(if end.is_none() { bytes == 8 } else { bytes <= 8 }, "{bytes}");
    }
}

#[tokio::test]
async fn a_body_that_was_begun_is_never_begun_again() {
    for _ in 0..20 {
        let server = Wire::start([vec![Step::Read, Step::write(OK)], vec![Step::Read, Step::write(OK), Step::Repeat]]);
        let server = server.await.unwrap();
        let origin = format!("http://{}", server.address());
        let (egress, policy) = (streaming(EgressLimits::default()), policy(&origin));
        let (first, _) = send(&egress, &policy, get(&origin)).await;
        assert_eq!(text(first.unwrap()).await.unwrap(), "ok");
        // The server closes the connection that is kept meanwhile.
        let body = given(["one", "two"].map(piece));
        let request = Request::put(&origin).header("content-length", 6).body(body).unwrap();
        let (second, may_have_left) = send(&egress, &policy, request).await;
        match second {
            // Nothing had been taken of it, so it went out whole on another one.
            Ok(response) => assert_eq!(text(response).await.unwrap(), "ok"),
            Err(Error::HttpResponseIncomplete | Error::ConnectionTerminated) => assert!(may_have_left),
            Err(error) => panic!("{error:?}"),
        }
        let puts: Vec<_> = server.requests().into_iter().filter(|request| request.starts_with("PUT")).collect();
        assert!(puts.len() <= 1 && puts.iter().all(|request| request.ends_with("\r\n\r\nonetwo")), "{puts:?}");
    }
}
