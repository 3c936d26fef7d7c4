//! The key changes again and again under load, and processes are killed at random moments of it.
//!
//! Two server processes run executions all the time, sessions expire, refreshes are slow, and an authorization waits for its
//! user. Each round starts `harness rotate-key` and kills it, a server, both servers, all or nobody, at a moment that is
//! random over the whole rotation or, in every other round, while values are re-encrypted. Then what was killed is started again,
//! the rotation is run to its end, and everything has to open: results, tokens, the authorization.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use mock_salesforce::{Fault, Matcher};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::client::{Answer, Client, query};
use crate::figures::{median, milliseconds, percentile, print};
use crate::server::Server;
use crate::site::{Site, Waiting};
use crate::{Broken, org};

/// Rotations that are not killed, to learn how long one takes.
const LEARNED_FROM: usize = 3;
/// Results that are encrypted before the first rotation, so that re-encrypting them takes its time.
const RESULTS_BEFORE: u32 = 400;
/// How long a rotation may take that nobody kills.
const PATIENCE: Duration = Duration::from_secs(60);
/// Why the connection needs its user again, where the org has replaced a token whose bearer was killed.
const LOST: &str = "the answer to a refresh was lost";

/// Whom a round kills.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Victim {
    Nobody,
    Rotation,
    Server,
    Servers,
    All,
}

/// How far the database says that a rotation had come when it was killed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Moment {
    NothingBegun,
    NewKeyOpens,
    Reencryption,
    OldKeyGone,
    Ended,
}

#[derive(Default)]
struct Tally {
    victims: BTreeMap<Victim, u32>,
    moments: BTreeMap<Moment, u32>,
    resumed: u32,
    executions: usize,
    failed_for_the_user: u32,
    opened: usize,
    authorizations: u32,
    needs_user: u32,
    rotations: Vec<Duration>,
    broken: Broken,
}

/// Executions that one process answers until it is told to stop.
struct Load {
    ends: Arc<AtomicBool>,
    answers: JoinHandle<Vec<Answer>>,
}

pub(crate) async fn run(harness: &Path, rounds: u32, seed: u64) -> Broken {
    println!("\nRotation: {rounds} rotations of the key under load, processes killed at random moments, seed {seed}");
    let began = Instant::now();
    let site = Site::new(harness, 16).await;
    let mut servers = [site.serve().await, site.serve().await];
    site.limit(&servers[0], &json!({"executions_a_minute": 1_000_000})).await;
    let tenant = site.tenant(&servers[0]);
    let (busy, waits) = (site.connect(&tenant).await, site.connect_as(&tenant, "waits").await);
    let mut random = Rng::with_seed(seed);
    let mut tally = Tally::default();
    let mut results = BTreeMap::new();
    for _ in 0..RESULTS_BEFORE {
        tally.keep(&mut results, tenant.execute(&query(&busy, "SELECT Id FROM Account LIMIT 1"), None).await.unwrap());
    }
    for _ in 0..LEARNED_FROM {
        let started = Instant::now();
        assert!(ended_well(site.rotation()).await, "a rotation failed before any kill");
        tally.rotations.push(started.elapsed());
    }
    for round in 1..=rounds {
        let tenants = [site.tenant(&servers[0]), site.tenant(&servers[1])];
        let waiting = site.begin(&tenants[0], &waits).await;
        let loads = tenants.clone().map(|tenant| Load::begin(tenant, &busy));
        let victim = tally.kill(&site, &mut servers, &mut random, round).await;
        let mut answers = Vec::new();
        for load in loads {
            load.ends.store(true, Ordering::Relaxed);
            answers.extend(load.answers.await.unwrap());
        }
        site.mock.forget_faults();
        for server in &mut servers {
            if !server.is_running() {
                *server = site.serve().await;
            }
        }
        if !ended_well(site.rotation()).await {
            tally.broken.push(format!("rotation, round {round}, killed {victim:?}: the next rotation failed"));
        }
        tally.executions += answers.len();
        for answer in answers {
            tally.keep(&mut results, answer);
        }
        let tenants = [site.tenant(&servers[0]), site.tenant(&servers[1])];
        tally.judge(&site, &tenants, &busy, victim, round).await;
        tally.arrive(&site, &tenants[1], &waits, waiting, round).await;
        tally.one_key(&site, round);
        // All results at the end, and after each round those of a sample.
        let all = if round == rounds { results.len() } else { 20 };
        for tenant in &tenants {
            tally.open(tenant, &results, all, &mut random, round).await;
        }
    }
    tally.print(rounds, results.len(), began.elapsed());
    tally.broken
}

