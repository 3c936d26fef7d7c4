//! A Salesforce connector for sandboxed workflow runtimes: OAuth, SOQL query, get record field values, create or
//! update record, as a WebAssembly component that imports HTTP, a monotonic clock, random bytes, and nothing else.
//!
//! The interfaces are in `wit/`. On any other target than wasm the crate is its pure [`core`], which is how that is
//! tested.

pub mod core;
#[cfg(target_family = "wasm")]
mod exports;
#[cfg(target_family = "wasm")]
mod transport;
#[cfg(target_family = "wasm")]
mod world;

/// Frees nothing: an instance lives for one call, and its memory goes with it. The standard allocator would make up an
/// eighth of the component.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: mini_alloc::MiniAlloc = mini_alloc::MiniAlloc::INIT;
