//! Whose component is verified next: some at a time, one of each tenant, and tenants take turns.
//!
//! A verification takes a processor for seconds. So a tenant that uploads much waits behind itself, and another one waits for
//! no more than what runs.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Verifications at the same moment.
pub(super) const AT_ONCE: usize = 2;
/// Components of a tenant that wait for theirs.
pub(super) const WAITING: usize = 8;

/// The turns of a server. Clones share them.
#[derive(Clone)]
pub(super) struct Turns(Arc<Mutex<Line>>);

/// One verification, until it is dropped.
pub(super) struct Turn {
    /// None once it is given back.
    line: Option<Turns>,
    tenant: String,
}

/// The tenant has as many waiting as it may.
#[derive(Debug)]
pub(super) struct TooMany;

struct Line {
    free: usize,
    tenants: HashMap<String, Share>,
    /// Tenants with somebody waiting and nobody at work, longest since its last turn first.
    next: VecDeque<String>,
}

#[derive(Default)]
struct Share {
    at_work: bool,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

impl Turns {
    pub(super) fn new(at_once: usize) -> Turns {
        Turns(Arc::new(Mutex::new(Line { free: at_once, tenants: HashMap::new(), next: VecDeque::new() })))
    }

    /// Waits for a turn of this tenant. The future gets in line before it is polled.
    ///
    /// # Errors
    /// [`TooMany`]: what the tenant may have waiting waits already.
    pub(super) fn take(&self, tenant: &str) -> Result<impl Future<Output = Option<Turn>> + Send + 'static, TooMany> {
        let (give, turn) = oneshot::channel();
        let mut line = self.lock();
        let share = line.tenants.entry(tenant.to_owned()).or_default();
        share.waiting.retain(|waiting| !waiting.is_closed());
        if share.waiting.len() >= WAITING {
            return Err(TooMany);
        }
        share.waiting.push_back(give);
        line.wants(tenant);
        self.give(&mut line);
        drop(line);
        Ok(async move { turn.await.ok() })
    }

    fn give(&self, line: &mut Line) {
        while line.free > 0
            && let Some(tenant) = line.next.pop_front()
        {
            let Some(share) = line.tenants.get_mut(&tenant) else { continue };
            while let Some(waiting) = share.waiting.pop_front() {
                let turn = Turn { line: Some(self.clone()), tenant: tenant.clone() };
                match waiting.send(turn) {
                    Ok(()) => {
                        share.at_work = true;
                        line.free -= 1;
                        break;
                    }
                    // It gave up. The turn would ask for the lock that is held here to give itself back.
                    Err(mut turn) => turn.line = None,
                }
            }
            line.forget_if_idle(&tenant);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// Puts a tenant in line if somebody of it waits and nobody is at work.
    fn wants(&mut self, tenant: &str) {
        let wants = self.tenants.get(tenant).is_some_and(|share| !share.at_work && !share.waiting.is_empty());
        if wants && !self.next.iter().any(|other| other == tenant) {
            self.next.push_back(tenant.to_owned());
        }
    }

    fn forget_if_idle(&mut self, tenant: &str) {
        if self.tenants.get(tenant).is_some_and(|share| !share.at_work && share.waiting.is_empty()) {
            self.tenants.remove(tenant);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(turns) = self.line.take() else { return };
        let mut line = turns.lock();
        line.free += 1;
        if let Some(share) = line.tenants.get_mut(&self.tenant) {
            share.at_work = false;
        }
        line.wants(&self.tenant);
        turns.give(&mut line);
        line.forget_if_idle(&self.tenant);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::{Pin, pin};
    use std::task::Poll;

    use super::*;

    async fn now<T>(waiting: Pin<&mut impl Future<Output = Option<T>>>) -> Option<T> {
        let mut waiting = Some(waiting);
        poll_fn(|context| {
            Poll::Ready(match waiting.take().map(|waiting| waiting.poll(context)) {
                Some(Poll::Ready(turn)) => turn,
                Some(Poll::Pending) | None => None,
            })
        })
        .await
    }

    #[tokio::test]
    async fn s07_one_tenants_uploads_do_not_make_anothers_wait() {
        let turns = Turns::new(2);
        let first = turns.take("busy").unwrap().await.unwrap();
        let mut second = pin!(turns.take("busy").unwrap());
        assert!(now(second.as_mut()).await.is_none(), "one of each tenant");
        let quiet = turns.take("quiet").unwrap().await.unwrap();
        let mut third = pin!(turns.take("third").unwrap());
        assert!(now(third.as_mut()).await.is_none(), "two in all");
        drop(first);
        assert!(now(second.as_mut()).await.is_none(), "the third tenant has waited longer for its turn");
        let _third = now(third.as_mut()).await.unwrap();
        drop(quiet);
        assert!(now(second.as_mut()).await.is_some());
    }

    #[tokio::test]
    async fn s07_as_many_wait_as_may_and_one_more_is_refused() {
        let turns = Turns::new(1);
        let at_work = turns.take("one").unwrap().await.unwrap();
        let waiting: Vec<_> = (0..WAITING).map(|_| turns.take("one").unwrap()).collect();
        assert!(turns.take("one").is_err());
        drop(waiting);
        let again = turns.take("one").unwrap();
        drop(at_work);
        drop(again.await.unwrap());
        assert!(turns.lock().tenants.is_empty() && turns.lock().free == 1, "nothing is left");
    }
}
