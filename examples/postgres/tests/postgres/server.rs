//! A PostgreSQL of the test's own in a temporary folder, reachable by a Unix socket in it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A running server. Dropping it ends it.
pub(crate) struct Server {
    server: Child,
    folder: TempDir,
}

impl Server {
    /// Makes a cluster and waits until it takes connections. `POSTGRES_PROGRAMS` is the folder with `initdb` and `postgres`.
    pub(crate) fn start() -> Self {
        let programs = std::env::var_os("POSTGRES_PROGRAMS").expect(
            "POSTGRES_PROGRAMS names the folder with initdb and postgres: `cargo xtask postgres-store` finds it",
        );
        let folder = tempfile::Builder::new().prefix("postgres-store-").tempdir().unwrap();
        let data = folder.path().join("data");
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status().unwrap();
            assert!(owned.success(), "PostgreSQL does not run as root, and there is no user `postgres`");
        }
        let made = as_its_user(&Path::new(&programs).join("initdb"))
            .args(["--auth=trust", "--no-sync", "--no-locale", "--encoding=UTF8", "--username=postgres", "--pgdata"])
            .arg(&data)
            .stdout(Stdio::null())
            .current_dir("/")
            .status()
            .unwrap();
        assert!(made.success(), "initdb failed");
        let mut server = as_its_user(&Path::new(&programs).join("postgres"))
            .args(["-c", "listen_addresses=", "-c"])
            .arg(format!("unix_socket_directories={}", folder.path().display()))
            .arg("-D")
            .arg(&data)
            .stderr(Stdio::piped())
            .current_dir("/")
            .spawn()
            .unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap()).lines().map_while(Result::ok);
        let started = Self { server, folder };
        let said: Vec<_> = log.by_ref().take_while(|line| !line.contains("ready to accept connections")).collect();
        // It must be able to go on writing; a server that did not start has nothing more to say.
        std::thread::spawn(move || log.for_each(drop));
        std::os::unix::net::UnixStream::connect(started.folder().join(".s.PGSQL.5432"))
            .unwrap_or_else(|error| panic!("PostgreSQL did not start ({error}):\n{}", said.join("\n")));
        started
    }

    /// Where its socket is.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // At once, but with its shared memory given back.
        if let Some(pid) = Pid::from_raw(self.server.id().cast_signed())
            && kill_process(pid, Signal::INT).is_ok()
        {
            let _ = self.server.wait();
        }
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
    rustix::process::geteuid().is_root()
}
