//! Who is next: the tenant that has used the least processor time lately.
//!
//! Use is forgotten by half every [`HALF_LIFE`], so a tenant that stops is soon like any other. What a tenant has used
//! decides between two lanes as well: work is *light* until it has proved to be *heavy*, by one piece of it or by all that
//! its tenant does.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// On whose behalf something runs; none: the host's own.
pub(super) type Tenant = Option<Arc<str>>;

/// In this time half of what was used is forgotten.
const HALF_LIFE: Duration = Duration::from_secs(1);
/// A tenant that has used more than this lately is heavy: a sixth of a processor, if it goes on.
const ALLOWANCE: Duration = Duration::from_millis(250);
/// A piece of work that has used more than this by itself is heavy.
pub(super) const LIGHT: Duration = Duration::from_millis(10);
/// Accounts that are kept before those are looked for that are as good as empty.
const ACCOUNTS: usize = 256;

/// What a turn is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Threads as important as any of the process.
    Light,
    /// Fewer threads than processors, each less important than the others.
    Heavy,
}

/// Work that waits for a turn.
#[derive(Debug)]
pub(super) struct Line<T> {
    accounts: HashMap<Arc<str>, Account>,
    light: HashMap<Tenant, VecDeque<T>>,
    heavy: HashMap<Tenant, VecDeque<T>>,
    turns: u64,
}

#[derive(Clone, Copy, Debug)]
struct Account {
    /// Seconds, as of then.
    used: f64,
    at: Instant,
    /// When it last had one, as a number: among equals who has waited longest is next.
    turn: u64,
}

impl<T> Line<T> {
    pub(super) fn new() -> Line<T> {
        Line { accounts: HashMap::new(), light: HashMap::new(), heavy: HashMap::new(), turns: 0 }
    }

    /// Puts work in line that has used so much by itself. Answers where.
    pub(super) fn push(&mut self, tenant: &Tenant, used: Duration, work: T, now: Instant) -> Lane {
        let of_tenant = self.used_lately(tenant, now);
        let is_heavy = tenant.is_some() && (used > LIGHT || of_tenant > ALLOWANCE.as_secs_f64());
        let lane = if is_heavy { Lane::Heavy } else { Lane::Light };
        self.lane(lane).entry(tenant.clone()).or_default().push_back(work);
        lane
    }

    /// Takes what is next in a lane.
    pub(super) fn next(&mut self, lane: Lane, now: Instant) -> Option<T> {
        let tenants = match lane {
            Lane::Light => self.light.keys(),
            Lane::Heavy => self.heavy.keys(),
        };
        let order = |tenant: &Tenant| (self.used_lately(tenant, now), self.last_turn(tenant));
        let next = tenants.min_by(|a, b| {
            let ((a_used, a_turn), (b_used, b_turn)) = (order(a), order(b));
            a_used.total_cmp(&b_used).then(a_turn.cmp(&b_turn))
        });
        let next = next?.clone();
        self.turns += 1;
        if let Some(account) = next.as_ref().and_then(|tenant| self.accounts.get_mut(tenant)) {
            account.turn = self.turns;
        }
        let lane = self.lane(lane);
        let waiting = lane.get_mut(&next)?;
        let work = waiting.pop_front();
        if waiting.is_empty() {
            lane.remove(&next);
        }
        work
    }

    /// A turn is over and took so long.
    pub(super) fn charge(&mut self, tenant: &Tenant, used: Duration, now: Instant) {
        let Some(tenant) = tenant else { return };
        if self.accounts.len() >= ACCOUNTS {
            self.accounts.retain(|_, account| account.at(now) > LIGHT.as_secs_f64() / 1000.0);
        }
        let turn = self.turns;
        let account = self.accounts.entry(Arc::clone(tenant)).or_insert(Account { used: 0.0, at: now, turn });
        *account = Account { used: account.at(now) + used.as_secs_f64(), at: now, turn: account.turn };
    }

    fn lane(&mut self, lane: Lane) -> &mut HashMap<Tenant, VecDeque<T>> {
        match lane {
            Lane::Light => &mut self.light,
            Lane::Heavy => &mut self.heavy,
        }
    }

