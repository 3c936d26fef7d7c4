//! A panic in the middle of a refresh.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test: what cannot be stops it")]

use std::time::Duration;

use salesforce_connections::{
    ConnectionStore, HealingError, MemoryError, MemoryStore, Session, Settlement, Stored, store_kit,
};
use salesforce_runtime::bindings::types::CallOptions;
use salesforce_runtime::{Runtime, RuntimeOptions, component};

/// A store in memory that panics once a mark is made.
#[derive(Clone, Default)]
struct Breaking(MemoryStore);

impl ConnectionStore for Breaking {
    type Id = String;
    type Revision = u64;
    type Lease = <MemoryStore as ConnectionStore>::Lease;
    type Error = MemoryError;

    async fn load(&self, id: &String) -> Result<Stored<u64>, MemoryError> {
        self.0.load(id).await
    }

    async fn lease(&self, id: &String) -> Result<Self::Lease, MemoryError> {
        self.0.lease(id).await
    }

    async fn begin(&self, id: &String, revision: &u64) -> Result<bool, MemoryError> {
        assert!(self.0.begin(id, revision).await?);
        panic!("a mistake of the store's");
    }

    async fn settle(
        &self,
        id: &String,
        refreshed: &Stored<u64>,
        settlement: Settlement<'_>,
    ) -> Result<bool, MemoryError> {
        self.0.settle(id, refreshed, settlement).await
    }
}

#[tokio::test]
async fn a_panic_in_a_refresh_is_an_error_that_leaves_the_mark_and_frees_the_lease() {
    let connector = Runtime::new(RuntimeOptions::default()).unwrap().load(component::CONNECTOR).unwrap();
    let (store, id) = (Breaking::default(), "acme".to_owned());
    store.0.put(&id, store_kit::connection());
    let options = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };
    let session = Session::new(connector, store.clone(), options);
    let healed = session.heal(&id, 1, Some("expired".to_owned()), false).await;
    assert!(matches!(healed, Err(HealingError::Panicked)), "{healed:?}");
    assert!(store.load(&id).await.unwrap().refresh_begun, "whoever looks next asks what became of it");
    let lease = tokio::time::timeout(Duration::from_secs(60), store.lease(&id));
    drop(lease.await.unwrap().unwrap());
}
