//! What one execution may use, and how many may run at once.

use std::time::Duration;

use crate::egress::EgressLimits;

/// Limits of a runtime. `Limits::default()` suits an ordinary connector.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of linear memory of one execution, all memories together. Default: 64 MiB. Growing beyond it ends the
    /// execution with [`HostFailureKind::ResourceExhausted`](super::HostFailureKind::ResourceExhausted).
    pub memory_bytes: usize,
    /// Bytes of JSON, or of a file, of one result. Default: 8 MiB. A component that gives more, counted before it is copied out of its
    /// memory, ends with [`HostFailureKind::ResourceExhausted`](super::HostFailureKind::ResourceExhausted). Of what is around
    /// the JSON at most 2 MiB more are copied, and no call of the host by the component hands over more than both together.
    pub result_bytes: usize,
    /// Elements of one table. Default: 20,000.
    pub table_elements: usize,
    /// Bytes of stack for WebAssembly code. Default: 512 KiB.
    pub wasm_stack_bytes: usize,
    /// Outer deadline of one execution, from instantiation to result, waiting included. Default: 90 seconds. Keep it
    /// above the component's own `deadline-ms`: the component's error says more than the host's.
    pub deadline: Duration,
    /// Executions at the same moment; one more is refused with
    /// [`HostFailureKind::Overloaded`](super::HostFailureKind::Overloaded). Default: 256. Each reserves address space,
    /// not memory.
    pub concurrent_executions: u32,
    /// Bytes of linear memory, and of each table, that an execution leaves to the next one in its place: wiped, but
    /// not given back to the kernel. Default: [`Limits::FOR_LATENCY`].
    pub keep_resident: usize,
    /// Limits of the HTTP requests.
    pub egress: EgressLimits,
}

impl Limits {
    /// For [`Limits::keep_resident`]: executions start fastest. Only pages that an execution touched are kept, so in
    /// flight it costs little: 79 KiB to 83 KiB of the host for each of 5,000. They stay with the process afterwards.
    /// Measured on a busy machine, a refused call in a fresh instance: 48 us with memories kept and wiped whole, 37 us
    /// with tables kept as well, 22 us with only what was touched wiped.
    pub const FOR_LATENCY: usize = 128 << 10;
    /// For [`Limits::keep_resident`]: what an execution held goes back to the kernel when it ends. For hosts that have
    /// thousands in flight for a moment and few after it. In flight each holds 79 KiB to 80 KiB.
    pub const FOR_DENSITY: usize = 0;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            result_bytes: 8 << 20,
            table_elements: 20_000,
            wasm_stack_bytes: 512 << 10,
            deadline: Duration::from_secs(90),
            concurrent_executions: 256,
            keep_resident: Self::FOR_LATENCY,
            egress: EgressLimits::default(),
        }
    }
}
