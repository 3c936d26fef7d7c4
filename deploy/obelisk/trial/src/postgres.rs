//! A PostgreSQL cluster in a temporary folder, reachable by a Unix socket in it. Obelisk's settings know no port; where the
//! socket is, is enough.

use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Who owns the databases.
pub(crate) const USER: &str = "obelisk";

/// A running cluster. Dropping it ends it.
pub(crate) struct Postgres {
    _server: Child,
    folder: TempDir,
}

impl Postgres {
    /// Makes a cluster with the programs in this folder and waits until it takes connections.
    pub(crate) async fn start(programs: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("obelisk-trial-postgres-").tempdir().unwrap();
        let data = folder.path().join("data");
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status().await.unwrap();
            assert!(owned.success(), "PostgreSQL does not run as root, and there is no user `postgres`");
        }
        let made = as_its_user(&programs.join("initdb"))
            .args(["--auth=trust", "--no-sync", "--encoding=UTF8", "--username", USER, "--pgdata"])
            .arg(&data)
            .stdout(Stdio::null())
            .current_dir("/")
            .status()
            .await
            .unwrap();
        assert!(made.success(), "initdb failed");
        let mut server = as_its_user(&programs.join("postgres"))
            .args(["-c", "listen_addresses=", "-c", "max_connections=200", "-c"])
            .arg(format!("unix_socket_directories={}", folder.path().display()))
            .arg("-D")
            .arg(&data)
            .stderr(Stdio::piped())
            .current_dir("/")
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        while let Some(line) = log.next_line().await.unwrap() {
            if line.contains("ready to accept connections") {
                // It must be able to go on writing.
                tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
                return Self { _server: server, folder };
            }
            said.push(line);
        }
        panic!("PostgreSQL did not start:\n{}", said.join("\n"));
    }

    /// What the engine's setting `host` takes.
    pub(crate) fn host(&self) -> &Path {
        self.folder.path()
    }
}

/// PostgreSQL refuses to run as root.
fn as_its_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0)
}
