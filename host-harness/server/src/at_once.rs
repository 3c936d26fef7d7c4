//! How much of something each tenant has at the same moment that takes memory and no place: open streams, requests in transit,
//! components that arrive.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts by tenant.
#[derive(Debug, Default)]
pub(crate) struct AtOnce(Mutex<HashMap<String, u32>>);

/// It is there until this is dropped.
pub(crate) struct One {
    all: Arc<AtOnce>,
    tenant: String,
}

impl AtOnce {
    /// One more, unless the tenant has so many.
    pub(crate) fn one_more(self: &Arc<Self>, tenant: &str, most: u32) -> Option<One> {
        let mut counts = self.lock();
        let count = counts.entry(tenant.to_owned()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(One { all: Arc::clone(self), tenant: tenant.to_owned() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for One {
    fn drop(&mut self) {
        let mut counts = self.all.lock();
        if let Some(count) = counts.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s09_a_tenant_has_as_many_at_once_as_it_may() {
        let all = Arc::new(AtOnce::default());
        let one = all.one_more("a", 1).unwrap();
        assert!(all.one_more("a", 1).is_none() && all.one_more("b", 1).is_some());
        drop(one);
        assert!(all.one_more("a", 1).is_some());
        assert!(all.lock().is_empty());
    }
}
