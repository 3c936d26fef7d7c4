//! The benchmark's native peers, driven over stdin and stdout: a line of JSON asks for work, a line answers with the
//! nanoseconds of each operation.
//!
//! `hyper` is the floor: it moves the bytes and looks at nothing. `reqwest` is what people write: the answer as a
//! `serde_json::Value`.

mod floor;
mod org;
mod typed;

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::{Parser, ValueEnum};
use serde::{Deserialize, Serialize};

use org::Org;

/// Does requests against an organisation and tells how long each took.
#[derive(Parser)]
struct Arguments {
    /// Origin of the organisation, http or https.
    #[arg(long)]
    url: String,
    /// Access token.
    #[arg(long)]
    token: String,
    /// The only certificate authority to trust, as PEM.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// Which client does it.
    #[arg(long)]
    peer: Name,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// hyper with pooled connections.
    Hyper,
    /// hyper with a new connection for every request.
    HyperUnpooled,
    /// reqwest with `serde_json::Value`.
    Reqwest,
}

/// One line on stdin.
#[derive(Deserialize)]
struct Request {
    work: Work,
    #[serde(default = "one")]
    count: usize,
    #[serde(default = "query")]
    soql: String,
}

fn one() -> usize {
    1
}

fn query() -> String {
    "SELECT Id, Name FROM Account".to_owned()
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Work {
    Create,
    GetFields,
    Page,
    Pages,
}

/// One line on stdout.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Done {
        nanoseconds: Vec<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        peak_rss: Option<u64>,
    },
    Failed {
        error: String,
    },
}

/// A client that is ready.
enum Peer {
    Floor(floor::Client),
    Typed(typed::Client),
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        bail!("a cryptography provider is installed already");
    }
    let org = Org { url: arguments.url, token: arguments.token, ca: arguments.ca };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let peer = Arc::new(match arguments.peer {
        Name::Hyper => Peer::Floor(floor::Client::new(org, true)?),
        Name::HyperUnpooled => Peer::Floor(floor::Client::new(org, false)?),
        Name::Reqwest => Peer::Typed(typed::Client::new(org)?),
    });
    let mut stdout = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let request = serde_json::from_str(&line?).context("a request is a line of JSON with work and count")?;
        // On a worker, where the connections run: the thread that waits in `block_on` is none.
        let answer = match runtime.block_on(runtime.spawn(done(peer.clone(), request)))? {
            Ok(answer) => answer,
            Err(error) => Answer::Failed { error: format!("{error:#}") },
        };
        serde_json::to_writer(&mut stdout, &answer)?;
        writeln!(stdout)?;
        stdout.flush()?;
    }
    Ok(())
}

async fn done(peer: Arc<Peer>, request: Request) -> Result<Answer> {
    let mut nanoseconds = Vec::with_capacity(request.count);
    if let Work::Pages = request.work {
        forget_peak();
        let start = Instant::now();
        match &*peer {
            Peer::Floor(client) => client.pages(&request.soql).await?,
            Peer::Typed(client) => client.pages(&request.soql).await?,
        }
        nanoseconds.push(elapsed(start));
        return Ok(Answer::Done { nanoseconds, peak_rss: peak() });
    }
    for _ in 0..request.count {
        let start = Instant::now();
        match (&*peer, request.work) {
            (Peer::Floor(client), Work::Create) => client.create().await?,
            (Peer::Floor(client), Work::GetFields) => client.get_fields().await?,
            (Peer::Floor(client), _) => client.page(&request.soql).await?,
            (Peer::Typed(client), Work::Create) => client.create().await?,
            (Peer::Typed(client), Work::GetFields) => client.get_fields().await?,
            (Peer::Typed(client), _) => client.page(&request.soql).await?,
        }
        nanoseconds.push(elapsed(start));
    }
    Ok(Answer::Done { nanoseconds, peak_rss: None })
}

fn elapsed(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Starts the kernel's record of the largest resident size anew. Other systems than Linux keep none that can be reset.
fn forget_peak() {
    // Not allowed in some containers: the peak is then that of the whole process, which is never too small.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The largest resident size since then, in bytes.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}
