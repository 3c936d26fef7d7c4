//! How many streams each tenant has open: a stream whose reader is slow holds no place, but a page in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Refused;
use crate::server::tenants::Tenant;

/// Open streams by tenant.
#[derive(Debug, Default)]
pub(super) struct Streams(Mutex<HashMap<String, u32>>);

/// A stream is open until this is dropped.
pub(super) struct Open {
    streams: Arc<Streams>,
    tenant: String,
}

impl Streams {
    /// # Errors
    /// [`Refused::TooManyStreams`]: the tenant has as many open as executions at once.
    pub(super) fn open(self: &Arc<Self>, tenant: &Tenant) -> Result<Open, Refused> {
        let at_once = tenant.limits.executions_at_once;
        let mut streams = self.lock();
        let count = streams.entry(tenant.id.clone()).or_default();
        if *count >= at_once {
            return Err(Refused::TooManyStreams { at_once });
        }
        *count += 1;
        Ok(Open { streams: Arc::clone(self), tenant: tenant.id.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut streams = self.streams.lock();
        if let Some(count) = streams.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                streams.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::tenants::TenantLimits;

    #[test]
    fn a_tenant_has_as_many_streams_as_executions_at_once() {
        let limits = TenantLimits { executions_at_once: 1, ..TenantLimits::default() };
        let tenant =
            |id: &str| Tenant { id: id.to_owned(), name: id.to_owned(), limits, created_at: 0, suspended_at: None };
        let streams = Arc::new(Streams::default());
        let open = streams.open(&tenant("a")).ok().unwrap();
        assert!(matches!(streams.open(&tenant("a")), Err(Refused::TooManyStreams { at_once: 1 })));
        assert!(streams.open(&tenant("b")).is_ok());
        drop(open);
        assert!(streams.open(&tenant("a")).is_ok());
    }
}
