//! Runs the Salesforce connector, or any component with its exports, inside of a Rust program: each call in a fresh instance,
//! under limits, with the network that you allow and nothing else.
//!
//! For programs that make the calls themselves and have an access token. To have expired sessions refreshed, add
//! `salesforce-connections`; to take calls as JSON, `salesforce-actions`. Both build on this crate.
//!
//! ```no_run
//! use salesforce_runtime::bindings::soql::Query;
//! use salesforce_runtime::bindings::types::{CallOptions, Connection};
//! use salesforce_runtime::egress::EgressPolicy;
//! use salesforce_runtime::{Runtime, RuntimeOptions};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let runtime = Runtime::new(RuntimeOptions::default())?; // once per process
//!     let wasm = std::fs::read("salesforce.wasm")?;
//!     let connector = runtime.load(&wasm)?; // once per component: this compiles. With the feature `bundled`: `load_bundled()`
//!
//!     let connection = Connection {
//!         instance_url: "https://example.my.salesforce.com".to_owned(),
//!         access_token: std::env::var("SALESFORCE_ACCESS_TOKEN")?,
//!         api_version: None,
//!     };
//!     let query = Query {
//!         soql: "SELECT Id, Name FROM Account".to_owned(),
//!         parameters: Vec::new(),
//!         include_deleted: false,
//!         batch_size: None,
//!         max_records: None,
//!     };
//!     let options = CallOptions { deadline_ms: Some(10_000), max_response_bytes: None, attempts: None };
//!
//!     let policy = EgressPolicy::origins([connection.instance_url.parse()?]);
//!     let page = connector.execution(policy).soql_query(&connection, &query, options).await?; // once per call
//!     println!("{} records of {:?}: {}", page.count, page.total_size, page.records); // `records` is a JSON array
//!     Ok(())
//! }
//! ```
//!
//! # What lives how long
//!
//! | | made | holds |
//! |---|---|---|
//! | [`Runtime`] | once per process, with [`RuntimeOptions`] | the engine, pooled connections, the cache of compiled code |
//! | [`Connector`] | once per component, by [`Runtime::load`] | its compiled code |
//! | [`Execution`] | once per call, by [`Connector::execution`] with an [`EgressPolicy`] | an instance, while the call lasts |
//!
//! Nothing lives longer than its call but the compiled code and the pooled connections, so no call can see another's data.
//! The first two are cheap to clone.
//!
//! An execution has a method for each function of the connector's WIT, and [`Execution::act`] for any other function of an
//! action's form. Arguments and results are the types in [`bindings`], generated from `wit/` with its documentation: texts in
//! `records`, `fields` and `values` are JSON, times are milliseconds, sizes are bytes. [`names`] has the WIT's names of errors
//! and outcomes; [`component`] says what a component's bytes import and export.
//!
//! # When a call fails
//!
//! [`ExecutionError`] is the component's own error or a failure of the host, and answers the same three questions either way:
//!
//! | question | answer |
//! |---|---|
//! | What went wrong? | [`kind`](ExecutionError::kind), sorted by what the caller may do. None: the host ended the call, and [`HostFailureKind`] says why |
//! | What became of it at Salesforce? | [`outcome`](ExecutionError::outcome): not sent, rejected, or unknown |
//! | May the same call be made again? | [`is_retryable`](ExecutionError::is_retryable) |
//!
//! ```
//! use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
//! use salesforce_runtime::{ExecutionError, HostFailure, HostFailureKind};
//!
//! fn next(error: &ExecutionError) -> &'static str {
//!     match (error.is_retryable(), error.outcome(), error.kind()) {
//!         (true, ..) => "make the same call again, later",
//!         (_, Outcome::Unknown, _) => "look into the org before you make it again",
//!         (_, _, Some(ErrorKind::SessionExpired)) => "refresh once, store the tokens, make it again",
//!         _ => "correct the call: nothing was changed",
//!     }
//! }
//!
//! let kind = HostFailureKind::Overloaded;
//! let busy = HostFailure { kind, outcome: Outcome::NotSent, message: "as many executions are running as may".to_owned() };
//! assert_eq!(next(&ExecutionError::Host(busy)), "make the same call again, later");
//! ```
//!
//! The component's word counts only where it makes things worse: what its error claims is held against the requests that the
//! host saw ([`Evidence`]).
//!
//! # Limits
//!
//! [`Limits`] has them with their defaults.
//!
//! | limit | how | ends as |
//! |---|---|---|
//! | memory, tables | a limiter per store, and the size of the pool's slots | [`HostFailureKind::ResourceExhausted`] |
//! | size of a result | wasmtime's budget for what a call copies out of a component's memory, and the size of each field | [`HostFailureKind::ResourceExhausted`]; a field beyond what its interface allows: [`HostFailureKind::BadResult`] |
//! | time | a timer around the whole call; a busy component yields to it at every tick of the epoch | [`HostFailureKind::DeadlineExceeded`] |
//! | processors | a [`Scheduler`] that all share, where there is one | its turn comes later |
//! | executions at once | the pool's size | [`HostFailureKind::Overloaded`] |
//! | network | [`egress`] | an error inside the component |
//!
//! # What it depends on
//!
//! wasmtime, hyper and rustls, and nothing of this workspace but the connector's pure core, which knows what Salesforce's
//! addresses and secrets look like. With the feature `bundled` it builds the connector and carries it as
//! `component::CONNECTOR`, and once more for this runtime alone: [`Runtime::load_bundled`].

