//! How to run a server, and why it does not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use rustls::pki_types::CertificateDer;

use super::connections::LoginHost;
use super::database::StoreError;
use super::vault::{KeySource, VaultError};
use salesforce_runtime::egress::Proxy;
use salesforce_runtime::{Limits, LoadError, RuntimeError};
use salesforce_verify::CompilerCommand;

/// What to speak TLS with.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// Certificate chain, in PEM, the server's own first.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// How to run a server.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Everything it keeps, in a directory of its own: made if it is missing, for its owner only.
    pub data: PathBuf,
    /// Scheme, host and port under which browsers reach it, if that is not the address it listens on, e.g. behind a proxy that
    /// speaks TLS.
    pub public_url: Option<String>,
    /// Certificate and key to speak TLS with.
    pub tls: Option<TlsFiles>,
    /// Where the key comes from that encrypts tokens.
    pub key: KeySource,
    /// Lets connections reach orgs on loopback, e.g. a mock.
    pub loopback_orgs: bool,
    /// Hosts beside Salesforce's domains that connections may log in at, e.g. a custom domain. Client secrets go there.
    pub login_hosts: Vec<LoginHost>,
    /// Certificate authorities to trust beside Mozilla's.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// The proxy on the way to Salesforce and other public hosts.
    pub proxy: Option<Proxy>,
    /// Executions of all tenants at the same moment.
    pub executions_at_once: u32,
    /// Connections at the same moment. None: half of the file descriptors that this process may have, at most 4,096.
    pub max_connections: Option<u32>,
    /// Those of one peer: an address, or a network (/64) of IPv6. None: a quarter of all, but no bound on loopback or behind
    /// a proxy (a public URL without TLS here), where one peer stands for many.
    pub max_connections_per_peer: Option<u32>,
    /// Most that an execution may use; a tenant's own limits are below.
    pub limits: Limits,
    /// Bytes of the data of one load, as it arrives. It is never kept, so this only bounds how long a request may go on.
    pub load_bytes: u64,
    /// The program that compiles uploaded components in a process of its own.
    pub compiler: CompilerCommand,
}

/// A server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] io::Error),
    /// It would be reachable from elsewhere in plain HTTP.
    #[error(
        "{0} can be reached from other machines, and tokens must not cross a network in the clear: give --tls-cert and \
         --tls-key, or, behind a proxy that speaks TLS, say with --public-url https://... how browsers reach it"
    )]
    Exposed(SocketAddr),
    /// The public URL is not one.
    #[error("the public URL: {0}")]
    PublicUrl(String),
    /// The certificate or its key cannot be used.
    #[error("TLS: {0}")]
    Tls(String),
    /// The data directory cannot be used.
    #[error("cannot use the data directory {}: {reason}", path.display())]
    Data {
        /// The directory.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The key cannot be used.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The key was not changed, or not everywhere.
    #[error("the key was not changed: {0}")]
    Rotation(String),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The runtime does not take the limits.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The connector cannot be loaded.
    #[error("the connector cannot be run: {0}")]
    Load(#[from] LoadError),
}

impl ServerOptions {
    /// The defaults: plain HTTP on this address, which must be loopback, the key in the data directory, 64 executions at
    /// once, loads of 16 GiB.
    #[must_use]
    pub fn new(listen: SocketAddr, data: PathBuf, compiler: CompilerCommand) -> ServerOptions {
        ServerOptions {
            listen,
            key: KeySource::in_directory(&data),
            data,
            public_url: None,
            tls: None,
            loopback_orgs: false,
            login_hosts: Vec::new(),
            extra_roots: Vec::new(),
            proxy: None,
            executions_at_once: 64,
            max_connections: None,
            max_connections_per_peer: None,
            // As much as a tenant's bound can be; the tenant's own is below.
            limits: Limits { result_bytes: 64 << 20, ..Limits::default() },
            load_bytes: 16 << 30,
            compiler,
        }
    }
}
