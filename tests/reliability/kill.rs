//! Processes killed at random moments while they refresh tokens that rotate, and what the next process makes of it.
//!
//! Each round ends the session, begins an execution and kills the process within the time that this takes; in some rounds
//! the org delays, holds or loses the answer to the refresh. The org then knows whether it still honours the stored token,
//! and the next process must come to the same conclusion without sending a replaced token again.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use fastrand::Rng;
use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::client::{Answer, Client, query};
use crate::figures::{median, milliseconds, percentile, print};
use crate::server::Server;
use crate::site::Site;
use crate::{Broken, org};

/// Executions that are not killed, to learn how long one takes that refreshes.
const LEARNED_FROM: usize = 5;

/// What came of all rounds.
#[derive(Default)]
struct Tally {
    moments: BTreeMap<Moment, u32>,
    answered: u32,
    healed: u32,
    needs_user: u32,
    reasons: BTreeMap<String, u32>,
    creates: u32,
    told_unknown: u32,
    starts: Vec<Duration>,
    broken: Broken,
}

/// When the process was killed, as the org and the next process know it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Moment {
    Before,
    During,
    After,
}

/// What a round leaves to be judged.
struct Killed {
    round: u32,
    moment: Moment,
    /// The org honours the stored refresh token.
    honoured: bool,
    /// The execution: its body, its idempotency key, and its answer if that came before the end.
    submit: Value,
    key: String,
    answer: Option<Answer>,
}

pub(crate) async fn run(harness: &Path, rounds: u32, seed: u64) -> Broken {
    println!("\nKill: {rounds} processes killed around a refresh of rotating tokens, seed {seed}");
    let began = Instant::now();
    let site = Site::new(harness, 16).await;
    let mut server = site.serve().await;
    let mut tenant = site.tenant(&server);
    let connection = site.connect(&tenant).await;
    let mut random = Rng::with_seed(seed);
    let mut times = Vec::new();
    for _ in 0..LEARNED_FROM {
        site.mock.expire_access_tokens();
        let started = Instant::now();
        assert!(healthy(&tenant, &connection).await.succeeded(), "an execution that refreshes failed before any kill");
        times.push(started.elapsed());
    }
    let mut tally = Tally::default();
    for round in 1..=rounds {
        let generation = generation(&tenant, &connection).await;
        let before = org::last_request(&site.mock);
        let usual = median(&times);
        let (submit, key, answer) = kill(&site, &mut server, &tenant, &connection, round, usual, &mut random).await;
        site.mock.forget_faults();
        server = site.serve().await;
        tenant = site.tenant(&server);
        tally.starts.push(server.start);
        let stored = self::generation(&tenant, &connection).await != generation;
        let sent = org::refreshes(&site.mock, before);
        let moment = match (stored, sent.is_empty()) {
            (true, _) => Moment::After,
            (false, false) => Moment::During,
            (false, true) => Moment::Before,
        };
        let honoured = stored || sent.iter().all(|token| site.mock.honours_refresh_token(token));
        let killed = Killed { round, moment, honoured, submit, key, answer };
        tally.judge(&site, &tenant, &connection, killed).await;
        if state(&tenant, &connection).await.0 != "active" {
            site.authorize(&tenant, &connection).await;
        }
    }
    tally.print(rounds, median(&times), began.elapsed());
    let came_back = site.mock.refresh_tokens_that_came_back();
    print("refresh tokens sent again after the org had replaced them", came_back);
    if came_back > 0 {
        tally.broken.push(format!("kill: {came_back} refresh tokens were sent again after the org had replaced them"));
    }
    tally.broken
}

/// Begins an execution that refreshes and kills its process; answers what the execution was, and its answer if it had one.
async fn kill(
    site: &Site,
    server: &mut Server,
    tenant: &Client,
    connection: &str,
    round: u32,
    usual: Duration,
    random: &mut Rng,
) -> (Value, String, Option<Answer>) {
    site.mock.expire_access_tokens();
    let token_requests = || Matcher::path(org::TOKEN_PATH);
    let mut held = None;
    let longest = match random.u8(0..10) {
        0 | 1 => {
            site.mock.push_fault(token_requests(), Fault::HangAfterWork);
            usual * 2
        }
        2 => {
            site.mock.push_fault(token_requests(), Fault::Delay(usual.mul_f64(random.f64())));
            usual * 2
        }
        3 => {
            held = Some(site.mock.hold_refreshes());
            usual * 2
        }
        _ => usual.mul_f64(1.2),
    };
    let submit = if random.u8(0..3) == 0 {
        let input = json!({"object": "Account", "target": "create", "fields": {"Name": name(round)}});
        json!({"connection": connection, "action": "create-or-update-record", "input": input})
    } else {
        query(connection, "SELECT Id FROM Account LIMIT 1")
    };
    let key = format!("kill-{round}");
    let executing = {
        let (tenant, submit, key) = (tenant.clone(), submit.clone(), key.clone());
        tokio::spawn(async move { tenant.execute(&submit, Some(&key)).await })
    };
    tokio::time::sleep(longest.mul_f64(random.f64())).await;
    server.kill();
    let answer = executing.await.unwrap().ok();
    drop(held);
    (submit, key, answer)
}