mod answer;
pub mod bindings;
mod cache;
pub mod component;
mod connector;
pub mod egress;
mod engine;
mod error;
mod evidence;
mod execution;
mod exports;
mod failure;
mod hosted;
pub mod imports;
mod limits;
mod memory_use;
pub mod names;
mod sandbox;
mod scheduler;
pub mod secret;
mod store;
pub mod text;
mod ticker;
mod told;
mod unoffered;
mod values;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use rustls::pki_types::CertificateDer;
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use crate::component::describe;
use crate::egress::{
    Bodies, Egress, EgressPolicy, Endpoint, ExchangeFailure, ExchangeObserver, Hosts, Proxy, StandIns,
};
pub use cache::CodeCache;
pub use connector::Connector;
pub use error::{LoadError, RuntimeError};
pub use evidence::Evidence;
pub use execution::{ActionResult, Execution};
pub use failure::{ExecutionError, HostFailure, HostFailureKind};
pub use limits::Limits;
pub use memory_use::MemoryUse;
pub use sandbox::Sandbox;
pub use scheduler::Scheduler;
pub use scheduler::step_back;
pub use store::State;
use ticker::Ticker;
/// A value of any WIT type.
pub use wasmtime::component::Val;

/// How to set up a [`Runtime`].
///
/// ```no_run
/// use salesforce_runtime::{Limits, Runtime, RuntimeOptions};
///
/// let limits = Limits { memory_bytes: 32 << 20, concurrent_executions: 1_000, ..Limits::default() };
/// let code_cache = Some("/var/cache/my-program/code".into());
/// let runtime = Runtime::new(RuntimeOptions { limits, code_cache, ..RuntimeOptions::default() })?;
/// # Ok::<(), salesforce_runtime::RuntimeError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct RuntimeOptions {
    /// What an execution may use.
    pub limits: Limits,
    /// Directory for compiled code; made if it is missing, for its owner only. Compiled code is machine code: whoever
    /// can write there can take over this process, so a directory that others can write to is refused. None: every
    /// load compiles.
    pub code_cache: Option<PathBuf>,
    /// Certificate authorities to trust beside Mozilla's, e.g. a mock's.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Names with fixed addresses, as in `/etc/hosts`. An empty list: the name does not resolve. The addresses are
    /// checked like those that DNS gives.
    pub hosts: HashMap<String, Vec<IpAddr>>,
    /// The proxy on the way to public hosts, such as [`Proxy::new`] makes of `HTTPS_PROXY` and `NO_PROXY`: this crate reads no
    /// environment. It resolves names, so whether they lead to public addresses is for it to see to. None: there is no proxy.
    pub proxy: Option<Proxy>,
    /// Where components run, and who is next there. None: on the threads of whoever calls, in no order.
    pub scheduler: Option<Scheduler>,
    /// Who is told of each exchange with the network. None: nobody.
    pub exchange_observer: Option<ExchangeObserver>,
}

/// Runs components. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Runtime {
    shared: Arc<Shared>,
}

