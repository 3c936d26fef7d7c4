//! `login`: with a browser, with client credentials, and with a JWT.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use mock_salesforce::DEMO_PASSWORD;
use serde_json::json;

use crate::browser::{Arrival, Browser, Page};
use crate::fixture::{CLIENT_ID, CLIENT_SECRET, Org, Run, USERNAME, interrupt};

/// A login that waits for the browser.
struct Login {
    org: Org,
    child: Child,
    /// What it said until then.
    said: String,
    stderr: BufReader<std::process::ChildStderr>,
    /// Where it wants the browser to go.
    url: String,
}

impl Login {
    async fn start(change: impl FnOnce(&Org, &mut Command)) -> Login {
        // Nobody else takes the port so soon: the system gives out others first.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let callback = format!("http://localhost:{port}/2017-09-01/integrations/salesforce/sso");
        let org = Org::with_callback(&callback).await;
        let port = port.to_string();
        let mut command = org.harness(&["login", "--no-browser", "--port", &port, "--client-id", CLIENT_ID]);
        command.args(["--login-url", org.mock.url()]).env("SALESFORCE_CLIENT_SECRET", CLIENT_SECRET);
        change(&org, &mut command);
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let (mut said, mut url) = (String::new(), None);
        while url.is_none() {
            let mut line = String::new();
            assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it ended: {said}");
            url = line.trim().starts_with(org.mock.url()).then(|| line.trim().to_owned());
            said.push_str(&line);
        }
        Login { org, child, said, stderr, url: url.unwrap() }
    }

    /// Logs in at the mock; the consent page.
    async fn consent(&self, browser: &mut Browser) -> Page {
        let Ok(Arrival::Page(login)) = browser.open(&self.url).await else { panic!("no login page") };
        let credentials = [("username", USERNAME), ("password", DEMO_PASSWORD)];
        let Ok(Arrival::Page(consent)) = browser.submit(&login, &credentials, "Login").await else {
            panic!("no consent page")
        };
        consent
    }

    /// Logs in and decides; the callback the mock sends the browser to.
    async fn decide(&self, button: &str) -> String {
        let mut browser = Browser::new(self.org.mock.url());
        let consent = self.consent(&mut browser).await;
        let Ok(Arrival::Elsewhere(callback)) = browser.submit(&consent, &[], button).await else {
            panic!("not sent back")
        };
        callback
    }

    /// Waits for the end.
    fn end(self) -> (Org, Run) {
        let Login { org, child, mut said, mut stderr, .. } = self;
        let mut run = org.finish(child, org.secrets());
        std::io::Read::read_to_string(&mut stderr, &mut said).unwrap();
        for secret in org.secrets() {
            assert!(!said.contains(&secret), "{secret} was shown: {said}");
        }
        run.stderr = said;
        (org, run)
    }
}

