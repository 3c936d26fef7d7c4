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
use crate::figures::{median, milliseconds, percentile, print};
use crate::org::API;
use crate::site::Site;

/// Places of the server: fewer than the flood wants, which alone could have 16 by its tenant's limit.
const PLACES: u32 = 8;
const SOQL: &str = "SELECT Id FROM Account LIMIT 1";
const FLOOD: usize = 64;
/// The org takes this long for each answer, so that places are what is scarce, and not this machine's processors.
const ANSWER: Duration = Duration::from_millis(20);
/// What a flood is called, and after what time a client of it that was turned away comes back. The first does as the
/// server's `Retry-After` says, so all places are taken all the time. The second does not, and runs into its tenant's rate.
const FLOODS: [(&str, Duration); 2] = [("obedient", Duration::from_secs(1)), ("stubborn", Duration::from_millis(50))];
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
    let submit = query(&site.connect(&quiet).await, SOQL);
    let slow = tokio::spawn(slow(Arc::clone(&site.mock)));
    measure(&quiet, &submit, 20).await;
    let mut alone = Vec::new();
    let mut flooded = FLOODS.map(|_| Vec::new());
    for round in 0..rounds {
        alone.push(measure(&quiet, &submit, executions).await);
        for ((name, again), phases) in FLOODS.into_iter().zip(&mut flooded) {
            // A new tenant, whose rate nothing has been taken from yet.
            let noisy = site.new_tenant(&server, &format!("{name} {round}"), &json!({})).await;
            let noisy_query = query(&site.connect(&noisy).await, SOQL);
            let flood = Arc::new(Flood::default());
            let clients = begin(&noisy, &noisy_query, again, &flood);
            let began = Instant::now();
            phases.push(measure(&quiet, &submit, executions).await);
            let a_second = |of: &AtomicU64| of.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64();
            let rates = format!("{:.0} / {:.0}", a_second(&flood.executed), a_second(&flood.turned_away));
            print(&format!("{name} flood: executed / turned away, a second"), rates);
            flood.over.store(true, Ordering::Relaxed);
            clients.join_all().await;
        }
    }
    slow.abort();
    let mut broken = Broken::new();
    for ((flood, _), phases) in FLOODS.iter().zip(&flooded) {
        for (name, share) in SHARES {
            let (alone, flooded) = (over_rounds(&alone, share), over_rounds(phases, share));
            let ratio = flooded.as_secs_f64() / alone.as_secs_f64();
            let figures = format!("{} / {} / {ratio:.2}", milliseconds(alone), milliseconds(flooded));
            print(&format!("{name} alone / beside the {flood} flood / ratio"), figures);
            if !quick && share <= BOUND.0 && ratio > BOUND.1 {
                broken.push(format!(
                    "fairness, {flood} flood: {name} grew {ratio:.2} times, expected at most {}",
                    BOUND.1
                ));
            }
        }
    }
    broken
}

/// A percentile of each round's times, and of those the median.
pub(crate) fn over_rounds(rounds: &[Vec<Duration>], share: f64) -> Duration {
    let each: Vec<_> = rounds.iter().map(|times| percentile(times, share)).collect();
    median(&each)
}

/// The time of each of a number of executions, one after the other.
pub(crate) async fn measure(tenant: &Client, submit: &Value, executions: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..executions {
        let began = Instant::now();
        let answer = tenant.execute(submit, None).await.expect("the server is gone");
        assert!(answer.succeeded(), "the quiet tenant was turned away: {} {}", answer.status, answer.body);
        times.push(began.elapsed());
    }
    times
}

fn begin(tenant: &Client, submit: &Value, again: Duration, flood: &Arc<Flood>) -> JoinSet<()> {
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
                    tokio::time::sleep(again).await;
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
