//! What all commands share: the global options, and the runtime they lead to.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueHint};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use salesforce_actions::bounded::Whole;
use salesforce_actions::{Actions, Attempts, DeadlineMs, ResponseBytes};
use salesforce_runtime::component;
use salesforce_runtime::{Connector, Limits, Runtime, RuntimeError, RuntimeOptions};

use super::compiling::Compiling;
use super::failure::Failure;
use super::input;
use super::output::Output;
use super::proxy;
use super::remote::{Server, ServerOptions};
use salesforce_connections::{ConnectionFile, Session};
use salesforce_runtime::bindings::types::CallOptions;

/// How much longer than the component's own deadline the host waits before it stops it.
const GRACE: Duration = Duration::from_secs(10);

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalOptions {
    /// Write results, and errors, as one line of JSON
    #[arg(long, global = true, conflicts_with = "pretty")]
    json: bool,
    /// Write results indented for people
    #[arg(long, global = true)]
    pretty: bool,
    /// Connection file, made by `harness login`; the default is salesforce-harness/connection.json under
    /// $XDG_CONFIG_HOME or ~/.config
    #[arg(long, global = true, value_name = "FILE", env = "SALESFORCE_CONNECTION")]
    connection: Option<OsString>,
    /// Run this component instead of the one inside this program; its actions are the commands then. See first whether it may
    /// run: `harness verify FILE.wasm`, which with --server also uploads it
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE.wasm")]
    component: Option<PathBuf>,
    /// Milliseconds for a whole call, 1 to 600,000 [default: 30,000]
    #[arg(long, global = true, hide_short_help = true, value_name = "MS")]
    deadline_ms: Option<DeadlineMs>,
    /// Bytes of one response body, 1 to 67,108,864 [default: 16,777,216]
    #[arg(long, global = true, hide_short_help = true, value_name = "BYTES")]
    max_response_bytes: Option<ResponseBytes>,
    /// How often a request may be sent, the first time included, 1 to 10 [default: 3]. A write whose outcome is unknown is not
    /// repeated by default: an update, an upsert or a delete once, if this is given and at least 2; a create never
    #[arg(long, global = true, hide_short_help = true, value_name = "N")]
    attempts: Option<Attempts>,
    /// Also trust the certificate authorities in this PEM file (for `harness mock --tls`, or a proxy of your own)
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE.pem", env = "SALESFORCE_CA", value_hint = ValueHint::FilePath)]
    ca: Option<OsString>,
    /// Log to standard error: -v requests, -vv more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(flatten)]
    server: ServerOptions,
}

/// The options, and what is made from them when a command needs it.
pub(crate) struct App {
    options: GlobalOptions,
    /// Milliseconds for a whole call; none: as many as the component takes by itself.
    deadline_ms: Option<u32>,
    /// Where results go.
    pub(crate) output: Output,
}

/// What runs.
pub(crate) struct Connectors {
    /// The component that the options name, or the one inside this program.
    pub(crate) component: Connector,
    /// The same if it exports OAuth, else the one inside this program: who brings actions need not bring OAuth.
    pub(crate) oauth: Connector,
}

impl Connectors {
    /// A session on the connection in this file.
    pub(crate) fn session(self, file: ConnectionFile, options: CallOptions) -> Session<ConnectionFile> {
        Session::new(self.oauth, file, options).calling(self.component)
    }
}

impl GlobalOptions {
    /// Whether errors are told as JSON.
    pub(crate) fn json(&self) -> bool {
        self.json && !self.pretty
    }

    /// As if no connection file was named.
    pub(crate) fn forget_connection(&mut self) {
        self.connection = None;
    }

    /// What `-v` lets through to standard error, in the terms of `tracing_subscriber`'s filter.
    /// A server tells what it executes even without it.
    pub(crate) fn log_filter(&self, serves: bool) -> &'static str {
        match self.verbose {
            // An agent's messages are in the log as executions, and not as they came.
            0 if serves => "info,rmcp=off",
            0 => "off",
            1 => "harness=info,salesforce=debug",
            _ => "harness=debug,salesforce=trace",
        }
    }
}

impl App {
    pub(crate) fn new(options: GlobalOptions) -> App {
        let output = Output::choose(options.json, options.pretty);
        let deadline_ms = options.deadline_ms.map(Whole::get);
        App { options, deadline_ms, output }
    }

    /// The same, with so many milliseconds for a call if the options name none.
    pub(crate) fn with_usual_deadline(&self, milliseconds: u32) -> App {
        let deadline_ms = self.deadline_ms.or(Some(milliseconds));
        App { options: self.options.clone(), deadline_ms, output: self.output }
    }

