//! The stores of this crate pass the kit.

use std::cell::Cell;

use salesforce_connections::store_kit::{self, Subject};
use salesforce_connections::{ConnectionFile, Document, Grant, MemoryStore};

#[tokio::test]
async fn connections_in_memory() {
    let store = MemoryStore::default();
    let number = Cell::new(0);
    store_kit::passes(async || {
        let id = format!("acme-{}", number.replace(number.get() + 1));
        store.put(&id, store_kit::connection());
        Subject { one: store.clone(), other: store.clone(), id, unknown: Some("nobody".to_owned()) }
    })
    .await;
}

#[tokio::test]
async fn a_connection_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let number = Cell::new(0);
    store_kit::passes(async || {
        let path = folder.path().join(format!("{}.json", number.replace(number.get() + 1)));
        let (app, tokens) = (store_kit::connection().app(), store_kit::login());
        let document = Document::new(Grant { app: &app, tokens: &tokens, api_version: None }).unwrap();
        let [one, other] = [(); 2].map(|()| ConnectionFile::at(&path));
        one.write(&document).unwrap();
        Subject { one, other, id: (), unknown: None }
    })
    .await;
}
