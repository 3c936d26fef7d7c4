//! Sockets: listening, TLS, and one HTTP/1.1 connection after the other. Not for what is answered.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::lock::lock;
use crate::pipeline::{Abandoned, Pipeline};
use crate::wire::{self, End, Step};

/// How long to wait after the operating system refused a connection, such as for want of file handles.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// Binds an address. For a loopback address the same port of the other family is bound too where that is possible, so
/// that `localhost` works whichever way it resolves. The first listener is the one asked for.
pub(crate) async fn bind(address: SocketAddr) -> io::Result<Vec<TcpListener>> {
    let listener = TcpListener::bind(address).await?;
    let other: Option<IpAddr> = match address.ip() {
        IpAddr::V4(Ipv4Addr::LOCALHOST) => Some(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::LOCALHOST) => Some(Ipv4Addr::LOCALHOST.into()),
        _ => None,
    };
    let port = listener.local_addr()?.port();
    let mut listeners = vec![listener];
    if let Some(ip) = other {
        listeners.extend(TcpListener::bind((ip, port)).await.ok());
    }
    Ok(listeners)
}

/// Accepts and serves until dropped; then all its connections end at once.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, pipeline: Arc<Pipeline>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, tls.clone(), Arc::clone(&pipeline)));
                }
                Err(_) => tokio::time::sleep(REFUSED_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, pipeline: Arc<Pipeline>) {
    // A client that is gone already shows itself at the first read.
    let _ = stream.set_nodelay(true);
    match tls {
        None => requests(stream, |stream| stream, pipeline).await,
        Some(acceptor) => {
            // A failed handshake is the client's to report: nothing arrived that the ledger could tell.
            if let Ok(stream) = acceptor.accept(stream).await {
                requests(stream, |stream: &TlsStream<TcpStream>| stream.get_ref().0, pipeline).await;
            }
        }
    }
}

async fn requests<S>(stream: S, tcp: fn(&S) -> &TcpStream, pipeline: Arc<Pipeline>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let script = Arc::new(Mutex::new(None));
    let scripts = Arc::clone(&script);
    let service = service_fn(move |request| {
        let (pipeline, scripts) = (Arc::clone(&pipeline), Arc::clone(&scripts));
        async move {
            let answer = pipeline.answer(request).await;
            *lock(&scripts) = match &answer {
                Err(Abandoned::Reset) => Some(vec![Step::Reset]),
                Err(Abandoned::Wire(steps)) => Some(steps.clone()),
                Ok(_) | Err(Abandoned::Closed) => None,
            };
            answer
        }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // An error here is an abandoned answer or a client that left: both are as they should be.
    let _ = (&mut connection).await;
    let Some(steps) = lock(&script).take() else { return };
    let mut stream = connection.into_parts().io.into_inner();
    // A client that left takes the rest of its script with it.
    match wire::play(&mut stream, &steps, &Mutex::default()).await {
        // Closing with zero linger makes the kernel send RST in place of FIN.
        Ok(End::Reset) => drop(tcp(&stream).set_zero_linger()),
        Ok(End::Close) => drop(stream.shutdown().await),
        Err(_) => {}
    }
}