impl Tally {
    /// Starts a rotation and kills, as this round has it.
    async fn kill(&mut self, site: &Site, servers: &mut [Server; 2], random: &mut Rng, round: u32) -> Victim {
        if random.bool() {
            site.mock.expire_access_tokens();
            let delay = Duration::from_millis(random.u64(0..400));
            site.mock.push_fault(Matcher::path(org::TOKEN_PATH), Fault::Delay(delay));
        }
        let victim = match random.u8(0..10) {
            0 => Victim::Nobody,
            1..=5 => Victim::Rotation,
            6 => Victim::Server,
            7 => Victim::Servers,
            _ => Victim::All,
        };
        let usual = median(&self.rotations);
        let started = Instant::now();
        let mut rotation = site.rotation();
        if random.bool() {
            let reencryption = async {
                while moment(site) < Moment::Reencryption {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            };
            let _in_time = tokio::time::timeout(usual * 2, reencryption).await;
            tokio::time::sleep(Duration::from_secs_f64(random.f64() * 0.05)).await;
        } else {
            tokio::time::sleep(usual.mul_f64(1.1 * random.f64())).await;
        }
        let one = random.usize(0..2);
        for (number, server) in servers.iter_mut().enumerate() {
            if matches!(victim, Victim::Servers | Victim::All) || (victim == Victim::Server && number == one) {
                server.kill();
            }
        }
        if matches!(victim, Victim::Rotation | Victim::All) {
            rotation.kill().unwrap();
            let ended = rotation.wait().unwrap().success();
            let moment = if ended { Moment::Ended } else { moment(site) };
            *self.moments.entry(moment).or_default() += 1;
            self.resumed +=
                u32::from(matches!(moment, Moment::NewKeyOpens | Moment::Reencryption | Moment::OldKeyGone));
        } else if ended_well(rotation).await {
            self.rotations.push(started.elapsed());
        } else {
            self.broken
                .push(format!("rotation, round {round}, killed {victim:?}: the rotation that was not killed failed"));
        }
        *self.victims.entry(victim).or_default() += 1;
        victim
    }

    /// Keeps what an execution gave, to ask for it later.
    fn keep(&mut self, results: &mut BTreeMap<String, Value>, answer: Answer) {
        let kind = answer.body["error_kind"].as_str().unwrap_or_default();
        match (answer.status, answer.state()) {
            (200, "succeeded") => {}
            (200, "failed") if matches!(kind, "reauthorization-required") => self.failed_for_the_user += 1,
            (409, _) => return self.failed_for_the_user += 1,
            _ => {
                return self
                    .broken
                    .push(format!("rotation: an execution was answered {} {}", answer.status, answer.body));
            }
        }
        let id = answer.body["id"].as_str().unwrap_or_default().to_owned();
        results.insert(id, answer.body);
    }

    /// The connection has its tokens, and both servers can refresh it.
    async fn judge(&mut self, site: &Site, tenants: &[Client; 2], connection: &str, victim: Victim, round: u32) {
        let shown = tenants[0].get(&format!("/v1/connections/{connection}")).await.body;
        let reason = shown["reason"].as_str().unwrap_or_default();
        let was_lost = matches!(victim, Victim::Server | Victim::Servers | Victim::All) && reason.contains(LOST);
        if shown["state"] == "needs-reauthorization" && was_lost {
            self.needs_user += 1;
            site.authorize(&tenants[0], connection).await;
        }
        for tenant in tenants {
            site.mock.expire_access_tokens();
            let answer = tenant.execute(&query(connection, "SELECT Id FROM Account LIMIT 1"), None).await.unwrap();
            let lost = answer.body["error"]["message"].as_str().is_some_and(|words| words.contains(LOST));
            if lost && matches!(victim, Victim::Server | Victim::Servers | Victim::All) {
                self.needs_user += 1;
                site.authorize(tenant, connection).await;
            } else if !answer.succeeded() {
                self.broken.push(format!(
                    "rotation, round {round}, killed {victim:?}: the connection was {shown}, and then {} {}",
                    answer.status, answer.body
                ));
            }
        }
    }

    /// The user who waited through the rotation comes back.
    async fn arrive(&mut self, site: &Site, tenant: &Client, connection: &str, waiting: Waiting, round: u32) {
        let status = site.arrive(tenant, waiting).await;
        let state = tenant.get(&format!("/v1/connections/{connection}")).await.body["state"].clone();
        if status == 200 && state == "active" {
            self.authorizations += 1;
        } else {
            self.broken.push(format!("rotation, round {round}: a pending authorization ended with {status}, {state}"));
        }
    }

    /// One key is left, in the file and in the database, it has encrypted everything, and no file lies about.
    fn one_key(&mut self, site: &Site, round: u32) {
        let mut breaks = |words: String| self.broken.push(format!("rotation, round {round}: {words}"));
        let lines = std::fs::read_to_string(site.data().join("key")).unwrap().lines().count();
        if lines != 1 {
            breaks(format!("the key file has {lines} keys"));
        }
        let keys = states(site);
        if keys != ["encrypting"] {
            breaks(format!("the database knows keys that are {keys:?}"));
        }
        let database = read(site);
        let columns = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
             WHERE t.type = 'table' AND c.name LIKE 'encrypted%'";
        let mut columns = database.prepare(columns).unwrap();
        let columns = columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        for column in columns {
            let (table, column): (String, String) = column.unwrap();
            let others = format!(
                "SELECT count(*) FROM {table} WHERE {column} IS NOT NULL
                 AND substr({column}, 1, 4) != (SELECT id FROM vault_key WHERE state = 'encrypting')"
            );
            let others: u32 = database.query_row(&others, [], |row| row.get(0)).unwrap();
            if others > 0 {
                breaks(format!("{others} values of {table}.{column} are encrypted with an old key"));
            }
        }
        for entry in std::fs::read_dir(site.data()).unwrap() {
            let name = entry.unwrap().file_name();
            if name == "key.new" || name.to_string_lossy().starts_with(".tmp") {
                breaks(format!("{} was left", name.display()));
            }
        }
    }

    /// Asks for so many of the results, which are as they were.
    async fn open(
        &mut self,
        tenant: &Client,
        results: &BTreeMap<String, Value>,
        count: usize,
        random: &mut Rng,
        round: u32,
    ) {
        let from = random.usize(0..results.len());
        for (id, was) in results.iter().cycle().skip(from).take(count.min(results.len())) {
            let found = tenant.get(&format!("/v1/executions/{id}")).await;
            self.opened += 1;
            if found.status != 200 || found.body["result"] != was["result"] || found.body["error"] != was["error"] {
                self.broken.push(format!("rotation, round {round}: execution {id} was {was}, and is {}", found.body));
            }
        }
    }

    fn print(&self, rounds: u32, results: usize, elapsed: Duration) {
        print("rounds", rounds);
        print("a rotation that nobody kills, median", milliseconds(median(&self.rotations)));
        print("a rotation that nobody kills, slowest", milliseconds(percentile(&self.rotations, 1.0)));
        for (victim, words) in [
            (Victim::Nobody, "nobody was killed"),
            (Victim::Rotation, "the rotation was killed"),
            (Victim::Server, "one of two servers was killed"),
            (Victim::Servers, "both servers were killed"),
            (Victim::All, "both servers and the rotation were killed"),
        ] {
            print(words, self.victims.get(&victim).copied().unwrap_or_default());
        }
        for (moment, words) in [
            (Moment::NothingBegun, "killed before it had begun anything"),
            (Moment::NewKeyOpens, "killed while servers learned the new key"),
            (Moment::Reencryption, "killed while values were re-encrypted"),
            (Moment::OldKeyGone, "killed before the old key was out of the file"),
            (Moment::Ended, "it had ended before it was killed"),
        ] {
            print(words, self.moments.get(&moment).copied().unwrap_or_default());
        }
        print("rotations that the next one went on with", self.resumed);
        print("executions answered during rotations", self.executions);
        print("results kept; opened again", format!("{results}; {}", self.opened));
        print("authorizations that waited through a rotation, and succeeded", self.authorizations);
        print("answer lost with a killed server: needs-reauthorization", self.needs_user);
        print("executions refused for that", self.failed_for_the_user);
        print("values, connections or authorizations lost", self.broken.len());
        print("time of all", format!("{:.0} s", elapsed.as_secs_f64()));
    }
}

impl Load {
    fn begin(tenant: Client, connection: &str) -> Load {
        let ends = Arc::new(AtomicBool::new(false));
        let (stop, submit) = (ends.clone(), query(connection, "SELECT Id FROM Account LIMIT 1"));
        let answers = tokio::spawn(async move {
            let mut answers = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let Ok(answer) = tenant.execute(&submit, None).await else { break };
                answers.push(answer);
            }
            answers
        });
        Load { ends, answers }
    }
}

/// Waits for a rotation; whether it has succeeded.
async fn ended_well(mut rotation: Child) -> bool {
    let began = Instant::now();
    loop {
        if let Some(status) = rotation.try_wait().unwrap() {
            return status.success();
        }
        if began.elapsed() > PATIENCE {
            rotation.kill().unwrap();
            rotation.wait().unwrap();
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn moment(site: &Site) -> Moment {
    let states = states(site);
    let has = |state: &str| states.iter().any(|found| found == state);
    match (has("opening"), has("retiring"), has("retired")) {
        (true, ..) => Moment::NewKeyOpens,
        (_, true, _) => Moment::Reencryption,
        (.., true) => Moment::OldKeyGone,
        _ => Moment::NothingBegun,
    }
}

fn states(site: &Site) -> Vec<String> {
    let database = read(site);
    let mut states = database.prepare("SELECT state FROM vault_key").unwrap();
    states.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn read(site: &Site) -> Connection {
    let path = site.data().join("harness.sqlite");
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    database.busy_timeout(PATIENCE).unwrap();
    database
}
