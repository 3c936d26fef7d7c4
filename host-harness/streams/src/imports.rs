//! What this host offers to the component. Nothing else is linked, so nothing else can be reached.

use salesforce_runtime::State;
use wasmtime::Engine;
use wasmtime::component::Linker;
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::p3::bindings::clocks::{monotonic_clock, types};
use wasmtime_wasi::p3::bindings::random::random;
use wasmtime_wasi::random::{WasiRandom, WasiRandomView as _};

/// The interfaces offered.
pub(crate) const OFFERED: [&str; 5] = [
    "wasi:clocks/types@0.3.0",
    "wasi:clocks/monotonic-clock@0.3.0",
    "wasi:random/random@0.3.0",
    "wasi:http/types@0.3.0",
    "wasi:http/client@0.3.0",
];

/// Those of a component's imports that this host does not offer.
pub(crate) fn refused(mut imports: Vec<String>) -> Vec<String> {
    imports.retain(|import| !OFFERED.contains(&import.as_str()));
    imports
}

pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    types::add_to_linker::<State, WasiClocks>(&mut linker, State::clocks)?;
    monotonic_clock::add_to_linker::<State, WasiClocks>(&mut linker, State::clocks)?;
    random::add_to_linker::<State, WasiRandom>(&mut linker, State::random)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    Ok(linker)
}
