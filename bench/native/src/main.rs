//! The benchmark's native peers, driven over stdin and stdout: a line of JSON asks for work, a line answers with the
//! nanoseconds of each operation.
//!
//! `hyper` is the floor: it moves the bytes and looks at nothing. `reqwest` is what people write: the answer as a
//! `serde_json::Value`.

mod floor;
mod org;
mod typed;

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
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
    #[serde(default)]
    count: usize,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Work {
    Version,
    Create,
    GetFields,
    Page,
    Pages,
}

/// One line on stdout.
#[derive(Default, Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nanoseconds: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_rss: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// A client that is ready.
enum Peer {
    Floor(floor::Client),
    Typed(typed::Client),
}

fn main() -> Result<()> {
    let Arguments { url, token, ca, peer: name } = Arguments::parse();
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        bail!("a cryptography provider is installed already");
    }
    let org = Org { url, token, ca };
    let peer = match name {
        Name::Hyper => Peer::Floor(floor::Client::new(org, true)?),
        Name::HyperUnpooled => Peer::Floor(floor::Client::new(org, false)?),
        Name::Reqwest => Peer::Typed(typed::Client::new(org)?),
    };
    // One thread, as all contestants have: nobody's figures have wake-ups of another thread in them.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut stdout = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let request: Request = serde_json::from_str(&line?).context("a request is a line of JSON: work and count")?;
        let answer = match request.work {
            Work::Version => Ok(Answer { version: Some(version(name)), ..Answer::default() }),
            _ => runtime.block_on(peer.done(&request)),
        };
        let answer = answer.unwrap_or_else(|error| Answer { error: Some(format!("{error:#}")), ..Answer::default() });
        serde_json::to_writer(&mut stdout, &answer)?;
        writeln!(stdout)?;
        stdout.flush()?;
    }
    Ok(())
}

impl Peer {
    /// Does the work as often as it is asked for.
    async fn done(&self, request: &Request) -> Result<Answer> {
        if let Work::Pages = request.work {
            forget_peak()?;
        }
        let mut nanoseconds = Vec::with_capacity(request.count);
        for _ in 0..request.count {
            let start = Instant::now();
            match self {
                Self::Floor(client) => client.once(request.work).await?,
                Self::Typed(client) => client.once(request.work).await?,
            }
            nanoseconds.push(u64::try_from(start.elapsed().as_nanos())?);
        }
        Ok(Answer { nanoseconds, peak_rss: peak_rss(), ..Answer::default() })
    }
}

/// What a client is made of, as this program's lock file has it.
fn version(name: Name) -> String {
    let crates: &[&str] = match name {
        Name::Hyper | Name::HyperUnpooled => &["hyper", "hyper-util"],
        Name::Reqwest => &["reqwest", "serde_json"],
    };
    let locked = |name: &&str| {
        let (_, found) = include_str!("../Cargo.lock").split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(format!("{name} {}", found.split_once('"')?.0))
    };
    crates.iter().filter_map(locked).collect::<Vec<_>>().join(", ")
}

/// Lets the peak begin anew. Only Linux has such a file.
fn forget_peak() -> Result<()> {
    let file = Path::new("/proc/self/clear_refs");
    if file.exists() {
        std::fs::write(file, "5").context("cannot let the peak of memory begin anew")?;
    }
    Ok(())
}

/// The most memory that this process has had in place since, in bytes; none where Linux does not tell it.
fn peak_rss() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}