    /// The component, compiled and ready, and what makes the calls of OAuth.
    ///
    /// # Errors
    /// `Failure::Local`: the component or the CA file cannot be used.
    pub(crate) fn connectors(&self) -> Result<Connectors, Failure> {
        let runtime = made(self.runtime_options()?, Runtime::new)?;
        let (component, has_oauth) = match self.named_component()? {
            None => (self.bundled(&runtime)?, true),
            Some(wasm) => (self.load(&runtime, &wasm)?, has_oauth(&wasm)?),
        };
        let oauth = if has_oauth { component.clone() } else { self.bundled(&runtime)? };
        Ok(Connectors { component, oauth })
    }

    /// What makes the calls of OAuth, alone.
    ///
    /// # Errors
    /// As [`App::connectors`].
    pub(crate) fn oauth_connector(&self) -> Result<Connector, Failure> {
        let runtime = made(self.runtime_options()?, Runtime::new)?;
        match self.named_component()? {
            Some(wasm) if has_oauth(&wasm)? => self.load(&runtime, &wasm),
            _ => self.bundled(&runtime),
        }
    }

    /// The component with streams, compiled and ready, in an engine of its own.
    ///
    /// # Errors
    /// As [`App::connectors`].
    pub(crate) fn streams(&self) -> Result<salesforce_streams::Component, Failure> {
        let runtime = made(self.runtime_options()?, salesforce_streams::Runtime::new)?;
        let _told = (!self.json()).then(Compiling::begin);
        runtime.load(salesforce_streams::COMPONENT).map_err(unusable)
    }

    /// This program's limits.
    fn runtime_options(&self) -> Result<RuntimeOptions, Failure> {
        let extra_roots = self.extra_roots()?;
        // As much as one response can have.
        let limits = Limits { result_bytes: 64 << 20, ..Limits::default() };
        let (proxy, code_cache) = (proxy::of_environment()?, code_cache());
        let mut options = RuntimeOptions { limits, extra_roots, proxy, code_cache, ..RuntimeOptions::default() };
        if let Some(milliseconds) = self.deadline_ms {
            let deadline = Duration::from_millis(milliseconds.into()) + GRACE;
            options.limits.deadline = options.limits.deadline.max(deadline);
        }
        Ok(options)
    }

    fn bundled(&self, runtime: &Runtime) -> Result<Connector, Failure> {
        let _told = (!self.json()).then(Compiling::begin);
        runtime.load_bundled().map_err(unusable)
    }

    fn load(&self, runtime: &Runtime, wasm: &[u8]) -> Result<Connector, Failure> {
        let _told = (!self.json()).then(Compiling::begin);
        runtime.load(wasm).map_err(unusable)
    }

