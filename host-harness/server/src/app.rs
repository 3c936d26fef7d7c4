//! What all handlers share.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use super::backup;
use super::components::{self, Components};
use super::connections::{self, Connections, LoginHosts};
use super::database::{Database, FILE as DATABASE, StoreError};
use super::describe::Describe;
use super::executions::{self, Executions};
use super::metrics::{Census, Metrics};
use super::options::{ServerOptions, StartError};
use super::process::{self, Process};
use super::tenants::{NewTenant, TenantLimits, Tenants};
use super::transit::Transit;
use super::vault::Vault;
use super::webhook::Webhooks;
use super::{CONNECTION_PATH, FirstStart, listen};
use salesforce_runtime::egress::ExchangeObserver;
use salesforce_runtime::{Runtime, RuntimeError, RuntimeOptions, Scheduler};
use salesforce_verify::VerifyOptions;

/// The services of a server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) tenants: Tenants,
    pub(crate) connections: Connections,
    pub(crate) components: Components,
    pub(crate) executions: Executions,
    pub(crate) describe: Describe,
    pub(crate) webhooks: Webhooks,
    pub(crate) database: Database,
    pub(crate) vault: Arc<Vault>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) census: Arc<Census>,
    pub(crate) transit: Arc<Transit>,
    public_url: Arc<str>,
}

impl App {
    /// Opens everything in the data directory.
    pub(super) async fn open(
        options: &ServerOptions,
        address: SocketAddr,
    ) -> Result<(App, Option<FirstStart>), StartError> {
        let public_url = listen::public_url(options, address)?;
        make_private(&options.data)?;
        let file = |name: &str| options.data.join(name);
        let database = Database::open(&file(DATABASE))?;
        let process = Process::register(&process::directory(&options.data));
        let process = Arc::new(process.map_err(|error| data_error(options, &error))?);
        let vault = Arc::new(Vault::open(options.key.clone(), &database, Some(process.clone())).await?);
        let scheduler = Scheduler::start().map_err(|error| RuntimeError::Engine(error.to_string()))?;
        let metrics = Arc::new(Metrics::new());
        let login_hosts = Arc::new(LoginHosts::new(options.login_hosts.clone(), options.loopback_orgs));
        let runtime = Runtime::new(RuntimeOptions {
            limits: options.limits.clone(),
            code_cache: Some(file("compiled")),
            extra_roots: options.extra_roots.clone(),
            proxy: options.proxy.clone(),
            scheduler: Some(scheduler.clone()),
            exchange_observer: Some(observer(metrics.clone(), login_hosts.clone())),
            ..RuntimeOptions::default()
        })?;
        let connector = {
            let runtime = runtime.clone();
            let loading = tokio::task::spawn_blocking(move || runtime.load_bundled());
            loading.await.map_err(|_| StoreError::Closed)??
        };
        let needed = connections::Dependencies {
            callback_url: format!("{public_url}{CONNECTION_PATH}"),
            loopback: options.loopback_orgs,
            login_hosts,
            locks: file("refreshes"),
            metrics: metrics.clone(),
        };
        let connections = Connections::new(database.clone(), vault.clone(), connector.clone(), needed);
        let mut verify = VerifyOptions::new(options.compiler.clone());
        verify.code_cache = Some(file("compiled"));
        verify.work = Some(components::work_directory(&file("compiled"), process.id()));
        verify.limits.wasm_stack_bytes = options.limits.wasm_stack_bytes;
        verify.limits.memory_bytes = options.limits.memory_bytes;
        let webhooks =
            Webhooks::new(database.clone(), vault.clone(), runtime.clone(), options.loopback_orgs, metrics.clone());
        let components = Components::new(components::Dependencies {
            database: database.clone(),
            vault: vault.clone(),
            process: process.clone(),
            runtime,
            scheduler,
            directory: file("components"),
            verify,
            metrics: metrics.clone(),
        });
        let executions = Executions::new(executions::Dependencies {
            database: database.clone(),
            vault: vault.clone(),
            process,
            connections: connections.clone(),
            components: components.clone(),
            connector,
            executions_at_once: options.executions_at_once,
            load_bytes: options.load_bytes,
            metrics: metrics.clone(),
        });
        let census = Arc::new(Census::new(database.clone(), &options.data, file(DATABASE)));
        let describe = Describe::new(connections.clone(), executions.clone());
        let tenants = Tenants::new(database.clone());
        let public_url = public_url.into();
        let transit = Arc::default();
        let app = App {
            tenants,
            connections,
            components,
            executions,
            describe,
            webhooks,
            database,
            vault,
            metrics,
            census,
            transit,
            public_url,
        };
        let lost = app.executions.declare_lost().await?;
        if lost > 0 {
            tracing::warn!(lost, "executions of a process that died are unknown now");
            app.metrics.lost(lost);
        }
        let first_start = app.first_start(options).await?;
        Ok((app, first_start))
    }