    fn used_lately(&self, tenant: &Tenant, now: Instant) -> f64 {
        self.account(tenant).map_or(0.0, |account| account.at(now))
    }

    fn last_turn(&self, tenant: &Tenant) -> u64 {
        self.account(tenant).map_or(0, |account| account.turn)
    }

    fn account(&self, tenant: &Tenant) -> Option<&Account> {
        self.accounts.get(tenant.as_ref()?)
    }
}

impl Account {
    fn at(&self, now: Instant) -> f64 {
        let half_lives = now.saturating_duration_since(self.at).as_secs_f64() / HALF_LIFE.as_secs_f64();
        self.used * (-half_lives).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(10);

    fn tenant(name: &str) -> Tenant {
        Some(name.into())
    }

    #[test]
    fn s07_the_quiet_tenant_is_next_whatever_waits_before_it() {
        let (mut line, now) = (Line::new(), Instant::now());
        let (busy, quiet) = (tenant("busy"), tenant("quiet"));
        line.charge(&busy, TICK, now);
        for number in 0..16 {
            line.push(&busy, TICK, ("busy", number), now);
        }
        line.push(&quiet, Duration::ZERO, ("quiet", 0), now);
        assert_eq!(line.next(Lane::Light, now), Some(("quiet", 0)));
        assert_eq!(line.next(Lane::Light, now), Some(("busy", 0)));
    }

    #[test]
    fn s07_busy_tenants_get_equal_time_however_much_each_has_to_do() {
        let (mut line, mut now) = (Line::new(), Instant::now());
        let tenants = [("many", 16), ("one", 1)];
        for (name, executions) in tenants {
            line.charge(&tenant(name), TICK, now);
            for _ in 0..executions {
                line.push(&tenant(name), 2 * TICK, name, now);
            }
        }
        let mut turns = HashMap::new();
        for _ in 0..100 {
            let name = line.next(Lane::Heavy, now).unwrap();
            *turns.entry(name).or_insert(0) += 1;
            now += TICK;
            line.charge(&tenant(name), TICK, now);
            line.push(&tenant(name), 2 * TICK, name, now);
        }
        assert_eq!(turns, HashMap::from([("many", 50), ("one", 50)]));
    }

    #[test]
    fn s07_turns_of_equal_length_go_round() {
        let (mut line, now) = (Line::new(), Instant::now());
        let names = ["a", "b", "c"];
        for name in names {
            line.charge(&tenant(name), TICK, now);
        }
        for name in names {
            line.push(&tenant(name), Duration::ZERO, name, now);
        }
        let mut order = Vec::new();
        for _ in 0..6 {
            let name = line.next(Lane::Light, now).unwrap();
            line.push(&tenant(name), Duration::ZERO, name, now);
            order.push(name);
        }
        let (first, second) = order.split_at(3);
        assert_eq!(first, second);
        assert_eq!(first.iter().collect::<std::collections::HashSet<_>>().len(), 3);
    }

    #[test]
    fn s07_work_is_heavy_once_it_or_its_tenant_has_used_much_and_light_again_later() {
        let (mut line, now) = (Line::new(), Instant::now());
        let one = tenant("one");
        assert_eq!(line.push(&one, Duration::ZERO, 1, now), Lane::Light);
        assert_eq!(line.push(&one, 2 * LIGHT, 2, now), Lane::Heavy);
        line.charge(&one, 2 * ALLOWANCE, now);
        assert_eq!(line.push(&one, Duration::ZERO, 3, now), Lane::Heavy);
        assert_eq!(line.push(&one, Duration::ZERO, 4, now + 2 * HALF_LIFE), Lane::Light);
        assert_eq!(line.push(&None, 100 * LIGHT, 5, now), Lane::Light, "the host's own is never heavy");
        assert_eq!(line.next(Lane::Light, now), Some(5), "and first");
    }

    #[test]
    fn accounts_that_are_as_good_as_empty_are_forgotten() {
        let (mut line, now) = (Line::<()>::new(), Instant::now());
        for number in 0..ACCOUNTS {
            line.charge(&tenant(&number.to_string()), TICK, now);
        }
        line.charge(&tenant("last"), TICK, now + 60 * HALF_LIFE);
        assert_eq!(line.accounts.len(), 1);
    }
}
