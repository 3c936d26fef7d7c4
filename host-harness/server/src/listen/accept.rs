//! Takes connections until the server ends. Nothing that a connection does, or that the system says, ends it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

use super::connection::{self, Ends, Patience};
use super::door::{Door, Place};
use super::news::Ending;

/// For the handshake of TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Until the next attempt when the system has no room for a connection.
const PAUSE: Duration = Duration::from_millis(50);
/// Clients that are turned away with words at the same moment, and how long one may take.
pub(super) const FAREWELLS: usize = 32;
const FAREWELL: Duration = Duration::from_secs(1);
/// What a client of plain HTTP reads that is turned away.
const TURNED_AWAY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/problem+json\r\ncontent-length: 209\r\nretry-after: 1\r\nconnection: close\r\n\r\n\
    {\"type\":\"/problems#too-many-connections\",\"title\":\"The server has no free connection\",\
    \"status\":503,\"detail\":\"all connections that it takes are in use\",\
    \"advice\":\"Connect again in a moment. Nothing was started.\"}";

/// Serves whoever connects.
pub(super) struct Accepting {
    pub(super) door: Arc<Door>,
    pub(super) router: Router,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) ends: Ends,
    pub(super) connections: TaskTracker,
    /// Clients that are being turned away with words; what is beyond them is only closed.
    pub(super) farewells: Arc<Semaphore>,
}

impl Accepting {
    pub(super) async fn run(self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                () = self.ends.soon.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.take(stream, peer),
                // The connection was given up before it was taken.
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::debug!(%error, "no connection could be accepted");
                    self.door.news.ended(Ending::NotAccepted);
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn take(&self, stream: TcpStream, peer: SocketAddr) {
        let Some(place) = self.door.enter(peer.ip()) else {
            if self.tls.is_none()
                && let Ok(permit) = Arc::clone(&self.farewells).try_acquire_owned()
            {
                self.connections.spawn(async move {
                    let _permit = permit;
                    let _overdue = tokio::time::timeout(FAREWELL, turn_away(stream)).await;
                });
            }
            return;
        };
        // Small answers are not held back for larger ones. A connection without it is slower, nothing else.
        let _ = stream.set_nodelay(true);
        let (router, ends) = (self.router.clone(), self.ends.clone());
        match self.tls.clone() {
            None => self.connections.spawn(connection::serve(stream, router, place, Patience::default(), ends)),
            Some(tls) => self.connections.spawn(async move {
                if let Some((stream, place)) = agreed(&tls, stream, place, &ends).await {
                    connection::serve(stream, router, place, Patience::default(), ends).await;
                }
            }),
        };
    }
}

/// Answers a client that sends its request, so that it does not take the answer for one to something else.
async fn turn_away(mut stream: TcpStream) {
    let mut some_of_it = [0; 4 << 10];
    if stream.read(&mut some_of_it).await.is_ok_and(|bytes| bytes > 0) && stream.write_all(TURNED_AWAY).await.is_ok() {
        let _ = stream.shutdown().await;
    }
}

async fn agreed(
    tls: &TlsAcceptor,
    stream: TcpStream,
    place: Place,
    ends: &Ends,
) -> Option<(tokio_rustls::server::TlsStream<TcpStream>, Place)> {
    let agreed = tokio::select! {
        agreed = tokio::time::timeout(HANDSHAKE, tls.accept(stream)) => agreed,
        () = place.seat.given_away.cancelled() => return None,
        () = ends.soon.cancelled() => return None,
    };
    match agreed {
        Ok(Ok(stream)) => Some((stream, place)),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a client did not speak TLS");
            None
        }
        Err(_elapsed) => {
            place.ended(Ending::Handshake);
            None
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ProblemKind;

    #[test]
    fn s08_who_is_turned_away_reads_a_whole_answer() {
        let text = std::str::from_utf8(TURNED_AWAY).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        let kind = ProblemKind::TooManyConnections;
        assert_eq!(problem["type"], format!("/problems#{}", kind.name()));
        assert_eq!((&problem["title"], &problem["advice"]), (&kind.title().into(), &kind.advice().into()));
        assert_eq!(problem["status"], kind.status().as_u16());
    }

    #[test]
    fn s08_what_one_connection_does_is_no_failure_of_the_system() {
        assert!(is_of_one_connection(&io::ErrorKind::ConnectionAborted.into()));
        let too_many_files = io::Error::from_raw_os_error(24);
        assert!(!is_of_one_connection(&too_many_files), "{too_many_files}");
    }
}
