//! An org, a connection file to it, and runs of the program.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use mock_salesforce::{ConnectedApp, DEMO_PASSWORD, MockSalesforce, Tokens};
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};
pub(crate) use support::org::USERNAME;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_harness");
pub(crate) const CLIENT_ID: &str = "cli-test-app";
/// Percent-encoding leaves its beginning as it is, and that is what outputs are searched for.
pub(crate) const CLIENT_SECRET: &str = "SENTINEL+client/secret=%";
/// An app that has no secret.
pub(crate) const PUBLIC_CLIENT_ID: &str = "cli-test-public-app";
/// Long enough for a busy machine; only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A mock org, and a directory for files.
pub(crate) struct Org {
    pub(crate) mock: MockSalesforce,
    pub(crate) directory: tempfile::TempDir,
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Org {
    /// An org without a connection file.
    pub(crate) async fn bare() -> Org {
        Org::with_callback("http://localhost:8712/2017-09-01/integrations/salesforce/sso").await
    }

    /// The same, with an app that has this callback URL. Another app has no secret.
    pub(crate) async fn with_callback(url: &str) -> Org {
        let app = ConnectedApp {
            client_credentials_user: Some(USERNAME.to_owned()),
            jwt_public_key_pem: Some(
                include_str!("../../mock-salesforce/tests/http/data/jwt_public_key.pem").to_owned(),
            ),
            ..support::org::app(CLIENT_ID, CLIENT_SECRET, url)
        };
        let public = ConnectedApp { client_id: PUBLIC_CLIENT_ID.to_owned(), client_secret: None, ..app.clone() };
        let mock = MockSalesforce::builder().connected_app(app).connected_app(public).start().await.unwrap();
        Org { mock, directory: tempfile::tempdir().unwrap() }
    }

    /// An org and a connection file that is good.
    pub(crate) async fn connected() -> Org {
        let org = Org::bare().await;
        org.reconnect();
        org
    }

    /// Writes a connection file that is good.
    pub(crate) fn reconnect(&self) {
        let Tokens { access_token, refresh_token } = self.mock.issue_tokens(CLIENT_ID, USERNAME).unwrap();
        self.connect(&json!({
            "version": 1,
            "login_url": self.mock.url(),
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "instance_url": self.mock.url(),
            "access_token": access_token.expose(),
            "refresh_token": refresh_token.unwrap().expose(),
        }));
    }

    /// The same with an app that has no secret, and a session that has expired.
    pub(crate) async fn expired_without_a_secret() -> Org {
        let org = Org::connected().await;
        let Tokens { access_token, refresh_token } = org.mock.issue_tokens(PUBLIC_CLIENT_ID, USERNAME).unwrap();
        let mut document = org.connection();
        document["client_id"] = json!(PUBLIC_CLIENT_ID);
        document["access_token"] = json!(access_token.expose());
        document["refresh_token"] = json!(refresh_token.unwrap().expose());
        document.as_object_mut().unwrap().remove("client_secret");
        org.connect(&document);
        org.mock.expire_access_tokens();
        org
    }

    /// The same with a session that has expired.
    pub(crate) async fn expired() -> Org {
        let org = Org::connected().await;
        org.mock.expire_access_tokens();
        org
    }

    /// Writes the connection file, in one step as other programs see it.
    pub(crate) fn connect(&self, document: &Value) {
        let path = self.file("connection.json.new", &document.to_string());
        private(&path);
        std::fs::rename(path, self.connection_file()).unwrap();
    }

    pub(crate) fn connection_file(&self) -> PathBuf {
        self.path("connection.json")
    }

    /// What the connection file says; null if there is none.
    pub(crate) fn connection(&self) -> Value {
        std::fs::read_to_string(self.connection_file())
            .map_or(Value::Null, |text| serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, contents: &str) -> PathBuf {
        std::fs::write(self.path(name), contents).unwrap();
        self.path(name)
    }

    /// The private key of the app's JWT flow, in PEM.
    pub(crate) fn jwt_key(&self) -> PathBuf {
        let der = include_bytes!("../../mock-salesforce/tests/http/data/jwt_private_key.pk8");
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64_STANDARD.encode(der));
        self.file("jwt.pem", &pem)
    }

    /// The program with the connection file, in an environment of its own.
    pub(crate) fn harness(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.directory.path())
            // One for all tests, so that the component is compiled once.
            .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
            .env("SALESFORCE_CONNECTION", self.connection_file())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The same on a terminal of so many columns: `script` (util-linux) makes one.
    pub(crate) fn harness_on_a_terminal(&self, columns: u16, arguments: &[&str]) -> Command {
        let words: Vec<String> = arguments.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect();
        let harness = self.harness(&[]);
        let mut script = Command::new("script");
        let variables = harness.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        let command = format!("stty columns {columns}; exec '{PROGRAM}' {}", words.join(" "));
        script.args(["--quiet", "--return", "--command", &command, "/dev/null"]);
        script.env_clear().env("PATH", "/usr/bin:/bin").env("SHELL", "/bin/sh").env("NO_COLOR", "1").envs(variables);
        script.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        script
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.end(self.harness(arguments))
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = self.harness(arguments);
        let secrets = self.secrets();
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        // The program may not want it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        self.finish(child, secrets)
    }

    /// Runs a command to its end.
    pub(crate) fn end(&self, mut command: Command) -> Run {
        let secrets = self.secrets();
        self.finish(command.spawn().unwrap(), secrets)
    }

    /// Waits for a run that was started when these were the secrets.
    pub(crate) fn finish(&self, child: Child, secrets: Vec<String>) -> Run {
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        self.searched(Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }, secrets)
    }

