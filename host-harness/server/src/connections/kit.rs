//! What every store of connections must pass, on a real database. Two processes share its directory and nothing else.

use std::path::Path;
use std::sync::Arc;

use salesforce_connections::store_kit::{self, Subject};
use salesforce_runtime::component::CONNECTOR;
use salesforce_runtime::{Connector, Runtime, RuntimeOptions};

use super::{ConnectionKey, Connections, Database, Dependencies, LoginHosts, Metrics, NewConnection, Vault};
use crate::database::FILE;
use crate::ids;
use crate::tenants::{NewTenant, TenantLimits, Tenants};
use crate::vault::KeySource;

/// The connections of a server's directory, as one process has them.
async fn process(directory: &Path, connector: &Connector) -> Connections {
    let database = Database::open(&directory.join(FILE)).unwrap();
    let vault = Vault::open(KeySource::in_directory(directory), &database, None).await.unwrap();
    let needed = Dependencies {
        callback_url: "https://harness.example/callback".to_owned(),
        loopback: false,
        login_hosts: Arc::new(LoginHosts::new(Vec::new(), false)),
        locks: directory.join("refreshes"),
        metrics: Arc::new(Metrics::new()),
    };
    Connections::new(database, Arc::new(vault), connector.clone(), needed)
}

/// A connection whose user has just allowed access.
async fn connect(connections: &Connections, tenant: &str) -> ConnectionKey {
    let of_kit = store_kit::connection();
    let new = NewConnection {
        name: ids::new(),
        login_url: of_kit.login_url.clone(),
        client_id: of_kit.client_id.clone(),
        client_secret: of_kit.client_secret.clone(),
        api_version: None,
        scopes: Vec::new(),
        apex_rest: false,
    };
    let id = connections.create(tenant, new).await.unwrap().id;
    let secret = of_kit.client_secret.as_ref();
    let app = connections.allowed_app(&of_kit.login_url, &of_kit.client_id, secret).unwrap();
    assert!(connections.store_tokens(&id, &app, &store_kit::login(), None).await.unwrap());
    ConnectionKey { tenant: tenant.to_owned(), id }
}

#[tokio::test]
async fn the_database_passes_the_kit_for_stores() {
    let directory = tempfile::tempdir().unwrap();
    let connector = Runtime::new(RuntimeOptions::default()).unwrap().load(CONNECTOR).unwrap();
    let (one, other) = (process(directory.path(), &connector).await, process(directory.path(), &connector).await);
    let tenants = Tenants::new(one.database.clone());
    let new = |name: &str| NewTenant { name: name.to_owned(), limits: TenantLimits::default() };
    let tenant = tenants.create(new("acme")).await.unwrap().unwrap().id;
    let stranger = tenants.create(new("stranger")).await.unwrap().unwrap().id;
    store_kit::passes(async || {
        let id = connect(&one, &tenant).await;
        // A tenant finds no connection of another's, whatever its id.
        let unknown = Some(ConnectionKey { tenant: stranger.clone(), id: id.id.clone() });
        Subject { one: one.clone(), other: other.clone(), id, unknown }
    })
    .await;
}
