//! The contestants. Each is a process of its own, also ours, so that none profits from what another has warmed up and
//! memory can be told apart.

mod default_host;
mod harness;
mod host;
mod list;
mod process;
mod protocol;
mod streams_host;

use std::path::PathBuf;

use anyhow::{Result, bail};

pub(crate) use list::{Setting, describe, named};
pub(crate) use process::Peer;
pub(crate) use protocol::{Answer, Request, Work};

/// Arguments of a contestant that is a component.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// `ours`, `ours-unpooled`, `ours-default-send`, `ours-streams`, or with `--component` any other name.
    #[arg(long)]
    peer: String,
    /// Origin of the organisation.
    #[arg(long)]
    url: String,
    /// Access token.
    #[arg(long)]
    token: String,
    /// Authority to trust, in PEM.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// Another component than ours.
    #[arg(long)]
    component: Option<PathBuf>,
}

/// Works off requests on standard input. One thread, so that no wake-up of another one is in anybody's figures.
pub(crate) fn run(options: Options) -> Result<()> {
    let Options { peer, url, token, ca, component } = options;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match peer.as_str() {
            "ours-default-send" => host::serve(default_host::DefaultHost::new(&url, &token)?).await,
            "ours-streams" => host::serve(streams_host::StreamsHost::new(&url, &token)?).await,
            "ours" | "ours-unpooled" | harness::HOSTED if component.is_some() => {
                bail!("{peer} is the component that is built in")
            }
            _ => {
                let pooled = peer != "ours-unpooled";
                let options = harness::Options { name: peer, component, pooled, url, token, ca };
                host::serve(harness::Harness::new(options)?).await
            }
        }
    })
}
