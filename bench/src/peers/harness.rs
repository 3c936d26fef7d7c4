//! Any connector in host-harness, as a workflow runtime would run it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use salesforce_runtime::bindings::records::{FieldValues, Saved};
use salesforce_runtime::bindings::soql::{Cursor, Page, Query};
use salesforce_runtime::component;
use salesforce_runtime::egress::{EgressLimits, EgressPolicy};
use salesforce_runtime::{
    Connector, Execution, ExecutionError, Limits, LoadError, MemoryUse, Runtime, RuntimeOptions, compile_into,
};

use super::host::{Arguments, Host, Paged, Ran, Read, page_by_page};

/// A component in a runtime.
pub(crate) struct Harness {
    wasm: Vec<u8>,
    runtime: Runtime,
    connector: Connector,
    /// The same without a cache of compiled code: it compiles.
    compiler: Runtime,
    limits: Limits,
    /// Compiled code, which outlives this process: some components take a minute to compile.
    pub(super) code: PathBuf,
    /// Whether it needs more than the harness offers.
    how: How,
    policy: EgressPolicy,
    arguments: Arguments,
}

/// How to run a component.
pub(crate) struct Options {
    /// As in the results.
    pub(crate) name: String,
    /// None: the connector that host-harness carries.
    pub(crate) component: Option<PathBuf>,
    /// Whether connections are kept for the next execution.
    pub(crate) pooled: bool,
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) ca: Option<PathBuf>,
}

/// How a component is loaded.
#[derive(Clone, Copy)]
enum How {
    /// It imports what is offered.
    Offered,
    /// It is the runtime's own.
    Bundled,
    /// It imports more, which it does not call.
    Beyond,
}

/// Who runs the component for this host alone.
pub(crate) const HOSTED: &str = "ours-hosted";

impl Harness {
    pub(crate) fn new(options: Options) -> Result<Self> {
        let extra_roots = options.ca.map(|ca| -> Result<Vec<_>> {
            let roots = CertificateDer::pem_file_iter(&ca).with_context(|| format!("cannot read {}", ca.display()))?;
            Ok(roots.collect::<Result<_, _>>()?)
        });
        let extra_roots = extra_roots.transpose()?.unwrap_or_default();
        let mut egress = EgressLimits::default();
        if !options.pooled {
            egress.idle_connections = 0;
        }
        let limits = Limits { egress, ..Limits::default() };
        let compiler = Runtime::new(RuntimeOptions { limits: limits.clone(), ..RuntimeOptions::default() })?;
        let user = rustix::process::geteuid().as_raw();
        let code = std::env::temp_dir().join(format!("bench-code-{user}")).join(&options.name);
        let runtime = Runtime::new(RuntimeOptions {
            limits: limits.clone(),
            code_cache: Some(code.clone()),
            extra_roots,
            ..RuntimeOptions::default()
        })?;
        let wasm = match &options.component {
            None if options.name == HOSTED => component::HOSTED.to_vec(),
            None => component::CONNECTOR.to_vec(),
            Some(path) => fs::read(path).with_context(|| format!("cannot read {}", path.display()))?,
        };
        let (connector, how) = match runtime.load(&wasm) {
            _ if options.name == HOSTED => (runtime.load_bundled()?, How::Bundled),
            Err(LoadError::Import { .. }) => (runtime.load_beyond_the_offer(&wasm)?, How::Beyond),
            loaded => (loaded?, How::Offered),
        };
        let policy = EgressPolicy::origins([options.url.parse()?]).allow_loopback();
        let arguments = Arguments::new(&options.url, &options.token);
        Ok(Self { wasm, runtime, connector, compiler, limits, code, how, policy, arguments })
    }

    async fn run<T, F>(&self, call: impl FnOnce(Execution) -> F) -> Result<Ran<T>>
    where
        F: Future<Output = Result<T, ExecutionError>>,
    {
        let memory = MemoryUse::default();
        let result = call(self.connector.execution(self.policy.clone()).reporting_memory(&memory)).await?;
        Ok(Ran { result, guest_memory: Some(memory.bytes()) })
    }
}

impl Host for Harness {
    fn version(&self) -> String {
        format!("component of {} bytes in host-harness {}", self.wasm.len(), env!("CARGO_PKG_VERSION"))
    }

    fn compile(&self, threads: Option<usize>) -> Result<u64> {
        match threads {
            None => drop(match self.how {
                How::Offered => self.compiler.load(&self.wasm)?,
                How::Bundled => self.compiler.load_bundled()?,
                How::Beyond => self.compiler.load_beyond_the_offer(&self.wasm)?,
            }),
            Some(1) => compile_into(self.code.join("alone"), &self.limits, &self.wasm)?,
            Some(_) => bail!("a component is compiled by one thread, or by as many as there are processors"),
        }
        Ok(self.wasm.len() as u64)
    }

    fn load(&self) -> Result<()> {
        let loaded = match self.how {
            How::Offered => self.runtime.load_compiled(&self.wasm)?,
            // Its code is there by now.
            How::Bundled => self.runtime.load_bundled()?,
            How::Beyond => self.runtime.load_beyond_the_offer(&self.wasm)?,
        };
        drop(loaded);
        Ok(())
    }

    fn code_size(&self) -> Result<u64> {
        let mut newest = None;
        for file in fs::read_dir(&self.code)? {
            let file = file?.metadata()?;
            newest = newest.max(file.is_file().then(|| file.modified().map(|time| (time, file.len()))).transpose()?);
        }
        Ok(newest.context("there is no compiled code")?.1)
    }

    async fn instantiate(&self) -> Result<()> {
        Ok(self.connector.instantiate().await?)
    }

    async fn create(&self) -> Result<Ran<Saved>> {
        let Arguments { connection, options, target, record, save, .. } = &self.arguments;
        self.run(|run| run.create_or_update_record(connection, "Account", target, record, save, *options)).await
    }

    async fn fields(&self) -> Result<Ran<FieldValues>> {
        let Arguments { connection, options, key, fields, .. } = &self.arguments;
        self.run(|run| run.get_record_field_values(connection, "Account", key, fields, *options)).await
    }

    async fn read(&self, query: &Query) -> Result<Read> {
        page_by_page(self, query).await
    }
}

impl Paged for Harness {
    async fn query(&self, query: &Query) -> Result<Ran<Page>> {
        let Arguments { connection, options, .. } = &self.arguments;
        self.run(|run| run.soql_query(connection, query, *options)).await
    }

    async fn next_page(&self, cursor: &Cursor) -> Result<Ran<Page>> {
        let Arguments { connection, options, .. } = &self.arguments;
        self.run(|run| run.next_page(connection, cursor, *options)).await
    }
}
