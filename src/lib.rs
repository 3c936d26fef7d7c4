//! A Salesforce connector for sandboxed workflow runtimes: OAuth, SOQL query, get record field values, create or
//! update record, as a WebAssembly component that imports HTTP, a monotonic clock, random bytes, and nothing else.
//!
//! The interfaces are in `wit/`. On any other target than wasm the crate is its pure [`core`], which is how that is
//! tested.

#[cfg(target_family = "wasm")]
mod allocator;
pub mod core;
#[cfg(target_family = "wasm")]
mod exports;
#[cfg(target_family = "wasm")]
mod transport;
#[cfg(target_family = "wasm")]
mod world;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: allocator::Bump = allocator::Bump::new();
