//! Two hosts find the same session expired.

use tokio::task::JoinSet;

use crate::org::{Org, connector, query, session};
use crate::server::Server;
use crate::{in_time, store, table};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hosts_that_refresh_at_once_send_one_refresh() {
    let server = Server::start();
    table(server.folder()).await;
    let mut org = Org::start().await;
    let connector = connector();
    let hosts = [(); 2].map(|()| session(&connector, store(server.folder())));
    let id = "acme".to_owned();
    hosts[0].store().put(&id, &org.expired()).await.unwrap();

    let held = org.mock.hold_refreshes();
    let mut running = JoinSet::new();
    for host in [&hosts[0], &hosts[1], &hosts[0], &hosts[1]] {
        let (host, id) = (host.clone(), id.clone());
        running.spawn(async move { query(&host, &id).await.map(|page| page.count) });
    }
    // All four have called, and one has sent its refresh, before that is answered.
    in_time(org.arrived(4, 1)).await;
    drop(held);
    while let Some(count) = in_time(running.join_next()).await {
        assert_eq!(count.unwrap().unwrap(), 1);
    }
    assert_eq!(org.refreshes(), 1);
}
