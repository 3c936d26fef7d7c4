//! `harness demo`: the whole connector, shown against a Salesforce in memory, or its reading part against a real org.
//!
//! The demo checks its own results and fails if a step did not do what it says.

mod browser;
mod connect;
mod read;
mod stage;
mod tour;
mod trouble;
mod write;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use salesforce_runtime::component;

use self::read::Org;
use self::stage::Stage;
use self::tour::Tour;
use crate::cli::{App, Connectors, Failure};
use salesforce_connections::ConnectionFile;

/// Show everything, step by step, without an account
///
/// Starts a Salesforce in memory, logs in as a user's browser would, and queries, reads and writes with the component in
/// wasmtime: what was asked, what came back, how long it took. Every step is checked; the exit code is 1 if one did not
/// do what it says. With --json, one line of JSON for each step.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  harness demo\n  harness demo --org ~/.config/salesforce-harness/connection.json")]
pub(crate) struct Demo {
    /// Run the steps that only read, against the real org of this connection file
    #[arg(long, value_name = "FILE")]
    org: Option<PathBuf>,
}

impl Demo {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let wasm = app.component()?;
        let description = component::describe(&wasm).map_err(|error| Failure::Local(error.to_string()))?;
        let start = Instant::now();
        let connectors = app.connectors()?;
        let stage = Stage::new(app.json());
        stage.headline("The Salesforce connector: a WebAssembly component, run in wasmtime")?;
        stage.line(&format!("{} KB, made ready in {}", description.size.div_ceil(1000), milliseconds(start)))?;
        let start = Instant::now();
        let stage = match self.org {
            Some(path) => real_org(stage, app, connectors, &path).await?,
            None => mock_org(stage, app, connectors).await?,
        };
        stage.headline(&format!("\n{} steps in {}, all as expected.", stage.steps(), milliseconds(start)))?;
        stage.line(&format!("All that the component can ask of its host: {}", description.imports.join(", ")))?;
        stage.line("\nNext:\n  harness mock                             the same org, for your own tries")?;
        stage.line("  harness login                            connect to a real org")?;
        stage.line("  harness component --out salesforce.wasm  the component itself")?;
        stage.line("  harness help                             the rest")
    }
}

async fn mock_org(mut stage: Stage, app: &App, connectors: Connectors) -> Result<Stage, Failure> {
    let options = app.call_options();
    let directory = tempfile::tempdir().map_err(|error| Failure::Local(format!("no temporary directory: {error}")))?;
    let mock = connect::start_mock(&mut stage).await?;
    let path = directory.path().join("connection.json");
    let file = connect::connect(&mut stage, &connectors.oauth, &mock, &path, options).await?;
    let mut tour = Tour::new(stage, connectors, file.clone(), options);
    read::read(&mut tour, Org::Seeded { accounts: mock.org(|org| org.count("Account")) }).await?;
    write::write(&mut tour, &mock).await?;
    trouble::refused_record(&mut tour).await?;
    trouble::expired_session(&mut tour, &mock, &file).await?;
    Ok(tour.stage)
}

async fn real_org(stage: Stage, app: &App, connectors: Connectors, path: &Path) -> Result<Stage, Failure> {
    let options = app.call_options();
    let file = ConnectionFile::at(path);
    let document = file.read().map_err(Failure::Connection)?;
    stage.line(&format!("Org: {}; nothing is written to it", document.instance_url()))?;
    let mut tour = Tour::new(stage, connectors, file, options);
    read::read(&mut tour, Org::Real).await?;
    Ok(tour.stage)
}

fn milliseconds(since: Instant) -> String {
    format!("{:.0} ms", since.elapsed().as_secs_f64() * 1000.0)
}