    /// The certificate authorities that the options name.
    ///
    /// # Errors
    /// `Failure::Local`: the CA file cannot be used.
    pub(crate) fn extra_roots(&self) -> Result<Vec<CertificateDer<'static>>, Failure> {
        Ok(named(&self.options.ca).map(certificates).transpose()?.unwrap_or_default())
    }

    /// The bytes of the component, for any host.
    ///
    /// # Errors
    /// `Failure::Local`: the file that was named cannot be read.
    pub(crate) fn component(&self) -> Result<Cow<'static, [u8]>, Failure> {
        Ok(self.named_component()?.map_or(component::CONNECTOR.into(), Into::into))
    }

    /// Those of the component that the options name.
    fn named_component(&self) -> Result<Option<Vec<u8>>, Failure> {
        let unreadable =
            |path: &Path, error| Failure::Local(format!("cannot read the component {}: {error}", path.display()));
        let path = self.options.component.as_deref();
        path.map(|path| input::bytes(path).map_err(|error| unreadable(path, error))).transpose()
    }

    /// The connection file that the options name.
    ///
    /// # Errors
    /// `Failure::Connection`.
    pub(crate) fn connection_file(&self) -> Result<ConnectionFile, Failure> {
        ConnectionFile::locate(named(&self.options.connection)).map_err(Failure::Connection)
    }

    /// Whether `--json` was given.
    pub(crate) fn json(&self) -> bool {
        self.options.json
    }

    /// Whether a result is wanted as JSON even where there is something better for people.
    pub(crate) fn wants_json(&self) -> bool {
        self.options.json || self.options.pretty
    }

    /// The connection file, if one is named.
    pub(crate) fn named_connection_file(&self) -> Option<ConnectionFile> {
        named(&self.options.connection).map(ConnectionFile::at)
    }

    /// A session on the stored connection, to call the component with. The file is read first, so that a bad one is told before
    /// anything is compiled.
    ///
    /// # Errors
    /// `Failure::Connection`, or as [`App::connectors`].
    pub(crate) fn session(&self) -> Result<Session<ConnectionFile>, Failure> {
        let file = self.connection_file()?;
        file.read().map_err(Failure::Connection)?;
        Ok(self.connectors()?.session(file, self.call_options()))
    }

    /// The server that this is to be done at; none: it is done here.
    ///
    /// # Errors
    /// The address or the token of a server that is named.
    pub(crate) fn server(&self) -> Result<Option<Server>, Failure> {
        Server::named(&self.options.server, self)
    }

    /// What leads to a server.
    pub(crate) fn server_options(&self) -> &ServerOptions {
        &self.options.server
    }

    /// The server, for a command that is about one.
    ///
    /// # Errors
    /// None is named, or as [`App::server`].
    pub(crate) fn needed_server(&self, command: &str) -> Result<Server, Failure> {
        let missing = || Failure::Usage(format!("`harness {command}` asks a server: name it with --server URL"));
        self.server()?.ok_or_else(missing)
    }

    /// Whether the options or the environment name a server.
    pub(crate) fn asks_a_server(&self) -> bool {
        self.options.server.is_named()
    }

    /// Refuses a server for a command that works on the connection file alone.
    ///
    /// # Errors
    /// `Failure::Usage`: a server is named.
    pub(crate) fn no_server(&self, command: &str) -> Result<(), Failure> {
        match self.asks_a_server() {
            false => Ok(()),
            true => Err(Failure::Usage(format!(
                "{command} works without a server only: leave --server out, and HARNESS_SERVER empty"
            ))),
        }
    }

    /// Refuses a component for what has one of its own.
    ///
    /// # Errors
    /// `Failure::Usage`: a component is named.
    pub(crate) fn no_component(&self, option: &str) -> Result<(), Failure> {
        match self.options.component {
            None => Ok(()),
            Some(_) => Err(Failure::Usage(format!(
                "{option} runs a component of its own, inside this program: leave --component out"
            ))),
        }
    }

    /// Digest of the component that `--component` names: its name at a server.
    ///
    /// # Errors
    /// `Failure::Local`: the file cannot be read.
    pub(crate) fn named_component_digest(&self) -> Result<Option<String>, Failure> {
        let named = self.options.component.is_some();
        named.then(|| self.component().map(|wasm| component::digest(&wasm))).transpose()
    }

    /// A refusal of a server, which may not have the component that `--component` names.
    pub(crate) fn of_component(&self, failure: Failure) -> Failure {
        match (&self.options.component, failure) {
            (Some(path), Failure::Server(mut failure)) if failure.kind == "invalid-request" => {
                let words = format!(
                    "If the server does not have the component, `harness verify {}` with the same --server uploads it.",
                    path.display()
                );
                failure.advice = Some(words);
                Failure::Server(failure)
            }
            (_, failure) => failure,
        }
    }

    /// Limits of each call.
    pub(crate) fn call_options(&self) -> CallOptions {
        CallOptions {
            deadline_ms: self.deadline_ms,
            max_response_bytes: self.options.max_response_bytes.map(Whole::get),
            attempts: self.options.attempts.map(Whole::get),
        }
    }
}

/// Refuses options that have no effect at a server.
///
/// # Errors
/// `Failure::Usage`: one of them was given.
pub(super) fn works_without_a_server_only(options: &[(&str, bool)], why: &str) -> Result<(), Failure> {
    match options.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Failure::Usage(format!("{option} works without a server only: {why}"))),
        None => Ok(()),
    }
}

/// Whether a component exports the connector's interface of OAuth.
fn has_oauth(wasm: &[u8]) -> Result<bool, Failure> {
    let exports = component::describe(wasm).map_err(unusable)?.exports;
    let oauth = Actions::of_connector().named("user-info").map(|action| &action.interface);
    Ok(exports.iter().any(|export| Some(export) == oauth))
}

/// A runtime; without the cache of compiled code, if that cannot be used.
fn made<R>(options: RuntimeOptions, make: impl Fn(RuntimeOptions) -> Result<R, RuntimeError>) -> Result<R, Failure> {
    let runtime = make(options.clone()).or_else(|error| match error {
        RuntimeError::CodeCache { .. } => {
            tracing::warn!("{error}; the component is compiled anew");
            make(RuntimeOptions { code_cache: None, ..options })
        }
        other => Err(other),
    });
    runtime.map_err(|error| Failure::Local(error.to_string()))
}

fn unusable(error: impl Display) -> Failure {
    Failure::Local(format!("the component cannot be run: {error}"))
}

/// The path that an option or its variable names. An empty variable names none.
fn named(path: &Option<OsString>) -> Option<&Path> {
    path.as_deref().filter(|path| !path.is_empty()).map(Path::new)
}

/// The certificates of a PEM file.
///
/// # Errors
/// `Failure::Local`: it cannot be read, or holds no certificate.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let pem = input::text_bytes(path)
        .map_err(|error| Failure::Local(format!("cannot read the certificates {}: {error}", path.display())))?;
    let wrong = |why: String| Failure::Local(format!("{}: expected certificates in PEM form: {why}", path.display()));
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(error.to_string()))?;
    if certificates.is_empty() { Err(wrong("there is none in it".to_owned())) } else { Ok(certificates) }
}

/// Where compiled components are kept: `salesforce-harness` under `$XDG_CACHE_HOME` or `~/.cache`.
fn code_cache() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(cache.join("salesforce-harness"))
}
