//! A process that is killed between its mark and the answer.

use std::path::Path;
use std::process::Stdio;

use salesforce_connections::ConnectionStore as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::org::{Org, connector, query, session};
use crate::server::Server;
use crate::{in_time, store, table};

/// The folder of the server, for the process that is killed.
const FOLDER: &str = "POSTGRES_STORE_FOLDER";
const HOLDS: &str = "holds the lease";

/// This test is also the program that is killed: the same, started with [`FOLDER`].
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lease_of_a_killed_process_is_free_and_its_mark_stays() {
    let id = "acme".to_owned();
    if let Some(folder) = std::env::var_os(FOLDER) {
        return hold(Path::new(&folder), &id).await;
    }
    let server = Server::start();
    table(server.folder()).await;
    let org = Org::start().await;
    let session = session(&connector(), store(server.folder()));
    session.store().put(&id, &org.expired()).await.unwrap();

    let mut process = in_time(holder(server.folder())).await;
    let mut lease = std::pin::pin!(session.store().lease(&id));
    tokio::select! {
        biased;
        _ = &mut lease => panic!("the other process holds the lease"),
        loaded = session.store().load(&id) => assert!(loaded.unwrap().refresh_begun),
    }
    process.kill().await.unwrap();
    drop(in_time(lease).await.unwrap());

    // Nobody knows whether the refresh was sent: the org is asked, and then it is.
    assert_eq!(in_time(query(&session, &id)).await.unwrap().count, 1);
    assert_eq!(org.mock.ledger().requests("POST", "/services/oauth2/introspect"), 1);
    assert_eq!(org.refreshes(), 1);
    assert!(!session.store().load(&id).await.unwrap().refresh_begun);
}

/// Starts a process and waits until it has the lease and has made its mark.
async fn holder(folder: &Path) -> Child {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::the_lease_of_a_killed_process_is_free_and_its_mark_stays", "--nocapture"])
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains(HOLDS) {
            return process;
        }
    }
    panic!("the process ended without the lease");
}

async fn hold(folder: &Path, id: &String) {
    let store = store(folder);
    let _lease = store.lease(id).await.unwrap();
    let revision = store.load(id).await.unwrap().revision;
    assert!(store.begin(id, &revision).await.unwrap());
    println!("{HOLDS}");
    // Until it is killed, or who started it is.
    let _ = tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink()).await;
}
