//! What a tenant that makes one execution at a time notices of another one whose components are busy in all its places, or
//! are verified without end.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::Broken;
use crate::client::{Client, query};
use crate::fairness::{measure, over_rounds};
use crate::figures::{milliseconds, print};
use crate::site::Site;
use support::hostile::{SLEEPER, component};

const PLACES: u32 = 64;
/// As many as a tenant has places by default.
const AT_ONCE: usize = 16;
/// Components that a tenant uploads at once.
const UPLOADS: usize = 4;
/// Seconds of an execution of the busy tenant: one that is busy for ever ends then and is begun again.
const SECONDS: u32 = 30;
/// Longer than that nobody waits for the first one to end; and for what never ends, until all have had their first turns.
const UNDER_WAY: Duration = Duration::from_secs(20);
const FIRST_TURNS: Duration = Duration::from_millis(500);
const SOQL: &str = "SELECT Id FROM Account LIMIT 1";
const SHARES: [(&str, f64); 2] = [("p50", 0.50), ("p95", 0.95)];
/// Both may grow by this much.
const BOUND: f64 = 2.0;

/// What the busy tenant does.
const DEEDS: [(&str, &str, Duration); 4] = [
    ("busy loops", "loop", FIRST_TURNS),
    ("memory.copy loops", "copy", FIRST_TURNS),
    ("memory.fill loops", "fill", FIRST_TURNS),
    ("results of 7 MiB", "large:7340032", UNDER_WAY),
];

/// What a client does again and again, told how often it has done so.
type Act = Box<dyn Fn(u64) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// A busy tenant at work.
struct Busy {
    over: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    clients: JoinSet<()>,
}

pub(crate) async fn run(harness: &Path, quick: bool) -> Broken {
    let (rounds, executions) = if quick { (1, 40) } else { (3, 200) };
    println!(
        "\nBusy: a tenant with {executions} executions, one after the other, alone and beside {AT_ONCE} busy ones of another \
         tenant; {rounds} round(s)"
    );
    let site = Site::new(harness, PLACES).await;
    let server = site.serve().await;
    let quiet = site.tenant(&server);
    let quiet_query = query(&site.connect(&quiet).await, SOQL);
    let noisy = site.new_tenant(&server, "busy", &json!({"seconds": SECONDS})).await;
    let connection = site.connect(&noisy).await;
    let uploaded = noisy.upload(component(SLEEPER)).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.body);
    measure(&quiet, &quiet_query, 20).await;
    let mut alone = Vec::new();
    let mut beside: Vec<(&str, Vec<Vec<Duration>>)> = Vec::new();
    beside.extend(DEEDS.map(|(name, ..)| (name, Vec::new())));
    beside.push(("uploads", Vec::new()));
    for round in 0..rounds {
        alone.push(measure(&quiet, &quiet_query, executions).await);
        for (number, (name, phases)) in beside.iter_mut().enumerate() {
            let (busy, most) = match DEEDS.get(number) {
                Some((_, deed, most)) => (begin(&noisy, &connection, &uploaded.body["digest"], deed), *most),
                None => (begin_uploads(&noisy, round), UNDER_WAY),
            };
            busy.under_way(if quick { FIRST_TURNS } else { most }).await;
            phases.push(measure(&quiet, &quiet_query, executions).await);
            print(&format!("{name}: ended meanwhile"), busy.end().await);
        }
    }
    let mut broken = Broken::new();
    for (name, phases) in &beside {
        for (share_name, share) in SHARES {
            let (before, then) = (over_rounds(&alone, share), over_rounds(phases, share));
            let ratio = then.as_secs_f64() / before.as_secs_f64();
            let figures = format!("{} / {} / {ratio:.2}", milliseconds(before), milliseconds(then));
            print(&format!("{share_name} alone / beside {name} / ratio"), figures);
            if !quick && ratio > BOUND {
                broken.push(format!("busy, {name}: {share_name} grew {ratio:.2} times, expected at most {BOUND}"));
            }
        }
    }
    broken
}

/// Executions that are begun again whenever they end.
fn begin(tenant: &Client, connection: &str, digest: &Value, deed: &str) -> Busy {
    let mut submit = query(connection, &format!("SELECT Id FROM Account WHERE Name = 'hostile:{deed}'"));
    submit["component"] = digest.clone();
    Busy::begin(AT_ONCE, |_| {
        let (tenant, submit) = (tenant.clone(), submit.clone());
        Box::new(move |_| {
            let (tenant, submit) = (tenant.clone(), submit.clone());
            Box::pin(async move {
                let answer = tenant.execute(&submit, None).await.expect("the server is gone");
                assert!(matches!(answer.status, 200 | 429), "{} {}", answer.status, answer.body);
            })
        })
    })
}

/// Components that nobody has verified before, and that are thrown away then.
fn begin_uploads(tenant: &Client, round: usize) -> Busy {
    Busy::begin(UPLOADS, |client| {
        let tenant = tenant.clone();
        Box::new(move |number| Box::pin(upload(tenant.clone(), format!("loop when r{round}-{client}-{number}"))))
    })
}

/// The character is one that never acts.
async fn upload(tenant: Client, character: String) {
    let uploaded = tenant.upload(component(&character)).await;
    match uploaded.status {
        200 => {
            let digest = uploaded.body["digest"].as_str().unwrap();
            assert_eq!(tenant.delete(&format!("/v1/components/{digest}")).await.status, 204);
        }
        429 => tokio::time::sleep(Duration::from_millis(200)).await,
        status => panic!("{status} {}", uploaded.body),
    }
}

impl Busy {
    /// Each client does it until it is over.
    fn begin(clients: usize, of_client: impl Fn(usize) -> Act) -> Busy {
        let mut busy = Busy { over: Arc::default(), done: Arc::default(), clients: JoinSet::new() };
        for client in 0..clients {
            let (over, done, act) = (Arc::clone(&busy.over), Arc::clone(&busy.done), of_client(client));
            busy.clients.spawn(async move {
                let mut number = 0;
                while !over.load(Ordering::Relaxed) {
                    act(number).await;
                    number += 1;
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        busy
    }

    /// Waits until one was done, so that all that comes of it happens as well, or for so long.
    async fn under_way(&self, most: Duration) {
        let began = Instant::now();
        while began.elapsed() < most && self.done.load(Ordering::Relaxed) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends it. Answers how often it was done by the time it was told to.
    async fn end(self) -> u64 {
        let done = self.done.load(Ordering::Relaxed);
        self.over.store(true, Ordering::Relaxed);
        self.clients.join_all().await;
        done
    }
}
