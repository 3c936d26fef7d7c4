//! Who may begin an execution, and when: a rate for each tenant, a number at once for each tenant, and fair turns among
//! tenants for the places that all share.
//!
//! A tenant that has more to do than its share waits behind itself, not others behind it: when a place becomes free it
//! goes to the tenant that has waited longest since its last turn.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::oneshot;

use super::{Executions, Refused};
use crate::tenants::{Tenant, TenantLimits};

/// The gate of a server.
pub(crate) struct Admission {
    gate: Arc<Mutex<Gate>>,
    clock: DefaultClock,
}

/// A place in which one execution runs. Dropping it lets the next one in.
pub(crate) struct Admitted {
    /// None once the place is given back.
    gate: Option<Arc<Mutex<Gate>>>,
    tenant: String,
}

struct Gate {
    free: u32,
    closed: bool,
    tenants: HashMap<String, Share>,
    /// Tenants with somebody waiting who may run, longest since its last turn first.
    turns: VecDeque<String>,
}

/// One tenant's.
struct Share {
    limits: TenantLimits,
    rate: DefaultDirectRateLimiter,
    running: u32,
    waiting: VecDeque<oneshot::Sender<Admitted>>,
}

impl Admission {
    pub(super) fn new(at_once: u32) -> Admission {
        let gate = Gate { free: at_once, closed: false, tenants: HashMap::new(), turns: VecDeque::new() };
        Admission { gate: Arc::new(Mutex::new(gate)), clock: DefaultClock::default() }
    }

    /// Counts against the tenant's rate.
    pub(super) fn count(&self, tenant: &Tenant) -> Result<(), Refused> {
        let mut gate = lock(&self.gate);
        if gate.closed {
            return Err(Refused::ShuttingDown);
        }
        let share = gate.share(tenant);
        share.rate.check().map_err(|not_until| Refused::TooFast {
            allowed: tenant.limits.executions_a_minute,
            retry_after: not_until.wait_time_from(self.clock.now()).max(Duration::from_millis(1)),
        })
    }

    /// Waits for a place.
    pub(super) async fn admit(&self, tenant: &Tenant) -> Result<Admitted, Refused> {
        self.turn(tenant, false)?.await.map_err(|_| Refused::ShuttingDown)
    }

    /// Waits for the next place of something that has begun: for the tenant's rate, and however many wait already. None if
    /// the gate is closed: what has begun may go on without a place.
    pub(super) async fn admit_next(&self, tenant: &Tenant) -> Option<Admitted> {
        while let Err(refused) = self.count(tenant) {
            let Refused::TooFast { retry_after, .. } = refused else { return None };
            tokio::time::sleep(retry_after).await;
        }
        self.turn(tenant, true).ok()?.await.ok()
    }

    /// Gets in line.
    fn turn(&self, tenant: &Tenant, has_begun: bool) -> Result<oneshot::Receiver<Admitted>, Refused> {
        let mut gate = lock(&self.gate);
        if gate.closed {
            return Err(Refused::ShuttingDown);
        }
        let share = gate.share(tenant);
        let at_once = share.limits.executions_at_once;
        share.waiting.retain(|waiting| !waiting.is_closed());
        if !has_begun && share.waiting.len() >= usize::try_from(at_once).unwrap_or(usize::MAX) {
            return Err(Refused::TooMany { at_once });
        }
        let (admit, turn) = oneshot::channel();
        share.waiting.push_back(admit);
        gate.may_want_turn(&tenant.id);
        gate.let_in(&self.gate);
        Ok(turn)
    }

    pub(super) fn is_closed(&self) -> bool {
        lock(&self.gate).closed
    }

    /// Lets nobody in any more; who waits is sent away.
    pub(super) fn close(&self) {
        let mut gate = lock(&self.gate);
        gate.closed = true;
        gate.turns.clear();
        for share in gate.tenants.values_mut() {
            share.waiting.clear();
        }
    }
}

impl Executions {
    /// Waits for a place.
    pub(super) async fn place_for(&self, tenant: &Tenant) -> Result<Admitted, Refused> {
        let began = Instant::now();
        let place = self.admission.admit(tenant).await?;
        self.metrics.waited(began.elapsed());
        Ok(place)
    }
}

impl Gate {
    fn share(&mut self, tenant: &Tenant) -> &mut Share {
        let share = self.tenants.entry(tenant.id.clone()).or_insert_with(|| Share::new(tenant.limits));
        if share.limits != tenant.limits {
            share.rate = rate(tenant.limits);
            share.limits = tenant.limits;
        }
        share
    }

    /// Puts a tenant in line if somebody of it waits who may run, and it is not in line yet.
    fn may_want_turn(&mut self, tenant: &str) {
        let Some(share) = self.tenants.get(tenant) else { return };
        let wants = !share.waiting.is_empty() && share.running < share.limits.executions_at_once;
        if wants && !self.turns.iter().any(|other| other == tenant) {
            self.turns.push_back(tenant.to_owned());
        }
    }

    /// Gives free places away, one a turn.
    fn let_in(&mut self, gate: &Arc<Mutex<Gate>>) {
        while self.free > 0
            && let Some(tenant) = self.turns.pop_front()
        {
            let Some(share) = self.tenants.get_mut(&tenant) else { continue };
            while let Some(waiting) = share.waiting.pop_front() {
                if waiting.is_closed() {
                    continue; // it gave up
                }
                share.running += 1;
                self.free -= 1;
                let place = Admitted { gate: Some(Arc::clone(gate)), tenant: tenant.clone() };
                if let Err(mut place) = waiting.send(place) {
                    // It gave up just now. The place would ask for the lock that is held here to give itself back.
                    place.gate = None;
                    share.running -= 1;
                    self.free += 1;
                    continue;
                }
                break;
            }
            self.may_want_turn(&tenant);
        }
    }
}

