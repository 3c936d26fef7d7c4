//! What a tenant that makes one execution at a time notices of another one that floods the server.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mock_salesforce::{Fault, Matcher, MockSalesforce};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::Broken;
use crate::client::{Client, query};
use crate::figures::{milliseconds, percentile, print};
use crate::org::API;
use crate::server::Server;
use crate::site::Site;

/// Places of the server: fewer than the flood wants, which alone could have 16 by its tenant's limit.
const PLACES: u32 = 8;
const FLOOD: usize = 64;
/// The org takes this long for each answer, so that places are what is scarce, and not this machine's processors.
const ANSWER: Duration = Duration::from_millis(20);
/// A flooding client that is turned away tries again after this, whatever the server asks for.
const AGAIN: Duration = Duration::from_millis(50);
const SHARES: [(&str, f64); 3] = [("p50", 0.50), ("p95", 0.95), ("p99", 0.99)];
/// Percentiles up to this one may grow by this much.
const BOUND: (f64, f64) = (0.95, 2.0);

/// What the flood has come to.
#[derive(Default)]
struct Flood {
    over: AtomicBool,
    executed: AtomicU64,
    turned_away: AtomicU64,
}

pub(crate) async fn run(harness: &Path, quick: bool) -> Broken {
    let (rounds, executions) = if quick { (1, 60) } else { (3, 300) };
    println!(
        "\nFairness: a tenant with {executions} executions, one after the other, alone and beside {FLOOD} clients of another \
         tenant;\n{PLACES} places, the org answers after {}; {rounds} round(s)",
        milliseconds(ANSWER)
    );
    let site = Site::new(harness, PLACES).await;
    let server = site.serve().await;
    let quiet = site.tenant(&server);
    let noisy = second_tenant(&site, &server).await;
    let submit = async |tenant| query(&site.connect(tenant).await, "SELECT Id FROM Account LIMIT 1");
    let (quiet_query, noisy_query) = (submit(&quiet).await, submit(&noisy).await);
    let mock = Arc::new(site.mock);
    let slow = tokio::spawn(slow(Arc::clone(&mock)));
    measure(&quiet, &quiet_query, 20).await;
    let (mut alone, mut flooded) = (Vec::new(), Vec::new());
    let mut flood_rate = Vec::new();
    for _ in 0..rounds {
        alone.push(measure(&quiet, &quiet_query, executions).await);
        let flood = Arc::new(Flood::default());
        let clients = begin(&noisy, &noisy_query, &flood);
        let began = Instant::now();
        flooded.push(measure(&quiet, &quiet_query, executions).await);
        let seconds = began.elapsed().as_secs_f64();
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed) as f64 / seconds;
        flood_rate.push((count(&flood.executed), count(&flood.turned_away)));
        flood.over.store(true, Ordering::Relaxed);
        clients.join_all().await;
    }
    slow.abort();
    for (executed, turned_away) in &flood_rate {
        print("the flood, executions a second / turned away a second", format!("{executed:.0} / {turned_away:.0}"));
    }
    let mut broken = Broken::new();
    for (name, share) in SHARES {
        let of = |phases: &[Vec<Duration>]| {
            let values: Vec<_> = phases.iter().map(|times| percentile(times, share)).collect();
            percentile(&values, 0.5)
        };
        let (alone, flooded) = (of(&alone), of(&flooded));
        let ratio = flooded.as_secs_f64() / alone.as_secs_f64();
        let figures = format!("{} / {} / {ratio:.2}", milliseconds(alone), milliseconds(flooded));
        print(&format!("{name} alone / beside the flood / ratio"), figures);
        if !quick && share <= BOUND.0 && ratio > BOUND.1 {
            broken.push(format!("fairness: {name} grew {ratio:.2} times, expected at most {}", BOUND.1));
        }
    }
    broken
}

/// The time of each of a number of executions, one after the other.
async fn measure(tenant: &Client, submit: &Value, executions: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..executions {
        let began = Instant::now();
        let answer = tenant.execute(submit, None).await.expect("the server is gone");
        assert!(answer.succeeded(), "the quiet tenant was turned away: {} {}", answer.status, answer.body);
        times.push(began.elapsed());
    }
    times
}

fn begin(tenant: &Client, submit: &Value, flood: &Arc<Flood>) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for _ in 0..FLOOD {
        let (tenant, submit, flood) = (tenant.clone(), submit.clone(), Arc::clone(flood));
        clients.spawn(async move {
            while !flood.over.load(Ordering::Relaxed) {
                let answer = tenant.execute(&submit, None).await.expect("the server is gone");
                if answer.succeeded() {
                    flood.executed.fetch_add(1, Ordering::Relaxed);
                } else {
                    assert_eq!(answer.status, 429, "{}", answer.body);
                    flood.turned_away.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(AGAIN).await;
                }
            }
        });
    }
    clients
}

/// Lets the org take its time for every call of its API.
async fn slow(mock: Arc<MockSalesforce>) {
    loop {
        for _ in mock.faults_waiting()..1_000 {
            mock.push_fault(Matcher::under(API), Fault::Delay(ANSWER));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Another tenant, its limits the default ones.
async fn second_tenant(site: &Site, server: &Server) -> Client {
    let administrator = site.administrator(server);
    let tenant = administrator.post("/v1/tenants", &json!({"name": "noisy"})).await;
    let id = tenant.body["id"].as_str().unwrap();
    let token = administrator.post(&format!("/v1/tenants/{id}/tokens"), &json!({"name": "flood"})).await;
    Client::new(server.url(), token.body["token"].as_str().unwrap())
}
