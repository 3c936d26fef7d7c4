//! Obelisk servers as processes, and executions through their API.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use mock_salesforce::MockSalesforce;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::org;
use crate::postgres::USER;
use crate::site::Site;

/// A running server with an address and a cache folder of its own. Dropping it kills it.
pub(crate) struct Server {
    process: Child,
    api: String,
    obelisk: PathBuf,
    _cache: TempDir,
}

impl Server {
    /// Starts a server on this database and waits until it serves. Without a deployment it takes the active one.
    pub(crate) async fn start(site: &Site, database: &str, mock: &MockSalesforce, deployment: Option<&str>) -> Self {
        let cache = tempfile::Builder::new().prefix("obelisk-trial-cache-").tempdir().unwrap();
        // The engine does not tell which port it took, so it is given one that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(&site.obelisk);
        command.args(["server", "run", "--server-config"]).arg(site.file("server.toml"));
        if let Some(deployment) = deployment {
            command.arg("--deployment").arg(site.file(deployment));
        }
        let mut process = command
            .envs(settings(site, database, mock))
            .envs(site.registry.iter().map(|registry| ("SSL_CERT_FILE", registry.authority())))
            .env("OBELISK__API__LISTENING_ADDR", address.to_string())
            .env("OBELISK__WASM__CACHE_DIRECTORY", cache.path().join("wasm"))
            .env("OBELISK__WASM__CODEGEN_CACHE__DIRECTORY", cache.path().join("codegen"))
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        while let Some(line) = log.next_line().await.unwrap() {
            if line.contains("Obelisk is ready") {
                // It must be able to go on writing.
                tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
                return Self {
                    process,
                    api: format!("http://{address}"),
                    obelisk: site.obelisk.clone(),
                    _cache: cache,
                };
            }
            said.push(line);
        }
        panic!("the Obelisk server did not start:\n{}", said.join("\n"));
    }

    /// `kill -9`, and waits until it is gone.
    pub(crate) async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }

    /// Submits an execution and tells its id.
    pub(crate) async fn submit(&self, function: &str, parameters: &Value) -> String {
        let id = self.ask(&["generate", "execution-id"], &[]).await;
        let id = id.trim().to_owned();
        self.ask(&["execution", "submit", "--execution-id", &id], &[function, &parameters.to_string()]).await;
        id
    }

    /// Waits for the result of an execution: `ok`, `err` with the function's error, or `execution_failure`.
    pub(crate) async fn result(&self, id: &str) -> Value {
        let text = self.ask(&["execution", "result", "--follow", "--json"], &[id]).await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("expected the JSON of a result ({error}): {text}"))
    }

    async fn ask(&self, command: &[&str], arguments: &[&str]) -> String {
        let mut program = Command::new(&self.obelisk);
        program.args(command);
        if command.first() == Some(&"execution") {
            program.args(["--api-url", &self.api]);
        }
        let output = program.args(arguments).stdin(Stdio::null()).output().await.unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "obelisk {command:?} {arguments:?} failed: {told}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// What `server.toml` and the deployments ask of the environment.
fn settings(site: &Site, database: &str, mock: &MockSalesforce) -> Vec<(&'static str, String)> {
    let path = |path: &Path| path.display().to_string();
    vec![
        ("POSTGRES_HOST", path(site.postgres.host())),
        ("POSTGRES_USER", USER.to_owned()),
        ("POSTGRES_PASSWORD", "none is asked for".to_owned()),
        ("POSTGRES_DATABASE", database.to_owned()),
        ("SF_INSTANCE_URL", mock.url().to_owned()),
        ("SF_LOGIN_URL", mock.url().to_owned()),
        ("SF_ACCESS_TOKEN", org::access_token(mock)),
        ("SF_CLIENT_ID", org::CLIENT_ID.to_owned()),
        ("SF_CLIENT_SECRET", org::CLIENT_SECRET.to_owned()),
    ]
}