impl Share {
    fn new(limits: TenantLimits) -> Share {
        Share { limits, rate: rate(limits), running: 0, waiting: VecDeque::new() }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let Some(shared) = self.gate.take() else { return };
        let mut gate = lock(&shared);
        gate.free += 1;
        if let Some(share) = gate.tenants.get_mut(&self.tenant) {
            share.running = share.running.saturating_sub(1);
        }
        gate.may_want_turn(&self.tenant);
        gate.let_in(&shared);
    }
}

fn rate(limits: TenantLimits) -> DefaultDirectRateLimiter {
    RateLimiter::direct(Quota::per_minute(NonZeroU32::new(limits.executions_a_minute).unwrap_or(NonZeroU32::MIN)))
}

fn lock(gate: &Mutex<Gate>) -> MutexGuard<'_, Gate> {
    gate.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::task::Poll;

    use super::*;

    fn tenant(id: &str, at_once: u32) -> Tenant {
        let limits = TenantLimits { executions_at_once: at_once, ..TenantLimits::default() };
        Tenant::of_test(id, limits)
    }

    type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Admitted, Refused>> + 'a>>;

    async fn now(waiting: &mut Waiting<'_>) -> Option<Result<Admitted, Refused>> {
        poll_fn(|context| {
            Poll::Ready(match waiting.as_mut().poll(context) {
                Poll::Ready(admitted) => Some(admitted),
                Poll::Pending => None,
            })
        })
        .await
    }

    #[tokio::test]
    async fn places_go_round_among_tenants_whoever_asked_more() {
        let admission = Admission::new(1);
        let (flood, quiet) = (tenant("flood", 8), tenant("quiet", 8));
        let mut place = Some(admission.admit(&flood).await.unwrap());
        let mut waiting: Vec<(&str, Waiting<'_>)> = Vec::new();
        for _ in 0..4 {
            waiting.push(("flood", Box::pin(admission.admit(&flood))));
        }
        waiting.push(("quiet", Box::pin(admission.admit(&quiet))));
        for (_, admit) in &mut waiting {
            assert!(now(admit).await.is_none());
        }
        let mut order = Vec::new();
        while !waiting.is_empty() {
            drop(place.take());
            for index in 0..waiting.len() {
                if let Some(admitted) = now(&mut waiting[index].1).await {
                    place = Some(admitted.unwrap());
                    order.push(waiting.remove(index).0);
                    break;
                }
            }
        }
        assert_eq!(order, ["flood", "quiet", "flood", "flood", "flood"]);
    }

    #[tokio::test]
    async fn a_tenant_runs_its_number_at_once_and_as_many_wait() {
        let admission = Admission::new(100);
        let tenant = tenant("one", 2);
        let running = [admission.admit(&tenant).await.unwrap(), admission.admit(&tenant).await.unwrap()];
        let mut third: Waiting<'_> = Box::pin(admission.admit(&tenant));
        let mut fourth: Waiting<'_> = Box::pin(admission.admit(&tenant));
        assert!(now(&mut third).await.is_none() && now(&mut fourth).await.is_none());
        assert!(matches!(admission.admit(&tenant).await, Err(Refused::TooMany { at_once: 2 })));
        drop(running);
        assert!(now(&mut third).await.is_some_and(|admitted| admitted.is_ok()));
        assert!(now(&mut fourth).await.is_some_and(|admitted| admitted.is_ok()));
    }

    #[tokio::test]
    async fn no_more_wait_when_others_hold_the_places() {
        let admission = Admission::new(1);
        let (other, tenant) = (tenant("other", 1), tenant("one", 2));
        let _place = admission.admit(&other).await.unwrap();
        let mut first: Waiting<'_> = Box::pin(admission.admit(&tenant));
        let mut second: Waiting<'_> = Box::pin(admission.admit(&tenant));
        assert!(now(&mut first).await.is_none() && now(&mut second).await.is_none());
        let mut third: Waiting<'_> = Box::pin(admission.admit(&tenant));
        assert!(matches!(now(&mut third).await, Some(Err(Refused::TooMany { at_once: 2 }))));
    }

    #[tokio::test]
    async fn whoever_gives_up_loses_no_place() {
        let admission = Admission::new(1);
        let tenant = tenant("one", 4);
        let place = admission.admit(&tenant).await.unwrap();
        let mut gives_up: Waiting<'_> = Box::pin(admission.admit(&tenant));
        assert!(now(&mut gives_up).await.is_none());
        drop(gives_up);
        drop(place);
        let again = admission.admit(&tenant).await.unwrap();
        drop(again);
        admission.admit(&tenant).await.unwrap();
    }

    #[tokio::test]
    async fn a_tenant_that_is_too_fast_is_told_how_long_to_wait() {
        let admission = Admission::new(1);
        let mut tenant = tenant("one", 1);
        tenant.limits.executions_a_minute = 2;
        assert!(admission.count(&tenant).is_ok() && admission.count(&tenant).is_ok());
        match admission.count(&tenant) {
            Err(Refused::TooFast { allowed: 2, retry_after }) => assert!(retry_after <= Duration::from_secs(30)),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_closed_gate_sends_everybody_away() {
        let admission = Admission::new(1);
        let tenant = tenant("one", 4);
        let _place = admission.admit(&tenant).await.unwrap();
        let mut waits: Waiting<'_> = Box::pin(admission.admit(&tenant));
        assert!(now(&mut waits).await.is_none());
        admission.close();
        assert!(matches!(now(&mut waits).await, Some(Err(Refused::ShuttingDown))));
        assert!(matches!(admission.admit(&tenant).await, Err(Refused::ShuttingDown)));
    }
}