    /// The run, searched for these secrets and those of the connection as it is now.
    pub(crate) fn searched(&self, run: Run, mut secrets: Vec<String>) -> Run {
        secrets.extend(self.secrets());
        for secret in secrets {
            assert!(!run.stdout.contains(&secret) && !run.stderr.contains(&secret), "{secret} was shown: {run:?}");
        }
        run
    }

    /// What must not be shown.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets = vec!["SENTINEL".to_owned(), DEMO_PASSWORD.to_owned()];
        for name in ["access_token", "refresh_token"] {
            if let Some(token) = self.connection()[name].as_str() {
                // An access token begins with the Id of the org, which is no secret.
                secrets.push(token.rsplit('!').next().unwrap_or_default().to_owned());
            }
        }
        secrets
    }

    /// How many requests for a query, or a page of one, came.
    pub(crate) fn queries(&self) -> usize {
        self.mock.ledger().entries().filter(|entry| entry.path.contains("/query")).count()
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.mock.ledger().token_requests("refresh_token")
    }
}

impl Run {
    /// It ended well and said nothing on standard error: the JSON it printed.
    #[track_caller]
    pub(crate) fn done(&self) -> Value {
        // The answer of a COUNT() is told beside JSON.
        let note = self.stderr.strip_prefix("note: the count is ").and_then(|told| told.split_once('\n'));
        let beside = note.map_or(self.stderr.as_str(), |(_, rest)| rest);
        assert_eq!((self.code, beside), (Some(0), ""), "{self:?}");
        self.json()
    }

    /// The one line of JSON on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It failed with this code, printed no result and told one error.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32) -> &str {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{self:?}");
        assert!(self.stderr.starts_with("error: "), "{self:?}");
        assert_eq!(self.stderr.matches("error: ").count(), 1, "{self:?}");
        assert!(!self.stderr.contains("panicked") && !self.stderr.contains('\u{1b}'), "{self:?}");
        &self.stderr
    }
}

/// Makes a file readable by its owner alone.
pub(crate) fn private(path: &Path) {
    mode(path, 0o600);
}

pub(crate) fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

/// Waits for something that happens in the mock.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let looking = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("it never happened");
}

/// Presses Ctrl-C.
pub(crate) fn interrupt(child: &Child) {
    send(child, Signal::INT);
}

pub(crate) fn send(child: &Child, signal: Signal) {
    rustix::process::kill_process(Pid::from_child(child), signal).unwrap();
}
