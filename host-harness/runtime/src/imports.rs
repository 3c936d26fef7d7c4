//! What this host offers to a component. Nothing else is linked, so nothing else can be reached.

use wasmtime::component::{Linker, Resource};
use wasmtime::{Engine, StoreContextMut, ensure};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::bindings::random::random::{self, Host as _};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView as _};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::http::types::{HostOutgoingRequest as _, Method};
use wasmtime_wasi_http::p2::types::HostOutgoingRequest;

use super::store::State;
use super::{LoadError, hosted};
use crate::component::describe;

/// The interfaces offered, all in WASI 0.2: a patch version that a component was built against does not matter. The connector that
/// this crate carries has another one, which nobody else may import: [`hosted`].
const OFFERED: [&str; 7] = [
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:clocks/monotonic-clock",
    "wasi:random/random",
    "wasi:http/types",
    "wasi:http/outgoing-handler",
];

/// Bytes of a method's name or an authority. wasmtime keeps what a component says, for each request that it prepares.
const LONGEST_WORD: usize = 512;
/// Random bytes at once, which the host holds meanwhile.
const MOST_RANDOM: u64 = 64 << 10;

/// The offer, for people.
#[must_use]
pub fn offered() -> String {
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
#[must_use]
pub fn refused(mut imports: Vec<String>) -> Vec<String> {
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
    monotonic_clock::add_to_linker::<State, WasiClocks>(&mut linker, State::clocks)?;
    random::add_to_linker::<State, WasiRandom>(&mut linker, State::random)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    bound(&mut linker)?;
    hosted::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// Replaces the functions that would hold as much as a component likes: what one call copies is bounded for the largest
/// result, and these are kept, or allocated, call by call.
fn bound(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    type Store<'a> = StoreContextMut<'a, State>;
    type Request = Resource<HostOutgoingRequest>;
    linker.allow_shadowing(true);
    // Versions are those of wasmtime's own WIT; a component of another patch version is linked to them.
    let mut types = linker.instance("wasi:http/types@0.2.12")?;
    types.func_wrap(
        "[method]outgoing-request.set-authority",
        |mut store: Store<'_>, (request, authority): (Request, Option<String>)| match authority {
            Some(authority) if authority.len() > LONGEST_WORD => Ok((Err(()),)),
            authority => Ok((store.data_mut().http().set_authority(request, authority)?,)),
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.set-method",
        |mut store: Store<'_>, (request, method): (Request, Method)| match method {
            Method::Other(name) if name.len() > LONGEST_WORD => Ok((Err(()),)),
            method => Ok((store.data_mut().http().set_method(request, method)?,)),
        },
    )?;
    let mut random = linker.instance("wasi:random/random@0.2.12")?;
    random.func_wrap("get-random-bytes", |mut store: Store<'_>, (bytes,): (u64,)| {
        ensure!(bytes <= MOST_RANDOM, "more than {MOST_RANDOM} random bytes at once");
        Ok((store.data_mut().random().get_random_bytes(bytes)?,))
    })?;
    linker.allow_shadowing(false);
    Ok(())
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
            "workflow:salesforce-host/egress@0.1.0",
            "env",
        ] {
            assert!(!is_offered(import), "{import}");
        }
    }
}
