//! `harness serve`.

mod configuration;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use salesforce_actions::bounded::Whole;
use salesforce_runtime::Limits;
use salesforce_runtime::secret::Secret;
use salesforce_server::{KeySource, LoginHost, Server, ServerOptions, StartError, TlsFiles};
use serde::Serialize;

pub(super) use self::configuration::Configuration;
use self::configuration::{Setting, table};
use super::failure::Failure;
use super::output::{Output, write_line};
use super::verify::this_program;
use super::{App, interrupt, listen, proxy};

/// Names of the environment variables with a key of one's own.
pub(super) const KEY: &str = "HARNESS_KEY";
pub(super) const PREVIOUS_KEY: &str = "HARNESS_PREVIOUS_KEY";

/// How long Ctrl-C waits for executions that run.
const PATIENCE: Duration = Duration::from_secs(30);
const MIB: usize = 1 << 20;

const HELP: &str = "\
The first start makes everything that is missing in the data directory: the database, the key
that encrypts tokens in it (or set HARNESS_KEY to 32 bytes in base64), an administrator's token,
and a tenant `default` with one, both in files that only you can read. Open the URL in a browser
and log in to the console with the tenant's token.

Each option is also a key of the file that --config names, in TOML and without the dashes, such
as public-url = 'https://workflow.example.com' or login-host = ['login.example.com']. Arguments
come before the environment, that before the file, and the file before the defaults. Files that
it names are beside it. --check-config shows what holds, and where each option comes from.

Beyond loopback it speaks TLS (--tls-cert, --tls-key) or is told which proxy does (--public-url).
Ctrl-C lets executions finish, for up to 30 seconds; a second one ends it at once.

Examples:
  harness serve
  harness serve --listen 127.0.0.1:8713 --data ./data --allow-loopback-orgs
  harness serve --config server.toml --check-config
  harness serve --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem \\
      --public-url https://workflow.example.com";

/// Run a small workflow runtime: connections, executions, uploads, a REST API and a console
///
/// It owns the connection URL that goes into a Salesforce connected app, keeps connections in SQLite with their tokens
/// encrypted, and runs actions, a fresh instance for every execution. /openapi.json describes its API.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Serve {
    /// File with these options, in TOML; see below
    #[arg(long, value_name = "FILE.toml", env = "HARNESS_CONFIG")]
    config: Option<PathBuf>,
    /// Check the options, show where each comes from, and start nothing
    #[arg(long)]
    check_config: bool,
    /// What came of all of them.
    #[arg(skip)]
    pub(super) settings: Vec<Setting>,
    /// Address to listen on, or localhost and a port; port 0 is any free one
    #[arg(long, value_name = "ADDRESS", env = "HARNESS_LISTEN", default_value = "127.0.0.1:8713", value_parser = listen::address)]
    listen: SocketAddr,
    /// Directory for everything it keeps [default: salesforce-harness under $XDG_DATA_HOME or ~/.local/share]
    #[arg(long, value_name = "DIR", env = "HARNESS_DATA")]
    data: Option<PathBuf>,
    /// How browsers reach it, if that is not the address: scheme, host and port
    #[arg(long, value_name = "URL", env = "HARNESS_PUBLIC_URL")]
    public_url: Option<String>,
    /// Certificate chain to speak TLS with, in PEM
    #[arg(long, value_name = "FILE.pem", env = "HARNESS_TLS_CERT")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long, value_name = "FILE.pem", env = "HARNESS_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// Let connections reach orgs on loopback, such as `harness mock`
    #[arg(long, env = "HARNESS_ALLOW_LOOPBACK_ORGS")]
    allow_loopback_orgs: bool,
    /// Also let connections log in at this host, or with *.example.com at every host below it; repeat it for several.
    /// Client secrets go there [default: the domains of Salesforce]
    #[arg(long = "login-host", value_name = "HOST", env = "HARNESS_LOGIN_HOST", value_delimiter = ',')]
    login_hosts: Vec<LoginHost>,
    /// Executions of all tenants at the same moment: 1 to 10,000
    #[arg(long, value_name = "N", env = "HARNESS_EXECUTIONS", default_value = "64")]
    executions: Whole<u32, 1, 10_000>,
    /// Connections at the same moment: 1 to 1,000,000 [default: half of the file descriptors it may have, at most 4,096]
    #[arg(long, value_name = "N", env = "HARNESS_MAX_CONNECTIONS")]
    max_connections: Option<Whole<u32, 1, 1_000_000>>,
    /// Connections of one address (IPv6: one /64 network), 1 to 1,000,000 [default: a quarter of all; no bound on loopback, nor with
    /// --public-url and no TLS here, where all come through one proxy]
    #[arg(long, value_name = "N", env = "HARNESS_MAX_CONNECTIONS_PER_PEER")]
    max_connections_per_peer: Option<Whole<u32, 1, 1_000_000>>,
    /// Most linear memory of one execution, in MiB: 1 to 4,096; a tenant's own limit is below
    #[arg(long, value_name = "MIB", env = "HARNESS_MEMORY_MIB", default_value = "64")]
    memory_mib: Whole<u32, 1, 4096>,
}