impl Tally {
    async fn judge(&mut self, site: &Site, tenant: &Client, connection: &str, killed: Killed) {
        let Killed { round, moment, honoured, submit, key, answer } = killed;
        let mut breaks = |words: String| self.broken.push(format!("kill, round {round}, killed {moment:?}: {words}"));
        *self.moments.entry(moment).or_default() += 1;
        self.answered += u32::from(answer.is_some());
        let running = tenant.get("/v1/executions?state=running").await;
        if running.body["items"].as_array().is_none_or(|items| !items.is_empty()) {
            breaks(format!("executions of the dead process are still running: {}", running.body));
        }
        // A client that had no answer sends its request again, with the same key.
        let again = tenant.execute(&submit, Some(&key)).await.unwrap();
        if let Some(answer) = &answer
            && (answer.body["id"] != again.body["id"] || answer.state() != again.state())
        {
            breaks(format!("it had answered {}, and with the same key then {}", answer.body, again.body));
        }
        self.told_unknown += u32::from(again.replayed && again.state() == "unknown");
        if submit["action"] == "create-or-update-record" {
            self.creates += 1;
            let records = records(site, round);
            let kept = match again.state() {
                "succeeded" => records == 1,
                "unknown" => records <= 1,
                _ => records == 0,
            };
            if !kept {
                breaks(format!("{records} records, and the client was told {} {}", again.status, again.body));
            }
        }
        let next = healthy(tenant, connection).await;
        let (state, reason) = state(tenant, connection).await;
        match (honoured, state.as_str(), next.succeeded()) {
            (true, "active", true) => self.healed += 1,
            (false, "needs-reauthorization", false) if !reason.is_empty() => {
                self.needs_user += 1;
                *self.reasons.entry(reason).or_default() += 1;
            }
            _ => breaks(format!(
                "the org {} the stored refresh token, the connection is {state} ({reason}), the next execution {}: {}",
                if honoured { "honours" } else { "has replaced" },
                next.state(),
                next.body
            )),
        }
    }

    fn print(&self, rounds: u32, usual: Duration, elapsed: Duration) {
        let count = |moment| self.moments.get(&moment).copied().unwrap_or_default();
        print("rounds", rounds);
        print("an execution that refreshes, median", milliseconds(usual));
        print("killed before the refresh reached the org", count(Moment::Before));
        print("killed with the refresh at the org, nothing stored yet", count(Moment::During));
        print("killed after the new tokens were stored", count(Moment::After));
        print("of all these, killed after the answer to the client", self.answered);
        print("healed by the next process without anybody's help", self.healed);
        print("answer lost after rotation: needs-reauthorization", self.needs_user);
        for (reason, count) in &self.reasons {
            println!("    {count} x {reason}");
        }
        print("connections lost", rounds - self.healed - self.needs_user);
        print("rounds with a create", self.creates);
        print("executions that the next process told as unknown", self.told_unknown);
        print("start of a process, median", milliseconds(median(&self.starts)));
        print("start of a process, slowest", milliseconds(percentile(&self.starts, 1.0)));
        print("time of all", format!("{:.0} s", elapsed.as_secs_f64()));
    }
}

async fn healthy(tenant: &Client, connection: &str) -> Answer {
    tenant.execute(&query(connection, "SELECT Id FROM Account LIMIT 1"), None).await.unwrap()
}

async fn generation(tenant: &Client, connection: &str) -> i64 {
    tenant.get(&format!("/v1/connections/{connection}")).await.body["generation"].as_i64().unwrap()
}

/// State of the connection, and the reason for it.
async fn state(tenant: &Client, connection: &str) -> (String, String) {
    let found = tenant.get(&format!("/v1/connections/{connection}")).await.body;
    let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
    (text("state"), text("reason"))
}

fn name(round: u32) -> String {
    format!("Killed in round {round}.")
}

/// How many records a round's create has made, however often it was sent.
fn records(site: &Site, round: u32) -> usize {
    let ledger = site.mock.ledger();
    let of_round =
        ledger.entries().filter(|entry| entry.body.as_deref().is_some_and(|body| body.contains(&name(round))));
    of_round.map(|entry| entry.writes.len()).sum()
}