/// What all executions share.
pub(crate) struct Shared {
    engine: Engine,
    linker: Linker<State>,
    limits: Limits,
    egress: Arc<Egress>,
    cache: Option<CodeCache>,
    scheduler: Option<Scheduler>,
    _ticker: Ticker,
}

impl Runtime {
    /// Reserves the address space for all executions and starts the thread that ticks for the deadlines. Both go when
    /// the last clone and the last [`Connector`] do.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the options cannot be met.
    pub fn new(options: RuntimeOptions) -> Result<Self, RuntimeError> {
        Self::with_stand_ins(options, StandIns::default())
    }

    /// As [`Runtime::new`], for a verification: some names lead to servers on this machine, as if these were on the
    /// public network.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the options cannot be met.
    pub fn with_stand_ins(options: RuntimeOptions, stand_ins: StandIns) -> Result<Self, RuntimeError> {
        Self::of(options, stand_ins, false)
    }

    /// As [`Runtime::new`], with an engine that runs components of WASI 0.3 too, at a price for every call: what
    /// `salesforce-streams` is built on, together with [`Runtime::engine`], [`Runtime::compile`] and [`Runtime::sandbox`].
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the options cannot be met.
    pub fn with_concurrency(options: RuntimeOptions) -> Result<Self, RuntimeError> {
        Self::of(options, StandIns::default(), true)
    }

    fn of(options: RuntimeOptions, stand_ins: StandIns, concurrency: bool) -> Result<Self, RuntimeError> {
        let RuntimeOptions { limits, code_cache, extra_roots, hosts, proxy, scheduler, exchange_observer } = options;
        let engine = engine::new(&limits, concurrency).map_err(|error| RuntimeError::Engine(one_line(&error)))?;
        let linker = imports::linker(&engine).map_err(|error| RuntimeError::Engine(one_line(&error)))?;
        let ways = (Hosts::new(hosts, stand_ins), proxy);
        let bodies = if concurrency { Bodies::Streamed } else { Bodies::Held };
        let egress = Arc::new(Egress::new(limits.egress.clone(), bodies, &extra_roots, ways, exchange_observer)?);
        let cache = code_cache.map(CodeCache::open).transpose()?;
        let ticker = Ticker::start(&engine).map_err(|error| RuntimeError::Engine(error.to_string()))?;
        Ok(Self { shared: Arc::new(Shared { engine, linker, limits, egress, cache, scheduler, _ticker: ticker }) })
    }

    /// Compiles a component, or takes its compiled code from the cache, and links it.
    ///
    /// This takes a second or so of all processors when it compiles: call it once per component, off the async
    /// threads.
    ///
    /// # Errors
    ///
    /// [`LoadError`] if it is not a connector, or needs more than this host offers.
    pub fn load(&self, wasm: &[u8]) -> Result<Connector, LoadError> {
        imports::check(wasm)?;
        self.connector(&self.shared.linker, &self.compile(wasm)?)
    }

    /// As [`Runtime::load`], for the connector that this crate carries, in its form for this runtime: a request and its answer are one
    /// call of the host, in place of some forty of WASI HTTP. No other component may import that.
    ///
    /// # Errors
    ///
    /// As [`Runtime::load`], but for the imports.
    #[cfg(feature = "bundled")]
    pub fn load_bundled(&self) -> Result<Connector, LoadError> {
        self.connector(&self.shared.linker, &self.compile(component::HOSTED)?)
    }

    /// As [`Runtime::load`], from code that is in the cache already. Never compiles, so a component costs no more time
    /// and memory than its code is large.
    ///
    /// # Errors
    ///
    /// As [`Runtime::load`]; [`LoadError::Compile`] as well if the code is not there.
    pub fn load_compiled(&self, wasm: &[u8]) -> Result<Connector, LoadError> {
        imports::check(wasm)?;
        let found = self.shared.cache.as_ref().and_then(|cache| cache.find(&self.shared.engine, wasm));
        let component = found
            .ok_or_else(|| LoadError::Compile("its compiled code is missing or damaged".to_owned()))?
            .map_err(|error| LoadError::Compile(one_line(&error)))?;
        self.connector(&self.shared.linker, &component)
    }

