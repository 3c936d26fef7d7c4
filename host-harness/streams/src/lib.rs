//! Runs the streams component (`wit/streams/`): Salesforce's large results over WASI 0.3, as fast as they are read and no faster.
//!
//! wasmtime calls its implementation of WASI 0.3 experimental, and makes no patch releases for faults of it alone. So it has an
//! engine of its own here, with our own component in it and never somebody's upload, and only where whoever runs the host has
//! asked for it. What leaves the host is [`salesforce_runtime::egress`]'s, as for every other component.
//!
//! ```text
//! Runtime ─load─> Component ─execution(policy)─> Execution ─start─> Instance ─query_records─> Records
//!                                             fresh store, limits      ├──────bulk_results──> Rows
//!                                                                      ├─data─bulk_load─────> Jobs
//!                                                                      ├──────download──────> Blob
//!                                                                      └─data─upload────────> Uploaded
//! ```
//!
//! ```no_run
//! # use salesforce_runtime::bindings::types::{CallOptions, Connection};
//! # use salesforce_runtime::{RuntimeOptions, egress::EgressPolicy};
//! # async fn all(wasm: &[u8], policy: EgressPolicy, connection: Connection, options: CallOptions)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! let component = salesforce_streams::Runtime::new(RuntimeOptions::default())?.load(wasm)?;
//! let instance = component.execution(policy).start();
//! let mut records = instance.query_records(connection, "SELECT Id, Name FROM Account".into(), options);
//! while let Some(record) = records.next().await {
//!     println!("{record}");
//! }
//! // The stream has ended; this says whether it is whole.
//! let summary = records.finish().await?;
//! println!("{} records", summary.count);
//! # Ok(())
//! # }
//! ```

pub mod bindings;
mod execution;
mod giver;
mod imports;
mod instance;
mod reading;
mod taker;

use std::sync::Arc;

use salesforce_runtime::component::describe;
use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{RuntimeError, RuntimeOptions, State};
use wasmtime::component::{ComponentExportIndex, InstancePre, Linker};

pub use execution::Execution;
pub use instance::Instance;
pub use reading::{Blob, Jobs, Reading, Records, Rows};

/// The streams component: built from this workspace's package `salesforce-streams-component` for `wasm32-unknown-unknown`, with no
/// adapter.
#[cfg(feature = "bundled")]
pub static COMPONENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/streams.wasm"));

/// Runs the streams component. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Runtime {
    inner: salesforce_runtime::Runtime,
    linker: Arc<Linker<State>>,
}

/// The loaded component. Cheap to clone.
#[derive(Clone)]
pub struct Component {
    runtime: salesforce_runtime::Runtime,
    instances: InstancePre<State>,
    exports: Exports,
}

/// Where the component has its functions.
#[derive(Clone)]
struct Exports {
    query_records: ComponentExportIndex,
    bulk_results: ComponentExportIndex,
    bulk_load: ComponentExportIndex,
    download: ComponentExportIndex,
    upload: ComponentExportIndex,
}

/// A component cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is no component, or does not compile.
    #[error(transparent)]
    Runtime(#[from] salesforce_runtime::LoadError),
    /// It needs more of the host than HTTP, a monotonic clock and random bytes of WASI 0.3.
    #[error("the component needs {}, which this host does not offer; it offers {}", names.join(", "), imports::OFFERED.join(", "))]
    Import {
        /// What it needs and does not get, with versions, in the component's order.
        names: Vec<String>,
    },
    /// A function of the world is missing.
    #[error("expected the function `{function}` in the interface `{interface}`, but the component does not export it")]
    Export {
        /// With its version.
        interface: &'static str,
        /// The function.
        function: &'static str,
    },
}

impl Runtime {
    /// Reserves the address space for all executions, as [`salesforce_runtime::Runtime::new`].
    ///
    /// Of the limits, `result_bytes` and 2 MiB bound what one call of the host by the component hands over, and `deadline` the
    /// whole time of an instance. A component that has many calls open at once needs more than the usual
    /// `egress.requests_at_once`.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the options cannot be met.
    pub fn new(options: RuntimeOptions) -> Result<Self, RuntimeError> {
        let inner = salesforce_runtime::Runtime::with_concurrency(options)?;
        let linker = imports::linker(inner.engine()).map_err(|error| RuntimeError::Engine(error.to_string()))?;
        Ok(Self { inner, linker: Arc::new(linker) })
    }

    /// Compiles the component, or takes its compiled code from the cache, and links it. Call it once, off the async threads.
    ///
    /// # Errors
    ///
    /// [`LoadError`] if it is not this component, or needs more than this host offers.
    pub fn load(&self, wasm: &[u8]) -> Result<Component, LoadError> {
        let description = describe(wasm).map_err(salesforce_runtime::LoadError::from)?;
        let names = imports::refused(description.imports);
        if !names.is_empty() {
            return Err(LoadError::Import { names });
        }
        let component = self.inner.compile(wasm)?;
        let link = |error: wasmtime::Error| salesforce_runtime::LoadError::Compile(format!("{error:#}"));
        let instances = self.linker.instantiate_pre(&component).map_err(link)?;
        let export = |interface, function| {
            let inside = component.get_export_index(None, interface);
            let found = inside.and_then(|inside| component.get_export_index(Some(&inside), function));
            found.ok_or(LoadError::Export { interface, function })
        };
        let exports = Exports {
            query_records: export("workflow:salesforce-streams/queries@0.1.0", "query-records")?,
            bulk_results: export("workflow:salesforce-streams/bulk@0.1.0", "bulk-results")?,
            bulk_load: export("workflow:salesforce-streams/bulk@0.1.0", "bulk-load")?,
            download: export("workflow:salesforce-streams/files@0.1.0", "download")?,
            upload: export("workflow:salesforce-streams/files@0.1.0", "upload")?,
        };
        Ok(Component { runtime: self.inner.clone(), instances, exports })
    }
}

impl Component {
    /// Prepares one execution that may send requests where `policy` says. It begins with [`Execution::start`].
    pub fn execution(&self, policy: EgressPolicy) -> Execution {
        Execution::new(self.clone(), policy)
    }
}
