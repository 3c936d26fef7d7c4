//! The bindings of the component's world, generated from `wit/`.
#![expect(unsafe_code, reason = "generated: the canonical ABI is raw pointers")]

wit_bindgen::generate!({
    path: "wit",
    world: "connector",
    // The WASI bindings are waki's; `transport` is the only module that uses them.
    with: {
        "wasi:io/error@0.2.2": waki::bindings::wasi::io::error,
        "wasi:io/poll@0.2.2": waki::bindings::wasi::io::poll,
        "wasi:io/streams@0.2.2": waki::bindings::wasi::io::streams,
        "wasi:clocks/monotonic-clock@0.2.2": waki::bindings::wasi::clocks::monotonic_clock,
        "wasi:random/random@0.2.2": waki::bindings::wasi::random::random,
        "wasi:http/types@0.2.2": waki::bindings::wasi::http::types,
        "wasi:http/outgoing-handler@0.2.2": waki::bindings::wasi::http::outgoing_handler,
    },
});

/// In the place of `export!`, which writes the lifting and lowering of every type anew for every export.
mod export {
    include!(concat!(env!("OUT_DIR"), "/exports.rs"));
}
