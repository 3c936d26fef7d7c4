//! The processes behind a [`Browser`](crate::browser::Browser): `chromedriver`, and the Chromium that it starts.
//!
//! Both end when the driver is dropped, in a panic too.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tempfile::TempDir;
use tokio::sync::oneshot;

/// How long anything may take. It ends a test that would hang; no test measures it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How often to try to remove a folder.
const REMOVALS: usize = 100;

/// Names that Chromium and its relatives have, the preferred one first.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const DRIVERS: [&str; 1] = ["chromedriver"];

/// A running `chromedriver`.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    port: u16,
    /// Everything that the driver and the browser write.
    folder: TempDir,
    /// The browser that it started.
    browser: Option<Pid>,
}

impl Driver {
    /// Starts the driver on a port that is free.
    pub(crate) async fn start() -> Driver {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("chromedriver.log");
        let mut child = Command::new(program(&DRIVERS))
            .arg("--port=0")
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let port = port(child.stdout.take().unwrap());
        let mut driver = Driver { child, port: 0, folder, browser: None };
        driver.port = match tokio::time::timeout(PATIENCE, port).await {
            Ok(Ok(port)) => port,
            _ => panic!("chromedriver named no port: {}", std::fs::read_to_string(log).unwrap()),
        };
        driver
    }

    /// Where it takes commands.
    pub(crate) fn url(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// The folder for the browser's profile.
    pub(crate) fn profile(&self) -> PathBuf {
        self.folder.path().join("profile")
    }

    /// It started this browser.
    pub(crate) fn started(&mut self, browser: Pid) {
        self.browser = Some(browser);
    }

    /// Its process.
    pub(crate) fn process(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Lets the driver end its browser: answered when that is done.
    fn shut_down(&self) -> io::Result<()> {
        let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        match socket.read_to_end(&mut Vec::new())? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A driver that is killed leaves its browser running. The processes may be gone: that is what is wanted.
        if let (Err(_), Some(browser)) = (self.shut_down(), self.browser) {
            let _ = rustix::process::kill_process(browser, Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        // The last processes of a browser that was killed may be writing still.
        for _ in 0..REMOVALS {
            match std::fs::remove_dir_all(self.folder.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => std::thread::sleep(Duration::from_millis(20)),
                _ => break,
            }
        }
    }
}

/// The program for the browser itself.
pub(crate) fn chromium() -> PathBuf {
    program(&BROWSERS)
}

/// The first of these programs that is on PATH.
fn program(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates =
        names.iter().flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)));
    candidates.find(|candidate| candidate.is_file()).unwrap_or_else(|| {
        panic!(
            "expected {} on PATH: these tests run in a real browser. Debian: apt-get install chromium chromium-driver. \
             `cargo xtask test` installs them where it can, and says how elsewhere.",
            names.join(" or ")
        )
    })
}

/// The port that the driver will say it listens on. What it says is read to the end, so that it never waits for a reader.
fn port(stdout: ChildStdout) -> oneshot::Receiver<u16> {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let mut sender = Some(sender);
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let told = line.split_once("started successfully on port ").map(|(_, rest)| rest.trim_end_matches('.'));
            if let (Some(port), Some(sender)) =
                (told.and_then(|port| port.parse().ok()), sender.take_if(|_| told.is_some()))
            {
                // A test that failed meanwhile does not wait.
                let _ = sender.send(port);
            }
        }
    });
    receiver
}
