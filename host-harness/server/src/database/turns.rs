//! Long work of tenants, in pieces: one piece of each tenant after the other, however many it has.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Pieces that wait.
#[derive(Debug)]
pub(super) struct Turns<W> {
    waiting: HashMap<Arc<str>, VecDeque<W>>,
    /// Tenants with something in `waiting`, each once.
    order: VecDeque<Arc<str>>,
}

impl<W> Turns<W> {
    pub(super) fn push(&mut self, tenant: &str, work: W) {
        if let Some(waiting) = self.waiting.get_mut(tenant) {
            return waiting.push_back(work);
        }
        let tenant: Arc<str> = tenant.into();
        self.order.push_back(Arc::clone(&tenant));
        self.waiting.insert(tenant, VecDeque::from([work]));
    }

    pub(super) fn next(&mut self) -> Option<W> {
        let tenant = self.order.pop_front()?;
        let waiting = self.waiting.get_mut(&tenant)?;
        let work = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting.remove(&tenant);
        } else {
            self.order.push_back(tenant);
        }
        work
    }
}

impl<W> Default for Turns<W> {
    fn default() -> Turns<W> {
        Turns { waiting: HashMap::new(), order: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_go_round_among_tenants() {
        let mut turns = Turns::default();
        for (tenant, work) in [("busy", 1), ("busy", 2), ("busy", 3), ("other", 4), ("third", 5), ("other", 6)] {
            turns.push(tenant, work);
        }
        let mut order = Vec::new();
        while let Some(work) = turns.next() {
            order.push(work);
        }
        assert_eq!(order, [1, 4, 5, 2, 6, 3]);
        assert!(turns.waiting.is_empty() && turns.order.is_empty());
    }
}
