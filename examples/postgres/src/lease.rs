//! The right to refresh one connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio_postgres::Client;

use crate::database::Database;
use crate::error::PostgresError;

/// Connections to the database that leases of one process may take.
const AT_ONCE: usize = 8;

/// The two numbers of the lock are the table and the row: nobody else's advisory locks are met. It needs a connection that
/// is ours alone, so no pooler that gives connections away after a transaction (PgBouncer in `transaction` mode).
const LOCK: &str = "SELECT pg_advisory_lock('salesforce_connection'::regclass::oid::integer, number)
                    FROM salesforce_connection WHERE id = $1";

/// The right to refresh one connection. The server takes it back when this is dropped, or the process dies: its connection
/// to the database ends.
pub struct Lease {
    // In this order: the next of this process finds the lock free, or on its way to be.
    _client: Client,
    _place: Option<OwnedSemaphorePermit>,
    _turn: OwnedMutexGuard<()>,
}

/// Whose turn it is within this process: a hundred tasks that wait for one lease wait here, with no connection each.
pub(crate) struct Leases {
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    places: Arc<Semaphore>,
}

impl Default for Leases {
    fn default() -> Self {
        Self { turns: Mutex::default(), places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Leases {
    /// Waits for the lease. Whoever is dropped while it waits has none.
    pub(crate) async fn lease(&self, database: &Database, id: &str) -> Result<Lease, PostgresError> {
        let turn = self.turn(id).lock_owned().await;
        // It fails if it is closed alone, which nobody does.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let client = database.patient_client().await?;
        client.query_opt(LOCK, &[&id]).await?.ok_or(PostgresError::Unknown)?;
        Ok(Lease { _client: client, _place: place, _turn: turn })
    }

    fn turn(&self, id: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(id.to_owned()).or_default())
    }
}
