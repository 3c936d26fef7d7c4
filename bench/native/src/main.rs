//! The benchmark's native peers.
//!
//! `hyper` is the floor: it moves the bytes and looks at nothing. `reqwest` is what people write: the answer as a
//! `serde_json::Value`.

mod floor;
mod typed;

use anyhow::{Result, bail};
use clap::{Parser, ValueEnum};
use peer::{Org, serve, versions};

/// Versions of all crates, as they were built in.
const LOCK: &str = include_str!("../Cargo.lock");

/// Does requests against an organisation and tells how long each took.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    org: Org,
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

fn main() -> Result<()> {
    let Arguments { org, peer } = Arguments::parse();
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        bail!("a cryptography provider is installed already");
    }
    // One thread, as all contestants have: nobody's figures have wake-ups of another thread in them.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match peer {
            Name::Hyper | Name::HyperUnpooled => {
                let client = floor::Client::new(org, matches!(peer, Name::Hyper))?;
                serve(&versions(LOCK, &["hyper", "hyper-util"]), async |work| client.once(work).await).await
            }
            Name::Reqwest => {
                let client = typed::Client::new(org)?;
                serve(&versions(LOCK, &["reqwest", "serde_json"]), async |work| client.once(work).await).await
            }
        }
    })
}