/// Encrypt everything in a server's data directory with a new key
///
/// Servers may run meanwhile: the new key encrypts once each of them has it, and the old one goes when nothing encrypted
/// with it is left. What was cut off goes on when it is run again. With the key in a file, a new one is made. With
/// HARNESS_KEY, restart the servers with HARNESS_KEY set to the new key and HARNESS_PREVIOUS_KEY to the old one, then run
/// this with both.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  harness rotate-key --data ./data\n  \
                        HARNESS_PREVIOUS_KEY=$OLD HARNESS_KEY=$NEW harness rotate-key --data ./data")]
pub(crate) struct RotateKey {
    /// Directory of the server
    #[arg(long, value_name = "DIR", env = "HARNESS_DATA")]
    data: Option<PathBuf>,
    /// How long servers may take to learn the new key, in seconds: 1 to 3,600
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    wait: Whole<u32, 1, 3600>,
}

/// How to reach the server.
#[derive(Serialize)]
struct Reach<'a> {
    url: &'a str,
    /// Where it listens, which a public URL does not tell.
    address: SocketAddr,
    callback_url: &'a str,
    data: String,
    /// Files, at the first start alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_token_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_token_file: Option<String>,
}

impl Serve {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let data = data_directory(self.data.as_deref())?;
        take_all_descriptors();
        let options = self.options(&data, app)?;
        if self.check_config {
            salesforce_server::check(&options).map_err(failed)?;
            return match app.output {
                Output::Json => app.output.write(&self.settings),
                Output::Pretty => {
                    let settings = table(&self.settings);
                    write_line(&mut anstream::stdout().lock(), &format!("{settings}\nA server can start with these."))
                }
            };
        }
        let server = Server::start(options).await.map_err(failed)?;
        // Whoever reads where it is may end it from then on.
        let ended = interrupt::signalled();
        let made = server.first_start();
        let reach = Reach {
            url: server.url(),
            address: server.address(),
            callback_url: server.callback_url(),
            data: data.display().to_string(),
            admin_token_file: made.map(|made| made.admin_token.display().to_string()),
            tenant_token_file: made.map(|made| made.tenant_token.display().to_string()),
        };
        match app.output {
            Output::Json => app.output.write(&reach)?,
            Output::Pretty => write_line(&mut anstream::stdout().lock(), &reach.to_text())?,
        }
        ended.await;
        tracing::info!("shutting down: executions that run may finish");
        tokio::select! {
            () = server.stop(PATIENCE) => {}
            () = interrupt::signalled() => {}
        }
        Ok(())
    }

    /// How the server is to run.
    fn options(&self, data: &Path, app: &App) -> Result<ServerOptions, Failure> {
        let mut options = ServerOptions::new(self.listen, data.to_owned(), this_program()?);
        options.key = key_source(data)?;
        options.public_url = self.public_url.clone();
        options.tls = match (&self.tls_cert, &self.tls_key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate: certificate.clone(), key: key.clone() }),
            _ => return Err(Failure::Usage("expected both of tls-cert and tls-key, or neither".to_owned())),
        };
        options.loopback_orgs = self.allow_loopback_orgs;
        options.login_hosts = self.login_hosts.clone();
        options.extra_roots = app.extra_roots()?;
        options.proxy = proxy::of_environment()?;
        options.executions_at_once = self.executions.get();
        options.max_connections = self.max_connections.map(Whole::get);
        options.max_connections_per_peer = self.max_connections_per_peer.map(Whole::get);
        options.limits = Limits {
            memory_bytes: usize::try_from(self.memory_mib.get()).unwrap_or(usize::MAX).saturating_mul(MIB),
            // The steps of an authorization and refreshes run beside the executions.
            concurrent_executions: self.executions.get().saturating_add(64),
            ..options.limits
        };
        Ok(options)
    }
}

