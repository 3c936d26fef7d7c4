//! `cargo xtask obelisk`: the connector's activities on two Obelisk servers with one PostgreSQL, against a Salesforce that
//! misbehaves, with servers killed in the middle; then how fast it is, on one server and on two.
//!
//! ```text
//! main ── kill, load, grant, throughput ── site (folder with deployment and components)
//!                                        ├─ engine (obelisk processes, executions)
//!                                        ├─ postgres (a cluster of its own), registry (OCI)
//!                                        └─ org (the mock, in this process)
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a program for tests: what cannot go on stops it"
)]

mod engine;
mod grant;
mod kill;
mod load;
mod org;
mod postgres;
mod registry;
mod site;
mod throughput;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Runs the connector on Obelisk, kills servers, and counts
#[derive(Parser)]
struct Arguments {
    /// Write the components of the deployment into this folder, and do nothing else
    #[arg(long, value_name = "FOLDER")]
    components: Option<PathBuf>,
    /// The `obelisk` to run
    #[arg(long, value_name = "FILE", required_unless_present = "components")]
    obelisk: Option<PathBuf>,
    /// The folder with initdb and postgres
    #[arg(long, value_name = "FOLDER", required_unless_present = "components")]
    postgres: Option<PathBuf>,
    /// The root of the workspace
    #[arg(long, value_name = "FOLDER")]
    workspace: PathBuf,
    /// Put the activity into an OCI registry with this `wkg`, for the engine to take it from there
    #[arg(long, value_name = "FILE")]
    wkg: Option<PathBuf>,
    /// Executions of the measurement
    #[arg(long, value_name = "N", default_value = "1000")]
    executions: u32,
    /// Only whether it works: no measurement
    #[arg(long)]
    quick: bool,
}

/// What did not hold, in words; empty when everything did.
type Broken = Vec<String>;

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { components, obelisk, postgres, workspace, wkg, executions, quick } = Arguments::parse();
    if let Some(folder) = components {
        if !folder.is_dir() {
            eprintln!("error: --components: expected a folder that is there: {}", folder.display());
            return ExitCode::from(2);
        }
        site::build_components(&workspace, &folder);
        return ExitCode::SUCCESS;
    }
    let (obelisk, postgres) = obelisk.zip(postgres).unwrap();
    let site = site::Site::start(&workspace, obelisk, &postgres, wkg.as_deref()).await;
    let mut broken = kill::run(&site).await;
    broken.extend(load::run(&site).await);
    broken.extend(grant::run(&site).await);
    if !quick {
        broken.extend(throughput::run(&site, executions).await);
    }
    for words in &broken {
        println!("\nBROKEN PROMISE {words}");
    }
    println!("\n{}", if broken.is_empty() { "Every promise was kept." } else { "A promise was broken." });
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
