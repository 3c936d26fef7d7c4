//! A TCP server that does exactly what a script says, for failures below HTTP: bad framing, resets in the middle,
//! trickled bytes, silence, and TLS that stalls or is not TLS. What is wrong within HTTP is a [`Fault`](crate::Fault) of
//! the mock itself.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::lock::lock;

/// What to do on a connection. After the last step it is closed in an orderly way (FIN).
#[derive(Debug, Clone)]
pub enum Step {
    /// Read one request, as long as its `content-length` says; end without a word if the client leaves first.
    Read,
    /// Write these bytes at once.
    Write(Vec<u8>),
    /// Write these bytes one by one, each in a packet of its own as far as the system goes along.
    Slices(Vec<u8>),
    /// Write these bytes one by one, again and again, with a pause before each, until the client leaves.
    Trickle(Vec<u8>, Duration),
    /// Keep the connection open and silent until the client leaves.
    Hang,
    /// End with RST. Within TLS it is the TCP connection below that is reset.
    Reset,
    /// Begin the script again.
    Repeat,
}

impl Step {
    /// [`Step::Write`].
    pub fn write(bytes: impl AsRef<[u8]>) -> Self {
        Self::Write(bytes.as_ref().to_vec())
    }

    /// How many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Write(bytes) | Self::Slices(bytes) | Self::Trickle(bytes, _) => bytes.len(),
            Self::Read | Self::Hang | Self::Reset | Self::Repeat => 0,
        }
    }
}

/// Plays scripts on loopback until it is dropped.
#[derive(Debug)]
pub struct Wire {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Wire {
    /// Connections get the scripts in turn; the last one is for all that follow. Without a script they are closed.
    ///
    /// # Errors
    ///
    /// There is no port to listen on.
    pub async fn start(scripts: impl IntoIterator<Item = Vec<Step>>) -> io::Result<Self> {
        Self::serve(scripts, None).await
    }

    /// The same within TLS.
    ///
    /// # Errors
    ///
    /// There is no port to listen on.
    pub async fn start_tls(scripts: impl IntoIterator<Item = Vec<Step>>, tls: TlsAcceptor) -> io::Result<Self> {
        Self::serve(scripts, Some(tls)).await
    }

    async fn serve(scripts: impl IntoIterator<Item = Vec<Step>>, tls: Option<TlsAcceptor>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (accepted, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let scripts: VecDeque<_> = scripts.into_iter().collect();
        let task = tokio::spawn(accept(listener, scripts, tls, accepted.clone(), requests.clone()));
        Ok(Self { address, accepted, requests, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections came.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// The requests that were read, whole, in the order in which they were complete.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        lock(&self.requests).clone()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    mut scripts: VecDeque<Vec<Step>>,
    tls: Option<TlsAcceptor>,
    accepted: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        accepted.fetch_add(1, Ordering::SeqCst);
        let last = scripts.front().filter(|_| scripts.len() == 1).cloned();
        let Some(script) = last.or_else(|| scripts.pop_front()) else { continue };
        let (tls, requests) = (tls.clone(), requests.clone());
        tokio::spawn(async move {
            // A client that left takes the rest of its script with it.
            let _ = connection(stream, tls, &script, &requests).await;
        });
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    script: &[Step],
    requests: &Mutex<Vec<String>>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match tls {
        None => {
            let mut stream = stream;
            if play(&mut stream, script, requests).await? == End::Reset {
                stream.set_zero_linger()?;
            }
        }
        Some(tls) => {
            let mut stream = tls.accept(stream).await?;
            match play(&mut stream, script, requests).await? {
                End::Reset => stream.get_ref().0.set_zero_linger()?,
                End::Close => stream.shutdown().await?,
            }
        }
    }
    Ok(())
}

/// How a script ends.
#[derive(PartialEq, Eq)]
pub(crate) enum End {
    Close,
    Reset,
}

/// Plays a script on a connection and says how it shall end.
pub(crate) async fn play(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    script: &[Step],
    requests: &Mutex<Vec<String>>,
) -> io::Result<End> {
    let mut steps = script.iter();
    while let Some(step) = steps.next() {
        match step {
            Step::Read => match read_request(stream).await? {
                Some(request) => lock(requests).push(request),
                None => break,
            },
            Step::Write(bytes) => write(stream, bytes).await?,
            Step::Slices(bytes) => {
                for byte in bytes {
                    write(stream, std::slice::from_ref(byte)).await?;
                    // The client gets its turn.
                    tokio::task::yield_now().await;
                }
            }
            Step::Trickle(bytes, pause) => {
                for byte in bytes.iter().cycle() {
                    tokio::time::sleep(*pause).await;
                    write(stream, std::slice::from_ref(byte)).await?;
                }
            }
            Step::Hang => while stream.read(&mut [0; 1024]).await? > 0 {},
            Step::Reset => return Ok(End::Reset),
            Step::Repeat => steps = script.iter(),
        }
    }
    Ok(End::Close)
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// The largest request that is read, in bytes.
const MOST_READ: usize = 4 * 1024 * 1024;

/// One request, or none if the client leaves before it is complete, or if it is too large.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<String>> {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= content_length(head)
        {
            return Ok(Some(text.into_owned()));
        }
        if request.len() > MOST_READ || stream.read_buf(&mut request).await? == 0 {
            return Ok(None);
        }
    }
}

fn content_length(head: &str) -> usize {
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    length.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answers(scripts: impl IntoIterator<Item = Vec<Step>>, clients: usize) -> Vec<String> {
        let wire = Wire::start(scripts).await.unwrap();
        let mut answers = Vec::new();
        for _ in 0..clients {
            let mut client = TcpStream::connect(wire.address()).await.unwrap();
            client.write_all(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}").await.unwrap();
            let mut answer = String::new();
            let read = client.read_to_string(&mut answer).await;
            answers.push(read.map_or_else(|error| error.kind().to_string(), |_| answer));
        }
        assert_eq!(wire.accepted(), clients);
        answers
    }

    #[tokio::test]
    async fn scripts_come_in_turn_and_the_last_one_stays() {
        let script = |text: &str| vec![Step::Read, Step::write(text)];
        assert_eq!(answers([script("one"), script("two")], 3).await, ["one", "two", "two"]);
        assert_eq!(answers([vec![Step::Read, Step::Slices(b"three".to_vec())]], 1).await, ["three"]);
    }

    #[tokio::test]
    async fn a_reset_is_seen_as_one() {
        assert_eq!(answers([vec![Step::Read, Step::Reset]], 1).await, ["connection reset"]);
    }
}