    /// As [`Runtime::load`], for a component that needs more than this host offers: it traps when it calls any of that. For
    /// measuring what was built for other hosts; a component that somebody uploaded is refused instead.
    ///
    /// # Errors
    ///
    /// As [`Runtime::load`], but for the imports.
    pub fn load_beyond_the_offer(&self, wasm: &[u8]) -> Result<Connector, LoadError> {
        describe(wasm)?;
        let component = self.compile(wasm)?;
        let mut linker = self.shared.linker.clone();
        unoffered::trap(&mut linker, &component).map_err(|error| LoadError::Compile(one_line(&error)))?;
        self.connector(&linker, &component)
    }

    /// Where the compiled code of the component with this SHA-256 is kept, if anywhere.
    #[must_use]
    pub fn code_path(&self, digest: &[u8; 32]) -> Option<PathBuf> {
        Some(self.shared.cache.as_ref()?.path_of(&self.shared.engine, digest))
    }

    /// Moves a component's compiled code to another directory for compiled code, on the same file system.
    ///
    /// # Errors
    ///
    /// The system's, where the file cannot be moved or was never there.
    pub fn hand_over(&self, wasm: &[u8], to: &CodeCache) -> io::Result<()> {
        let Some(from) = &self.shared.cache else { return Err(io::ErrorKind::NotFound.into()) };
        from.hand_over(&self.shared.engine, wasm, to)
    }

    fn connector(&self, linker: &Linker<State>, component: &Component) -> Result<Connector, LoadError> {
        let instances = linker.instantiate_pre(component).map_err(|error| LoadError::Compile(one_line(&error)))?;
        Connector::new(self.shared.clone(), instances).map_err(LoadError::Export)
    }

    /// Posts a body of the host's own, a webhook's say, on the way of all requests. The answer's status, as soon as its head is here;
    /// nothing of its body is read, and no redirect is followed. The exchange observer is not told.
    ///
    /// # Errors
    ///
    /// [`ExchangeFailure`] if there is no answer `within` that time.
    pub async fn post(
        &self,
        endpoint: &Endpoint,
        headers: HeaderMap,
        body: Bytes,
        within: Duration,
    ) -> Result<StatusCode, ExchangeFailure> {
        self.shared.egress.post(endpoint, headers, body, within).await
    }

    /// Its engine, for a linker of other imports.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    /// A fresh sandbox for a component of any world, whose requests go where `policy` says.
    pub fn sandbox(&self, policy: EgressPolicy) -> Sandbox {
        Sandbox::new(self.shared.clone(), policy)
    }

    /// Compiles a component of any world, or takes its compiled code from the cache. What it imports is not looked at.
    ///
    /// # Errors
    ///
    /// [`LoadError::Compile`] if it does not compile.
    pub fn compile(&self, wasm: &[u8]) -> Result<Component, LoadError> {
        cache::compile(&self.shared.engine, self.shared.cache.as_ref(), wasm)
            .map_err(|error| LoadError::Compile(one_line(&error)))
    }

    /// Any component that needs no more than this host offers, whatever it exports.
    #[cfg(test)]
    pub(crate) fn link(&self, wasm: &[u8]) -> Result<wasmtime::component::InstancePre<State>, LoadError> {
        imports::check(wasm)?;
        self.shared.linker.instantiate_pre(&self.compile(wasm)?).map_err(|error| LoadError::Compile(one_line(&error)))
    }
}

/// Compiles a component for runtimes with these limits into a directory for compiled code, without a runtime: what a
/// process does that is made to be killed. It starts no threads.
///
/// # Errors
///
/// [`LoadError::Compile`] if it does not compile, or the directory cannot be used.
pub fn compile_into(directory: PathBuf, limits: &Limits, wasm: &[u8]) -> Result<(), LoadError> {
    let failed = |error: &wasmtime::Error| LoadError::Compile(one_line(error));
    let engine = engine::compiler(limits).map_err(|error| failed(&error))?;
    let cache = CodeCache::open(directory).map_err(|error| LoadError::Compile(error.to_string()))?;
    cache::compile_only(&engine, &cache, wasm).map_err(|error| failed(&error))
}

/// wasmtime's error and its causes, in one line: a component's names are in them.
fn one_line(error: &wasmtime::Error) -> String {
    let causes: Vec<_> = error.chain().map(|cause| text::one_line(&cause.to_string())).collect();
    causes.join(": ")
}
