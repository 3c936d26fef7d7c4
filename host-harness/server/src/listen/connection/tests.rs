//! Peers that do not do their part, over a pipe and with little patience. A test that fails waits for ever.

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;

use super::super::door::Door;
use super::super::news::News;
use super::*;

const MOMENT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(3600);
const PATIENT: Patience = Patience { head: LONG, body: LONG, reader: LONG };
/// More than a pipe and the buffers hold.
const LARGE: usize = 8 << 20;

/// A connection, its peer's end, and what ends it.
struct Fixture {
    door: Arc<Door>,
    peer: DuplexStream,
    serving: JoinHandle<()>,
    ends: Ends,
}

impl Fixture {
    fn new(patience: Patience) -> Fixture {
        let router = Router::new()
            .route("/hello", get(async || "hello"))
            .route("/length", post(async |body: Bytes| body.len().to_string()))
            .route("/large", get(async || vec![b'x'; LARGE]));
        let door = Door::new(1, None, News::default());
        let place = door.enter([192, 0, 2, 1].into()).unwrap();
        let (peer, io) = duplex(1024);
        let ends = Ends::default();
        let serving = tokio::spawn(serve(io, router, place, patience, ends.clone()));
        Fixture { door, peer, serving, ends }
    }

    async fn sends(&mut self, text: &str) {
        self.peer.write_all(text.as_bytes()).await.unwrap();
    }

    /// Everything until the connection ends, and why it did. Its place is free then.
    async fn read_to_end(mut self) -> (String, Vec<Ending>) {
        let mut text = Vec::new();
        self.peer.read_to_end(&mut text).await.unwrap();
        self.serving.await.unwrap();
        assert!(self.door.enter([192, 0, 2, 2].into()).is_some());
        (String::from_utf8(text).unwrap(), self.door.news.told())
    }
}

#[tokio::test]
async fn s08_half_a_head_ends_the_connection() {
    let mut fixture = Fixture::new(Patience { head: MOMENT, ..PATIENT });
    fixture.sends("GET /hello HTTP/1.1\r\nhost: x\r\nx-slow: ").await;
    assert_eq!(fixture.read_to_end().await, (String::new(), vec![Ending::HalfOpen]));
}

#[tokio::test]
async fn s08_an_idle_connection_ends_after_its_answers() {
    let mut fixture = Fixture::new(Patience { head: MOMENT, ..PATIENT });
    fixture.sends("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let (text, told) = fixture.read_to_end().await;
    assert!(text.ends_with("\r\n\r\nhello") && told.is_empty(), "{text} {told:?}");
}

#[tokio::test]
async fn s08_half_a_body_ends_the_connection() {
    let mut fixture = Fixture::new(Patience { body: MOMENT, ..PATIENT });
    fixture.sends("POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf").await;
    assert_eq!(fixture.read_to_end().await, (String::new(), vec![Ending::SlowBody]));
}

#[tokio::test]
async fn s08_a_reader_that_does_not_read_ends_the_connection() {
    let mut fixture = Fixture::new(Patience { reader: MOMENT, ..PATIENT });
    fixture.sends("GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await;
    // It reads nothing until the server has given up.
    (&mut fixture.serving).await.unwrap();
    let mut text = Vec::new();
    fixture.peer.read_to_end(&mut text).await.unwrap();
    assert!(text.len() < LARGE, "{}", text.len());
    assert_eq!(fixture.door.news.told(), [Ending::SlowReader]);
}

#[tokio::test]
async fn s08_who_does_its_part_slowly_is_served() {
    let mut fixture = Fixture::new(Patience { body: LONG, ..PATIENT });
    fixture.sends("POST /length HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 6\r\n\r\n").await;
    for letter in ["a", "b", "c", "d", "e", "f"] {
        fixture.sends(letter).await;
        tokio::task::yield_now().await;
    }
    assert!(fixture.read_to_end().await.0.ends_with("\r\n\r\n6"));
}

#[tokio::test]
async fn a_server_that_ends_answers_what_was_asked_and_no_more() {
    let mut fixture = Fixture::new(PATIENT);
    fixture.sends("POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n1").await;
    fixture.ends.soon.cancel();
    fixture.sends("2").await;
    assert!(fixture.read_to_end().await.0.ends_with("\r\n\r\n2"));
}

#[tokio::test]
async fn s08_a_connection_whose_place_is_given_away_ends() {
    let fixture = Fixture::new(PATIENT);
    let _newcomer = fixture.door.enter([192, 0, 2, 2].into()).unwrap();
    fixture.serving.await.unwrap();
}