    /// Scheme, host and port under which browsers reach the server.
    pub(crate) fn public_url(&self) -> &str {
        &self.public_url
    }

    /// What waits in this process until the database takes writes: ends of executions, and new tokens.
    pub(crate) fn unrecorded(&self) -> usize {
        self.executions.unrecorded() + self.connections.unstored()
    }

    /// Whether browsers reach it over TLS, so that cookies may be for TLS only.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.starts_with("https:")
    }

    /// The first start makes an administrator's token and a tenant with one, so that there is nothing to set up.
    async fn first_start(&self, options: &ServerOptions) -> Result<Option<FirstStart>, StartError> {
        let new = NewTenant { name: "default".to_owned(), limits: TenantLimits::default() };
        if !self.tenants.list(None, 1).await?.is_empty() {
            return Ok(None);
        }
        let Some(tenant) = self.tenants.create(new).await? else { return Ok(None) };
        let made = FirstStart {
            admin_token: options.data.join("admin-token"),
            tenant_token: options.data.join("tenant-token"),
        };
        for (path, tenant) in [(&made.admin_token, None), (&made.tenant_token, Some(tenant.id))] {
            let token = self.tenants.create_token(tenant, "first start".to_owned()).await?;
            let write = || {
                let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
                file.write_all(token.reveal().as_bytes())?;
                file.write_all(b"\n")
            };
            write().map_err(|error| data_error(options, &error))?;
        }
        Ok(Some(made))
    }
}

/// Counts what goes out to Salesforce.
fn observer(metrics: Arc<Metrics>, login_hosts: Arc<LoginHosts>) -> ExchangeObserver {
    ExchangeObserver::new(move |exchange| {
        metrics.exchanged(login_hosts.kind_of(&exchange.origin), exchange.failure, exchange.status);
    })
}

/// What a data directory must be, as far as it is there: its owner's alone, no backup, which is restored first, and with its
/// database, or a new one would be made over what is left.
pub(super) fn check_data(directory: &Path) -> Result<(), StartError> {
    let refuse = |reason: String| Err(StartError::Data { path: directory.to_owned(), reason });
    let found = match std::fs::metadata(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return refuse(error.to_string()),
        Ok(found) => found,
    };
    if !found.is_dir() {
        return refuse("it is a file, expected a directory".to_owned());
    }
    let mode = found.mode() & 0o777;
    if mode & 0o077 != 0 {
        return refuse(format!("others can look into it (mode {mode:o}): type chmod 700 {}", directory.display()));
    }
    let there = |name: &str| directory.join(name).exists();
    if there(backup::MANIFEST) {
        return refuse("it is a backup: `harness restore` makes a data directory of it".to_owned());
    }
    let is_database = std::fs::metadata(directory.join(DATABASE)).is_ok_and(|database| database.len() > 0);
    let left = ["admin-token", "tenant-token", "components"].into_iter().find(|name| !is_database && there(name));
    match left {
        None => Ok(()),
        Some(left) => refuse(format!(
            "{DATABASE} is missing or empty, and {left} is there: put the database back (`harness restore` of a backup \
             makes a whole directory), or, to begin anew, name another directory"
        )),
    }
}

/// Makes the data directory if it is missing, its owner's alone.
fn make_private(directory: &Path) -> Result<(), StartError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.or_else(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Ok(()),
        _ => Err(StartError::Data { path: directory.to_owned(), reason: error.to_string() }),
    })?;
    check_data(directory)
}

fn data_error(options: &ServerOptions, error: &std::io::Error) -> StartError {
    StartError::Data { path: options.data.clone(), reason: error.to_string() }
}
