//! The key changes while servers run: whatever they were doing ends well, and everything opens afterwards.

use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use salesforce_server::{KeySource, rotate_key};
use serde_json::json;

use crate::bounds::asleep;
use crate::browser::Browser;
use crate::client::Client;
use crate::fixture::{Connected, Fixture, until};
use crate::program::{self, Process, words_of_failure};
use crate::receiver::Receiver;

const ONE: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const TWO: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const PATIENCE: Duration = Duration::from_secs(60);

async fn rotate(data: &Path) -> usize {
    rotate_key(data, KeySource::in_directory(data), PATIENCE).await.unwrap()
}

fn keys(data: &Path) -> Vec<String> {
    std::fs::read_to_string(data.join("key")).unwrap().lines().map(str::to_owned).collect()
}

impl Connected {
    /// Every secret of the connection opens: access token, refresh token and client secret, and all can be encrypted.
    async fn works(&self, client: &Client) {
        client.execute(&self.count()).await.ended("succeeded");
        self.mock.expire_access_tokens();
        client.execute(&self.count()).await.ended("succeeded");
        assert_eq!(self.shown().await["state"], "active");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s02_a_refresh_that_is_under_way_during_a_rotation_ends_well() {
    let connected = Connected::start().await;
    let (_other, client) = connected.another().await;
    connected.mock.expire_access_tokens();
    let held = connected.mock.hold_refreshes();
    let running: Vec<_> = [&connected.tenant, &client]
        .map(|client| {
            let (client, body) = (client.clone(), connected.count());
            tokio::spawn(async move { client.execute(&body).await })
        })
        .into();
    until(async || connected.refreshes() == 1).await;
    let before = keys(connected.data.path());
    // Client secret, access token and refresh token: the old ones, for the new ones are still at the org. And what was
    // asked of each execution that waits for them.
    assert_eq!(rotate(connected.data.path()).await, 3 + running.len());
    drop(held);
    for execution in running {
        execution.await.unwrap().ended("succeeded");
    }
    assert_eq!((connected.refreshes(), &connected.shown().await["generation"]), (1, &2.into()));
    assert!(keys(connected.data.path()).len() == 1 && keys(connected.data.path()) != before);
    for client in [&connected.tenant, &client, &connected.another().await.1] {
        connected.works(client).await;
    }
    rotate(connected.data.path()).await;
    let path = format!("/v1/connections/{}/", connected.connection);
    connected.another().await.1.post(&format!("{path}refresh")).await.json(200);
    assert_eq!(connected.tenant.post(&format!("{path}revoke")).await.json(200)["state"], "revoked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s02_what_ran_during_rotations_stays_readable() {
    let connected = Connected::start().await;
    // Its report and its result, which is in pieces, are encrypted too.
    let query = asleep(&connected).await;
    let long = connected.tenant.execute(&query("large:600000")).await.ended("succeeded");
    let component = format!("/v1/components/{}", long["component"].as_str().unwrap());
    let report = connected.tenant.get(&component).await.json(200);
    assert_eq!(report["report"]["may_run"], true, "{report}");
    // So are the URL and the secret of a webhook.
    let receiver = Receiver::start([]).await;
    let webhook = connected.tenant.put_json("/v1/tenant/webhook", &json!({"url": receiver.url})).await.json(200);
    let process = Process::start(connected.data.path());
    let ended = std::sync::Arc::new(AtomicBool::new(false));
    let clients = [connected.tenant.clone(), Client::new(&process.url, Some(&connected.tenant_token()))];
    let running = clients.clone().map(|client| {
        let (body, ended) = (connected.count(), ended.clone());
        tokio::spawn(async move {
            let mut executions = Vec::new();
            while !ended.load(Ordering::Relaxed) || executions.len() < 3 {
                executions.push(client.execute(&body).await.ended("succeeded"));
            }
            executions
        })
    });
    for _ in 0..3 {
        connected.mock.expire_access_tokens();
        rotate(connected.data.path()).await;
    }
    ended.store(true, Ordering::Relaxed);
    let mut executions = vec![long];
    for task in running {
        executions.extend(task.await.unwrap());
    }
    let (_fresh, fresh) = connected.another().await;
    for execution in &executions {
        let path = format!("/v1/executions/{}", execution["id"].as_str().unwrap());
        for client in clients.iter().chain([&fresh]) {
            assert_eq!(client.get(&path).await.json(200)["result"], execution["result"], "{execution}");
        }
    }
    assert_eq!(fresh.get(&component).await.json(200), report);
    assert_eq!(fresh.get("/v1/tenant/webhook").await.json(200)["url"], webhook["url"]);
    assert_eq!(fresh.post("/v1/tenant/webhook/test").await.json(200)["delivered"], true);
    receiver.received(1).await[0].verified(webhook["secret"].as_str().unwrap());
    connected.works(&fresh).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s02_an_authorization_that_waits_for_its_user_survives_a_rotation() {
    let connected = Connected::start().await;
    let connection = connected.create(&connected.tenant, "waiting").await;
    let mut browser = Browser::new(connected.server.url());
    let location = browser.begin(&connected.authorize(&connected.tenant, &connection).await).await;
    rotate(connected.data.path()).await;
    rotate(connected.data.path()).await;
    let page = browser.get(&connected.allowed(&location)).await;
    assert_eq!(page.status, 200, "{page:?}");
    let shown = connected.tenant.get(&format!("/v1/connections/{connection}")).await.json(200);
    assert_eq!(shown["state"], "active", "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s02_a_rotation_that_is_killed_again_and_again_ends_well() {
    let connected = Connected::start().await;
    let data = connected.data.path();
    connected.tenant.execute_once("kept", &connected.count()).await.ended("succeeded");
    let mut random = fastrand::Rng::with_seed(2);
    for _ in 0..12 {
        let mut rotation = program::rotate_key(data, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(random.u64(0..900))).await;
        rotation.kill().unwrap();
        rotation.wait().unwrap();
        connected.tenant.execute(&connected.count()).await.ended("succeeded");
    }
    // Two at once, which both end well.
    let rotations = [(); 2].map(|()| program::rotate_key(data, &[]).stdout(Stdio::piped()).spawn().unwrap());
    for rotation in rotations {
        let output = tokio::task::spawn_blocking(move || rotation.wait_with_output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(keys(data).len(), 1);
    assert!(!data.join("key.new").exists());
    let (_fresh, fresh) = connected.another().await;
    for client in [&connected.tenant, &fresh] {
        client.execute_once("kept", &connected.count()).await.ended("succeeded");
        connected.works(client).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s02_a_given_key_is_changed_once_every_server_was_given_the_new_one() {
    let connected = Connected::with(|options| {
        options.key = KeySource::Given { current: ONE.to_owned().into(), previous: None };
    })
    .await;
    let words = words_of_failure(&rotation_of(connected.data.path()).await);
    assert!(words.contains("was given the old key alone") && words.contains("HARNESS_PREVIOUS_KEY"), "{words}");
    connected.works(&connected.tenant).await;

    let process = Process::with(connected.data.path(), &[("HARNESS_KEY", TWO), ("HARNESS_PREVIOUS_KEY", ONE)]);
    let client = Client::new(&process.url, Some(&connected.tenant_token()));
    connected.works(&client).await;
    words_of_failure(&rotation_of(connected.data.path()).await);
    let (body, token) = (connected.count(), connected.tenant_token());
    let Fixture { server, mock, data, .. } = connected.fixture;
    server.stop(PATIENCE).await;
    until(async || rotation_of(data.path()).await.status.success()).await;

    let words = Process::refused(data.path(), &[("HARNESS_KEY", ONE)]);
    assert!(words.contains("does not fit the data"), "{words}");
    let alone = Process::with(data.path(), &[("HARNESS_KEY", TWO)]);
    for url in [&process.url, &alone.url] {
        mock.expire_access_tokens();
        Client::new(url, Some(&token)).execute(&body).await.ended("succeeded");
    }
}

/// From one given key to the other.
async fn rotation_of(data: &Path) -> Output {
    let mut command = program::rotate_key(data, &[("HARNESS_KEY", TWO), ("HARNESS_PREVIOUS_KEY", ONE)]);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}
