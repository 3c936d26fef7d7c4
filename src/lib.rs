//! A Salesforce connector for sandboxed workflow runtimes: OAuth, SOQL query, get record field values, create or
//! update record, as a WebAssembly component that imports HTTP, a monotonic clock, random bytes, and nothing else.
//!
//! The interfaces are in `wit/`. On any other target than wasm the crate is its pure [`core`], which is how that is
//! tested. Without the feature `component` it exports nothing, for components that are another shell around the core
//! (`activity/`); without `wasip2` it knows no WASI either (`streams/`), and
//! with `hosted` it calls this project's own host in place of WASI.

#[cfg(all(target_family = "wasm", feature = "wasip2"))]
mod allocator;
pub mod core;
#[cfg(all(target_family = "wasm", feature = "component"))]
mod exports;
#[cfg(all(target_family = "wasm", feature = "wasip2"))]
pub mod transport;
#[cfg(all(target_family = "wasm", feature = "component"))]
mod world;

#[cfg(all(target_family = "wasm", feature = "wasip2"))]
#[global_allocator]
static ALLOCATOR: allocator::Bump = allocator::Bump::new();
