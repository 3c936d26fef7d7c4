//! A Salesforce whose answers are prepared, in a process of its own, so that what is measured is the callers.
//!
//! The first line on its standard output is JSON: `{"url": "http://127.0.0.1:40000", "ca": null}`, with TLS the path of
//! a file with the authority to trust. A line `usage` on its standard input is answered with
//! `{"nanoseconds": 12345}`, the processor time it has used so far; the end of standard input ends it.
//!
//! Not for: anything that depends on what a request says; that is the mock's.

mod accounts;
mod answers;
mod connection;
mod started;
mod tls;

use std::io::BufRead;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Resource, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpSocket};
use tokio_rustls::TlsAcceptor;

use crate::process;
pub(crate) use accounts::FIELDS;
use answers::Answers;
pub(crate) use answers::{LIMITS, PAGE, PAGES, page_bytes};
pub(crate) use started::Org;

/// Connections that may wait to be accepted; the kernel allows 4,096 as it is delivered.
const BACKLOG: u32 = 8_192;

/// How to answer.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// Speak HTTPS, with an authority made at start.
    #[arg(long)]
    pub(crate) tls: bool,
    /// Milliseconds that each answer takes.
    #[arg(long, default_value_t = 0)]
    pub(crate) latency_ms: u64,
}

/// The first line on standard output.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Address {
    /// Origin.
    pub(crate) url: String,
    /// Path of the authority to trust, in PEM.
    pub(crate) ca: Option<String>,
}

/// The answer to `usage`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Usage {
    nanoseconds: u64,
}

/// Serves until standard input ends.
pub(crate) fn run(options: Options) -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, rustix::process::Rlimit { current: limit.maximum, ..limit })?;
    // Half of the processors, for the others run the callers.
    let threads = available_parallelism().map_or(1, |all| (all.get() / 2).max(1));
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    // None of many requests waits longer than others.
    let runtime = runtime.worker_threads(threads).global_queue_interval(1).enable_all().build()?;
    let (tls, pem) = match options.tls {
        true => tls::for_loopback().map(|(tls, pem)| (Some(tls), Some(pem)))?,
        false => (None, None),
    };
    let ca = pem.map(|pem| -> Result<_> {
        let path = std::env::temp_dir().join(format!("bench-authority-{}.pem", std::process::id()));
        std::fs::write(&path, pem).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    });
    let ca = ca.transpose()?;

    let listener = runtime.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        socket.listen(BACKLOG)
    })?;
    let scheme = if options.tls { "https" } else { "http" };
    let url = format!("{scheme}://{}", listener.local_addr()?);
    let answers = Arc::new(Answers::prepare());
    runtime.spawn(accept(listener, tls, answers, Duration::from_millis(options.latency_ms)));
    println!("{}", serde_json::to_string(&Address { url, ca: ca.as_ref().map(|ca| ca.display().to_string()) })?);

    for line in std::io::stdin().lock().lines() {
        if line? == "usage" {
            println!("{}", serde_json::to_string(&Usage { nanoseconds: process::processor_time()? })?);
        }
    }
    ca.map(std::fs::remove_file).transpose()?;
    Ok(())
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, answers: Arc<Answers>, latency: Duration) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                eprintln!("org: cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            }
        };
        let (answers, tls) = (answers.clone(), tls.clone());
        tokio::spawn(async move {
            let _nodelay = stream.set_nodelay(true);
            // A client that hangs up is its own affair: it will say so.
            let _ended = match tls {
                None => connection::serve(stream, &answers, latency).await,
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => connection::serve(stream, &answers, latency).await,
                    Err(error) => Err(error),
                },
            };
        });
    }
}

/// Serves in this process for as long as its runtime lives.
#[cfg(test)]
pub(crate) async fn start_here() -> Address {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(accept(listener, None, Arc::new(Answers::prepare()), Duration::ZERO));
    Address { url, ca: None }
}
