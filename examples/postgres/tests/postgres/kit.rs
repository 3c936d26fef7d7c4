//! What every store must pass, and what is in the table then.

use std::cell::Cell;

use example_postgres_store::{Cipher, PostgresError, PostgresStore};
use salesforce_connections::ConnectionStore as _;
use salesforce_connections::store_kit::{self, Subject};

use crate::server::Server;
use crate::{config, store, table};

#[tokio::test]
async fn the_store_passes_the_kit_and_keeps_no_secret_readable() {
    let server = Server::start();
    let client = table(server.folder()).await;
    let (one, other) = (store(server.folder()), store(server.folder()));
    let number = Cell::new(0);
    store_kit::passes(async || {
        let id = format!("acme-{}", number.replace(number.get() + 1));
        one.put(&id, &store_kit::connection()).await.unwrap();
        Subject { one: one.clone(), other: other.clone(), id, unknown: Some("nobody".to_owned()) }
    })
    .await;

    // What the kit puts and refreshes has the word SENTINEL in each secret.
    let columns = "coalesce(access_token, '') || coalesce(refresh_token, '') || coalesce(client_secret, '')";
    let counted = format!(
        "SELECT count(*), count(*) FILTER (WHERE position('SENTINEL'::bytea IN {columns}) > 0) FROM salesforce_connection"
    );
    let counted = client.query_one(&counted, &[]).await.unwrap();
    assert_eq!((counted.get::<_, i64>(0), counted.get::<_, i64>(1)), (number.get(), 0));
}

#[tokio::test]
async fn a_secret_opens_in_its_own_place_with_its_own_key_alone() {
    let server = Server::start();
    let client = table(server.folder()).await;
    let store = store(server.folder());
    let [acme, other] = ["acme", "other"].map(str::to_owned);
    for id in [&acme, &other] {
        store.put(id, &store_kit::connection()).await.unwrap();
    }
    let stranger = PostgresStore::new(config(server.folder()), Cipher::new(&[8; 32]));
    assert!(matches!(stranger.load(&acme).await, Err(PostgresError::Decryption("client_secret"))));

    let moved = "UPDATE salesforce_connection SET access_token =
                 (SELECT access_token FROM salesforce_connection WHERE id = 'other') WHERE id = 'acme'";
    assert_eq!(client.execute(moved, &[]).await.unwrap(), 1);
    assert!(matches!(store.load(&acme).await, Err(PostgresError::Decryption("access_token"))));
    store.load(&other).await.unwrap();
}

#[tokio::test]
async fn a_lost_connection_to_the_database_is_made_again() {
    let server = Server::start();
    let client = table(server.folder()).await;
    let store = store(server.folder());
    let id = "acme".to_owned();
    store.put(&id, &store_kit::connection()).await.unwrap();
    let ended = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
                 WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
    let ended: Vec<bool> = client.query(ended, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(ended, [true]);
    // The first statement after it may find the connection lost; the next has another.
    let _ = store.load(&id).await;
    store.load(&id).await.unwrap();
}