/// The browser goes to the callback and gets a page.
async fn visit(callback: &str) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let response = client.get(callback.parse().unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    let page = response.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&page).contains("Back to the terminal"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_logs_in_with_a_browser() {
    let login = Login::start(|_, _| {}).await;
    visit(&login.decide("oaapprove").await).await;
    let (org, run) = login.end();
    assert_eq!(run.code, Some(0), "{run:?}");
    let printed = run.json();
    assert_eq!((&printed["username"], &printed["refreshable"]), (&json!(USERNAME), &json!(true)));
    assert_eq!(printed["signature_verified"], json!(true));
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(org.connection_file()).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(org.run(&["user-info"]).done()["username"], json!(USERNAME));
    org.run(&["refresh"]).done();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_may_be_in_a_file_and_the_request_is_as_asked() {
    let login = Login::start(|org, command| {
        let file = org.file("secret.txt", &format!("{CLIENT_SECRET}\n"));
        command.env_remove("SALESFORCE_CLIENT_SECRET").arg("--client-secret-file").arg(file);
        command.args(["--scope", "api", "--prompt", "login", "--login-hint", USERNAME, "--api-version", "v60.0"]);
    })
    .await;
    let (_, query) = login.url.split_once('?').unwrap();
    let asked: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    for (name, value) in [("scope", "api"), ("prompt", "login"), ("login_hint", USERNAME)] {
        assert!(asked.contains(&(name.to_owned(), value.to_owned())), "{asked:?}");
    }
    visit(&login.decide("oaapprove").await).await;
    let (org, run) = login.end();
    assert_eq!((run.code, &run.json()["refreshable"]), (Some(0), &json!(false)), "{run:?}");
    assert_eq!(org.connection()["api_version"], json!("v60.0"));
    org.run(&["soql-query", "SELECT COUNT() FROM Account"]).done();
    assert_eq!(org.mock.ledger().requests("GET", "/services/data/v60.0/query"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_declines_is_told_so() {
    let login = Login::start(|_, _| {}).await;
    visit(&login.decide("oadeny").await).await;
    let (org, run) = login.end();
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("access-denied"), "{run:?}");
    assert!(!org.connection_file().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_was_not_asked_for_is_not_believed() {
    let login = Login::start(|_, _| {}).await;
    let callback = login.decide("oaapprove").await;
    let (address, query) = callback.split_once('?').unwrap();
    let forged: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| if name == "state" { (name, "forged".into()) } else { (name, value) })
        .collect();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(forged).finish();
    visit(&format!("{address}?{query}")).await;
    let (org, run) = login.end();
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("untrusted-authorization"), "{run:?}");
    assert_eq!(org.mock.ledger().token_requests("authorization_code"), 0, "the code was not sent on");
    assert!(!org.connection_file().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_and_a_good_connection_stays() {
    let login = Login::start(|_, command| {
        command.env("SALESFORCE_CLIENT_SECRET", "SENTINEL-wrong");
    })
    .await;
    let kept = json!({"kept": true});
    login.org.connect(&kept);
    visit(&login.decide("oaapprove").await).await;
    let (org, run) = login.end();
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("invalid-client"), "{run:?}");
    assert_eq!(org.connection(), kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_the_wait() {
    let login = Login::start(|_, _| {}).await;
    interrupt(&login.child);
    let (org, run) = login.end();
    assert_eq!((run.code, run.stdout.as_str()), (Some(130), ""));
    assert!(!org.connection_file().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_told() {
    let org = Org::bare().await;
    let port = org.mock.address().port().to_string();
    let mut command = org.harness(&["login", "--client-id", CLIENT_ID, "--port", &port, "--no-browser"]);
    command.args(["--login-url", org.mock.url()]);
    let run = org.end(command);
    assert!(run.failed(12).contains(&format!("cannot listen on port {port}")), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_logs_in_by_itself() {
    let org = Org::bare().await;
    let jwt_key = org.jwt_key();
    let jwt_key = jwt_key.to_str().unwrap();
    for (flow, secret) in
        [(&["--client-credentials"][..], true), (&["--jwt-key", jwt_key, "--username", USERNAME], false)]
    {
        let mut command = org.harness(&["-vv", "login", "--client-id", CLIENT_ID, "--login-url", org.mock.url()]);
        command.args(flow);
        if secret {
            command.env("SALESFORCE_CLIENT_SECRET", CLIENT_SECRET);
        }
        let run = org.end(command);
        assert_eq!(run.code, Some(0), "{run:?}");
        let printed = run.json();
        assert_eq!((&printed["username"], &printed["refreshable"]), (&json!(USERNAME), &json!(false)));
        assert_eq!(org.run(&["user-info"]).done()["username"], json!(USERNAME));
    }
    let mut stranger = org.harness(&["login", "--client-id", CLIENT_ID, "--login-url", org.mock.url()]);
    stranger.args(["--jwt-key", jwt_key, "--username", "nobody@example.org"]);
    let run = org.end(stranger);
    assert!(run.failed(3).contains("access-denied"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_host_that_is_not_salesforces_is_warned_of() {
    let org = Org::bare().await;
    for (typed, warned) in [("login.invalid", true), (org.mock.url(), false)] {
        let mut login = org.harness(&["login", "--client-id", CLIENT_ID, "--login-url", typed, "--client-credentials"]);
        login.env("SALESFORCE_CLIENT_SECRET", CLIENT_SECRET);
        let run = org.end(login);
        assert_eq!(run.stderr.contains("warning: login.invalid is not a host of Salesforce's"), warned, "{run:?}");
    }
}
