//! One round: two tenants, a crowd of workers, faults, and the books balanced at its end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fastrand::Rng;
use mock_salesforce::wire::Wire;
use salesforce_runtime::Connector;
use salesforce_runtime::bindings::types::Outcome;
use tokio::time::Instant;

use crate::calls::{self, End, Write};
use crate::tenant::Tenant;
use crate::{balance, chaos};

/// Executions in flight.
const WORKERS: u64 = 32;

/// A call that takes longer than this, whose deadline is two seconds and which may refresh on its way, hangs.
const HUNG: Duration = Duration::from_secs(60);

/// What happened in a round.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) executions: BTreeMap<&'static str, u64>,
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// Successes by call.
    pub(crate) succeeded: BTreeMap<&'static str, u64>,
    /// Failures by what callers were told: not sent, rejected, unknown.
    pub(crate) failed: [u64; 3],
    pub(crate) refreshes: u64,
    pub(crate) logins: u64,
    pub(crate) requests: u64,
    /// Requests for a further page of a query.
    pub(crate) pages: u64,
    pub(crate) expiries: u64,
    pub(crate) broken: Vec<String>,
}

/// What one worker did.
#[derive(Default)]
struct Worked {
    done: Done,
    /// By tenant.
    writes: [Vec<Write>; 2],
}

pub(crate) async fn run(connector: &Connector, seed: u64, number: u64, duration: Duration) -> Done {
    let tenants = Arc::new([Tenant::start("alind@example.org").await, Tenant::start("mtana@example.org").await]);
    let wire = Arc::new(chaos::broken_wire().await);
    let end = Instant::now() + duration;
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            let random = Rng::with_seed(seed ^ (number << 32) ^ (worker << 16));
            tokio::spawn(work(
                connector.clone(),
                tenants.clone(),
                wire.clone(),
                random,
                end,
                format!("{number}-{worker}"),
            ))
        })
        .collect();
    let mut done = Done::default();
    let mut writes = [Vec::new(), Vec::new()];
    for worker in workers {
        let worked = worker.await.unwrap();
        done.add(worked.done);
        for (all, own) in writes.iter_mut().zip(worked.writes) {
            all.extend(own);
        }
    }
    for (tenant, writes) in tenants.iter().zip(&writes) {
        let ledger = tenant.mock.ledger();
        done.broken.extend(balance::broken_promises(tenant, &ledger, writes));
        done.requests += ledger.entries().count() as u64 + ledger.forgotten();
        done.pages += ledger.entries().filter(|entry| entry.path.contains("/query/")).count() as u64;
        done.refreshes += tenant.refreshes.get();
        done.logins += tenant.logins.load(Ordering::Relaxed);
    }
    done
}

async fn work(
    connector: Connector,
    tenants: Arc<[Tenant; 2]>,
    wire: Arc<Wire>,
    mut random: Rng,
    end: Instant,
    name: String,
) -> Worked {
    let mut worked = Worked::default();
    let mut number = 0_u64;
    while Instant::now() < end {
        number += 1;
        let at = random.usize(0..2);
        let tenant = &tenants[at];
        match random.u8(0..100) {
            0..=19 => {
                let (name, matcher, fault) = chaos::fault(&mut random);
                *worked.done.faults.entry(name).or_default() += 1;
                tenant.mock.push_fault(matcher, fault);
            }
            20 => {
                tenant.mock.expire_access_tokens();
                worked.done.expiries += 1;
            }
            _ => {}
        }
        let unique = format!("soak-{name}-{number}");
        let call = async {
            if random.u8(0..50) == 0 {
                let connection = tenant.connection_to(&format!("http://{}", wire.address())).await;
                let (call, end) = calls::at_broken_wire(&connector, connection, &mut random).await;
                (call, end, None)
            } else {
                calls::any(tenant, &connector, &mut random, &unique).await
            }
        };
        let Ok((call, result, write)) = tokio::time::timeout(HUNG, call).await else {
            worked.done.broken.push(format!("{unique}: no answer in {HUNG:?}"));
            continue;
        };
        *worked.done.executions.entry(call).or_default() += 1;
        worked.writes[at].extend(write);
        match result {
            Ok(End::Succeeded) => *worked.done.succeeded.entry(call).or_default() += 1,
            Ok(End::Failed(Outcome::NotSent)) => worked.done.failed[0] += 1,
            Ok(End::Failed(Outcome::Rejected)) => worked.done.failed[1] += 1,
            Ok(End::Failed(Outcome::Unknown)) => worked.done.failed[2] += 1,
            Err(broken) => worked.done.broken.push(format!("{call} {unique}: {broken}")),
        }
    }
    worked
}

impl Done {
    pub(crate) fn add(&mut self, other: Done) {
        for (name, count) in other.executions {
            *self.executions.entry(name).or_default() += count;
        }
        for (name, count) in other.succeeded {
            *self.succeeded.entry(name).or_default() += count;
        }
        for (name, count) in other.faults {
            *self.faults.entry(name).or_default() += count;
        }
        for (all, own) in self.failed.iter_mut().zip(other.failed) {
            *all += own;
        }
        self.refreshes += other.refreshes;
        self.logins += other.logins;
        self.requests += other.requests;
        self.pages += other.pages;
        self.expiries += other.expiries;
        self.broken.extend(other.broken);
    }
}
