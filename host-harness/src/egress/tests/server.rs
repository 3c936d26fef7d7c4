//! A TCP server that does exactly what a test says, one script per connection.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What to do on a connection.
#[derive(Clone)]
pub(super) enum Step {
    /// Read one request, its Content-Length included.
    Read,
    /// Write these bytes.
    Write(Vec<u8>),
    /// Keep the connection open and silent until the other side closes it.
    Hang,
    /// End with RST. (The end of a script is FIN.)
    Reset,
    /// Begin the script again.
    Repeat,
}

pub(super) struct Server {
    pub(super) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

pub(super) fn write(bytes: impl AsRef<[u8]>) -> Step {
    Step::Write(bytes.as_ref().to_vec())
}

impl Server {
    /// Connections get the scripts in turn; the last one is for all that follow.
    pub(super) async fn start(scripts: impl IntoIterator<Item = Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (accepted, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let mut scripts: VecDeque<_> = scripts.into_iter().collect();
        let (counter, seen) = (accepted.clone(), requests.clone());
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                let script = if scripts.len() > 1 { scripts.pop_front().unwrap() } else { scripts[0].clone() };
                tokio::spawn(play(stream, script, seen.clone()));
            }
        });
        Self { address, accepted, requests, task }
    }

    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// The requests that were read, whole.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn play(mut stream: TcpStream, script: Vec<Step>, seen: Arc<Mutex<Vec<String>>>) {
    let mut steps = script.iter();
    while let Some(step) = steps.next() {
        match step {
            Step::Read => match read_request(&mut stream).await {
                Some(request) => seen.lock().unwrap().push(request),
                None => return,
            },
            Step::Write(bytes) => {
                if stream.write_all(bytes).await.is_err() {
                    return;
                }
            }
            Step::Hang => {
                let _closed = stream.read(&mut [0; 1024]).await;
                let _closed = stream.read(&mut [0; 1024]).await;
            }
            Step::Reset => {
                stream.set_zero_linger().unwrap();
                return;
            }
            Step::Repeat => steps = script.iter(),
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() >= length.parse().unwrap() {
                return Some(text);
            }
        }
        if stream.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    }
}
