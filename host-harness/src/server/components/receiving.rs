//! How many components of a tenant may arrive at the same moment: each is in memory until it is whole.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Of one tenant.
pub(super) const AT_ONCE: usize = 2;

/// What arrives at a server. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Receiving(Arc<Mutex<HashMap<String, usize>>>);

/// One component arrives, until this is dropped.
pub(crate) struct Arrival {
    receiving: Receiving,
    tenant: String,
}

impl Receiving {
    /// None if as many arrive as may.
    pub(super) fn begin(&self, tenant: &str) -> Option<Arrival> {
        let mut arriving = self.lock();
        let count = arriving.entry(tenant.to_owned()).or_default();
        if *count >= AT_ONCE {
            return None;
        }
        *count += 1;
        Some(Arrival { receiving: self.clone(), tenant: tenant.to_owned() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        let mut arriving = self.receiving.lock();
        if let Some(count) = arriving.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                arriving.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s09_a_tenant_has_its_number_arriving_and_takes_nobody_elses() {
        let receiving = Receiving::default();
        let arriving: Vec<_> = (0..AT_ONCE).filter_map(|_| receiving.begin("one")).collect();
        assert_eq!(arriving.len(), AT_ONCE);
        assert!(receiving.begin("one").is_none() && receiving.begin("other").is_some());
        drop(arriving);
        assert!(receiving.begin("one").is_some());
        assert!(receiving.lock().is_empty(), "nothing is left");
    }
}
