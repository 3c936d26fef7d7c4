//! An Extism plugin and what runs it, as a contestant. The plugin is compiled once; each call is a plugin instance of its
//! own, made and dropped for it.

mod plugin;

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use peer::{Org, serve, versions};

/// Does requests against an organisation and tells how long each took.
#[derive(Parser)]
struct Arguments {
    /// The plugin, a core WebAssembly module.
    plugin: PathBuf,
    #[command(flatten)]
    org: Org,
    /// As in the results.
    #[arg(long)]
    peer: String,
}

fn main() -> Result<()> {
    let Arguments { plugin, org, .. } = Arguments::parse();
    let made_of = versions(include_str!("../../Cargo.lock"), &["extism", "wasmtime", "ureq", "extism-pdk"]);
    let plugin = plugin::Calls::compile(&plugin, org)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(serve(&made_of, async |work| plugin.once(work)))
}
