//! One `harness serve` process, which can be killed at any moment.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Under which the connection URL is registered, whatever port a process listens on.
pub(crate) const PUBLIC_URL: &str = "https://harness.example";

/// A running process. Dropping it kills it.
pub(crate) struct Server {
    process: Child,
    url: String,
    /// How long it took until it answered.
    pub(crate) start: Duration,
    /// Open as long as the process may write to it.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a process on a data directory and waits until it serves. Its log goes to a file beside that directory.
    pub(crate) async fn start(harness: &Path, data: &Path, executions: u32, descriptors: Option<u32>) -> Server {
        let mut command = match descriptors {
            None => Command::new(harness),
            Some(descriptors) => {
                let mut command = Command::new("sh");
                command.arg("-c").arg(format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"")).arg(harness);
                command
            }
        };
        command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--allow-loopback-orgs"]);
        command.args(["--public-url", PUBLIC_URL, "--executions", &executions.to_string()]);
        command.arg("--data").arg(data);
        let log = data.with_file_name("server.log");
        tokio::task::spawn_blocking(move || {
            let started = Instant::now();
            let stderr = OpenOptions::new().create(true).append(true).open(&log).unwrap();
            let mut process = command
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(stderr)
                .spawn()
                .expect("cannot start harness");
            let mut stdout = BufReader::new(process.stdout.take().unwrap());
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            let Ok(reach) = serde_json::from_str::<Value>(&line) else {
                panic!("harness serve did not start:\n{}", std::fs::read_to_string(log).unwrap_or_default());
            };
            let url = format!("http://{}", reach["address"].as_str().unwrap());
            Server { process, url, start: started.elapsed(), _stdout: stdout }
        })
        .await
        .unwrap()
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether it has neither ended nor been killed.
    pub(crate) fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// `kill -9`, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// What of it is in memory, in KiB.
    pub(crate) fn resident_kib(&self) -> i64 {
        self.memory_kib("VmRSS:")
    }

    /// The most of it that ever was in memory, in KiB.
    pub(crate) fn peak_kib(&self) -> i64 {
        self.memory_kib("VmHWM:")
    }

    fn memory_kib(&self, what: &str) -> i64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _ended = self.process.wait();
    }
}
