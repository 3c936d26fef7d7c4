//! A server, and logins to it.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Child;

use bytes::Bytes;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use salesforce_server::Server;
use serde_json::Value;

use crate::fixture::{CLIENT_ID, CLIENT_SECRET, Org, PROGRAM, Run, USERNAME};

/// A server, and an org whose app has its callback URL.
pub(crate) struct Host {
    pub(crate) org: Org,
    pub(crate) server: Server,
    pub(crate) data: PathBuf,
    _directory: tempfile::TempDir,
}

impl Host {
    /// Without a connection.
    pub(crate) async fn bare() -> Host {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data"); // which the server makes for itself
        let server = Server::start(support::server::options(PROGRAM, &data)).await.unwrap();
        let org = Org::with_callback(server.callback_url()).await;
        Host { org, server, data, _directory: directory }
    }

    /// With a connection that is active.
    pub(crate) async fn connected() -> Host {
        let host = Host::bare().await;
        host.log_in("acme").await.done_but_for_stderr();
        host
    }

    /// The arguments that name the server, and these.
    pub(crate) fn arguments<'a>(&'a self, arguments: &[&'a str], token_file: &'a str) -> Vec<&'a str> {
        [&["--server", self.server.url(), "--token-file", token_file], arguments].concat()
    }

    pub(crate) fn token_file(&self) -> String {
        self.data.join("tenant-token").display().to_string()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let token = self.token_file();
        let run = self.org.run(&self.arguments(arguments, &token));
        let token = std::fs::read_to_string(token).unwrap();
        assert!(!run.stdout.contains(token.trim()) && !run.stderr.contains(token.trim()), "{run:?}");
        run
    }

    /// Logs in with `harness login`, whose user allows access.
    pub(crate) async fn log_in(&self, name: &str) -> Run {
        let (child, url, stderr) = self.begin(name);
        let redirect = get(&url, "").await;
        let cookie = redirect.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let query = self.org.mock.allow(redirect.headers()[LOCATION].to_str().unwrap(), USERNAME).unwrap();
        assert_eq!(get(&format!("{}?{query}", self.server.callback_url()), &cookie).await.status(), 200);
        self.end(child, stderr)
    }

    /// A login that waits for its user, who is sent to the URL.
    #[expect(clippy::zombie_processes, reason = "`end` waits for it")]
    pub(crate) fn begin(&self, name: &str) -> (Child, String, impl Read + use<>) {
        let token = self.token_file();
        let login = ["login", "--no-browser", "--client-id", CLIENT_ID, "--login-url", self.org.mock.url()];
        let login = [&login[..], &["--connection-name", name]].concat();
        let mut command = self.org.harness(&self.arguments(&login, &token));
        let mut child = command.env("SALESFORCE_CLIENT_SECRET", CLIENT_SECRET).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it ended: {said}");
            if line.trim().starts_with(self.server.url()) {
                return (child, line.trim().to_owned(), stderr);
            }
            said.push_str(&line);
        }
    }

    pub(crate) fn end(&self, child: Child, mut stderr: impl Read) -> Run {
        let mut run = self.org.finish(child, self.org.secrets());
        stderr.read_to_string(&mut run.stderr).unwrap();
        run
    }
}

impl Run {
    /// It ended well, whatever it said meanwhile.
    #[track_caller]
    pub(crate) fn done_but_for_stderr(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.json()
    }
}

pub(crate) async fn get(url: &str, cookie: &str) -> Response<Incoming> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    client.request(Request::get(url).header(COOKIE, cookie).body(Empty::new()).unwrap()).await.unwrap()
}
