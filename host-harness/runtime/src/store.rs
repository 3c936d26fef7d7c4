//! The state of one execution: it is made with the store and goes with it.

use wasmtime::component::ResourceTable;
use wasmtime::{Engine, ResourceLimiter, Store, UpdateDeadline};
use wasmtime_wasi::clocks::{WasiClocksCtx, WasiClocksCtxView, WasiClocksView};
use wasmtime_wasi::random::{WasiRandomCtx, WasiRandomView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
use wasmtime_wasi_io::IoView;

use super::hosted;
use super::memory_use::MemoryUse;
use crate::egress::ExecutionEgress;

/// Handles (requests, headers, streams, timers) that an execution may have at once. A call of the connector has about
/// ten.
const MAX_RESOURCES: usize = 1_000;

/// Bytes of the host behind a handle for header fields: twice what Salesforce takes of a request.
pub(super) const FIELDS_BYTES: usize = 32 << 10;

/// What the host functions work on: of an execution, and gone with it.
pub struct State {
    table: ResourceTable,
    clocks: WasiClocksCtx,
    /// Made when the component asks for it, which few calls do: it seeds two generators.
    random: Option<WasiRandomCtx>,
    http: WasiHttpCtx,
    egress: ExecutionEgress,
    /// Of requests that are one call.
    pub(super) hosted: hosted::Course,
    limiter: Limiter,
}

/// A component wanted more memory than it may have.
#[derive(Debug, thiserror::Error)]
#[error("the component needs more than the {limit} bytes of memory that the host allows")]
pub(super) struct MemoryLimitReached {
    limit: usize,
}

/// Counts linear memory and tables. It traps rather than let `memory.grow` fail: what a component does after that is
/// up to its language, a trap is certain.
struct Limiter {
    memory_bytes: usize,
    memory_used: usize,
    report: Option<MemoryUse>,
    table_elements: usize,
}

pub(super) fn new(
    engine: &Engine,
    memory_bytes: usize,
    table_elements: usize,
    egress: ExecutionEgress,
) -> Store<State> {
    let mut table = ResourceTable::new();
    table.set_max_capacity(MAX_RESOURCES);
    let mut http = WasiHttpCtx::new();
    http.set_field_size_limit(FIELDS_BYTES);
    let state = State {
        table,
        clocks: WasiClocksCtx::default(),
        random: None,
        http,
        egress,
        hosted: hosted::Course::default(),
        limiter: Limiter { memory_bytes, memory_used: 0, report: None, table_elements },
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
    store
}

impl State {
    pub(super) fn egress(&mut self) -> &mut ExecutionEgress {
        &mut self.egress
    }

    pub(super) fn report_memory(&mut self, to: MemoryUse) {
        self.limiter.report = Some(to);
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.memory_used.saturating_sub(current).saturating_add(desired);
        if used > self.memory_bytes {
            return Err(MemoryLimitReached { limit: self.memory_bytes }.into());
        }
        self.memory_used = used;
        if let Some(report) = &self.report {
            report.set(used);
        }
        Ok(true)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= self.table_elements)
    }
}

impl IoView for State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.egress, table: &mut self.table, ctx: &mut self.http }
    }
}

impl WasiClocksView for State {
    fn clocks(&mut self) -> WasiClocksCtxView<'_> {
        WasiClocksCtxView { ctx: &mut self.clocks, table: &mut self.table }
    }
}

impl WasiRandomView for State {
    fn random(&mut self) -> &mut WasiRandomCtx {
        self.random.get_or_insert_default()
    }
}