impl RotateKey {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Rotated {
            reencrypted: usize,
        }
        let data = data_directory(self.data.as_deref())?;
        let (key, wait) = (key_source(&data)?, Duration::from_secs(self.wait.get().into()));
        let reencrypted = salesforce_server::rotate_key(&data, key, wait).await.map_err(failed)?;
        app.output.write(&Rotated { reencrypted })
    }
}

impl Reach<'_> {
    fn to_text(&self) -> String {
        let bold = anstyle::Style::new().bold();
        let mut lines = vec![format!("The server is at {bold}{}{bold:#}  (Ctrl-C ends it)\n", self.url)];
        let mut facts = vec![("callback URL", self.callback_url), ("data", &self.data)];
        facts.extend(self.tenant_token_file.as_deref().map(|file| ("tenant token", file)));
        facts.extend(self.admin_token_file.as_deref().map(|file| ("admin token", file)));
        lines.extend(facts.into_iter().map(|(name, value)| format!("  {name:14} {value}")));
        if let Some(file) = &self.tenant_token_file {
            lines.push("\nLog in to the console with the tenant token, or in another terminal:".to_owned());
            lines.push(format!("  curl -H \"Authorization: Bearer $(cat '{file}')\" {}/v1/connections", self.url));
        }
        lines.join("\n")
    }
}

/// Lets the process have as many file descriptors as its user may allow it: connections are counted from them.
fn take_all_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    // A system that does not let it leaves the lower limit, which is counted from just the same.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

fn failed(error: StartError) -> Failure {
    match error {
        StartError::Exposed(_) | StartError::PublicUrl(_) => Failure::Usage(error.to_string()),
        other => Failure::Local(other.to_string()),
    }
}

/// The directory that was named, or the user's own.
pub(super) fn data_directory(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let own = || absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")));
    let named = named.filter(|path| !path.as_os_str().is_empty()).map(Path::to_owned);
    named
        .or_else(|| Some(own()?.join("salesforce-harness")))
        .ok_or_else(|| Failure::Usage("there is no home directory: name a directory with --data DIR".to_owned()))
}

/// A key of one's own from the environment, else the key file.
pub(super) fn key_source(data: &Path) -> Result<KeySource, Failure> {
    let variable = |name| std::env::var(name).ok().filter(|text| !text.is_empty()).map(Secret::from);
    match (variable(KEY), variable(PREVIOUS_KEY)) {
        (Some(current), previous) => Ok(KeySource::Given { current, previous }),
        (None, None) => Ok(KeySource::in_directory(data)),
        (None, Some(_)) => Err(Failure::Usage(format!("{PREVIOUS_KEY} is set without {KEY}"))),
    }
}
