//! The engine: one per runtime.

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::limits::Limits;

/// A component made by wit-component has up to four core modules (itself, an adapter, a shim, its fix-ups).
const CORE_INSTANCES: u32 = 8;
const MEMORIES: u32 = 1;
const TABLES: u32 = 4;

/// With `concurrency`, which WASI 0.3 needs, every call costs more.
pub(super) fn new(limits: &Limits, concurrency: bool) -> wasmtime::Result<Engine> {
    let executions = limits.concurrent_executions;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(executions)
        .total_core_instances(executions.saturating_mul(CORE_INSTANCES))
        .total_memories(executions.saturating_mul(MEMORIES))
        .total_tables(executions.saturating_mul(TABLES))
        .total_stacks(executions)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memory_size(limits.memory_bytes)
        .table_elements(limits.table_elements)
        .linear_memory_keep_resident(limits.keep_resident)
        .table_keep_resident(limits.keep_resident)
        // Wipes what was touched, and not all that is kept.
        .pagemap_scan(Enabled::Auto);

    let mut config = config(limits);
    config.concurrency_support(concurrency);
    Engine::new(config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool)))
}

/// An engine that compiles what [`new`] with the same limits can run. It reserves nothing and starts no threads, so its
/// use of memory and processor is the component's alone.
pub(super) fn compiler(limits: &Limits) -> wasmtime::Result<Engine> {
    Engine::new(config(limits).allocation_strategy(InstanceAllocationStrategy::OnDemand).parallel_compilation(false))
}

fn config(limits: &Limits) -> Config {
    let mut config = Config::new();
    config
        .memory_init_cow(true)
        .epoch_interruption(true)
        .max_wasm_stack(limits.wasm_stack_bytes)
        // The host's functions run on the same stack as the component.
        .async_stack_size(limits.wasm_stack_bytes + (1 << 20))
        .wasm_component_model(true)
        // For debuggers and profilers, which nobody attaches to a component here: less to read at every load.
        .native_unwind_info(false)
        .generate_address_map(false)
        .concurrency_support(false);
    config
}
