//! The store on a real PostgreSQL: the kit, two hosts that refresh at once, and a process that is killed.
//! `cargo xtask postgres-store` runs it.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test: what cannot be stops it"
)]

mod killed;
mod kit;
mod org;
mod race;
mod server;

use std::path::Path;
use std::time::Duration;

use example_postgres_store::{Cipher, PostgresStore, SCHEMA};
use tokio_postgres::{Client, Config, NoTls};

/// Only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("it never happened")
}

/// The store as another process has it: nothing is shared but the database.
fn store(folder: &Path) -> PostgresStore {
    PostgresStore::new(config(folder), Cipher::new(&[7; 32])).allow_loopback()
}

/// Makes the table.
async fn table(folder: &Path) -> Client {
    let (client, connection) = config(folder).connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(SCHEMA).await.unwrap();
    client
}

fn config(folder: &Path) -> Config {
    let mut config = Config::new();
    config.host_path(folder).user("postgres").dbname("postgres");
    config
}
