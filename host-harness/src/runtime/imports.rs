//! What this host offers to a component. Nothing else is linked, so nothing else can be reached.

use wasmtime::Engine;
use wasmtime::component::Linker;
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksCtxView};
use wasmtime_wasi::p2::bindings::{clocks::monotonic_clock, random::random};
use wasmtime_wasi::random::WasiRandom;

use super::LoadError;
use super::store::State;
use crate::component::describe;

/// The interfaces offered, all in WASI 0.2: a patch version that a component was built against does not matter.
const OFFERED: [&str; 7] = [
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:clocks/monotonic-clock",
    "wasi:random/random",
    "wasi:http/types",
    "wasi:http/outgoing-handler",
];

/// The offer, for people.
pub(crate) fn offered() -> String {
    format!("{} (all @0.2)", OFFERED.join(", "))
}

/// # Errors
///
/// [`LoadError`] if the bytes are not a component, or it imports what is not offered.
pub(super) fn check(wasm: &[u8]) -> Result<(), LoadError> {
    let names = refused(describe(wasm)?.imports);
    if names.is_empty() { Ok(()) } else { Err(LoadError::Import { names }) }
}

/// Those of a component's imports that this host does not offer.
pub(crate) fn refused(mut imports: Vec<String>) -> Vec<String> {
    imports.retain(|import| !is_offered(import));
    imports
}

pub(super) fn is_offered(import: &str) -> bool {
    let Some((interface, version)) = import.split_once('@') else { return false };
    OFFERED.contains(&interface)
        && version.strip_prefix("0.2.").is_some_and(|patch| patch.bytes().all(|byte| byte.is_ascii_digit()))
}

pub(super) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi_io::add_to_linker_async(&mut linker)?;
    monotonic_clock::add_to_linker::<State, WasiClocks>(&mut linker, |state| WasiClocksCtxView {
        ctx: &mut state.clocks,
        table: &mut state.table,
    })?;
    random::add_to_linker::<State, WasiRandom>(&mut linker, |state| state.random.get_or_insert_default())?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    Ok(linker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_patch_of_wasi_0_2_is_offered_and_nothing_else() {
        for import in ["wasi:io/poll@0.2.0", "wasi:http/types@0.2.2", "wasi:random/random@0.2.12"] {
            assert!(is_offered(import), "{import}");
        }
        for import in [
            "wasi:io/poll",
            "wasi:io/poll@0.3.0",
            "wasi:io/poll@0.2.0-rc",
            "wasi:cli/environment@0.2.2",
            "wasi:filesystem/types@0.2.2",
            "wasi:clocks/wall-clock@0.2.2",
            "wasi:random/insecure@0.2.2",
            "env",
        ] {
            assert!(!is_offered(import), "{import}");
        }
    }
}
