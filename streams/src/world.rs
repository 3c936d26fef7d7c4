//! The bindings of the component's world, generated from `wit/streams/`.
#![expect(unsafe_code, reason = "generated: the canonical ABI is raw pointers")]

wit_bindgen::generate!({
    // It uses types of the connector's package.
    path: ["../wit", "../wit/streams"],
    world: "workflow:salesforce-streams/streams",
    generate_all,
});

// The connector's package has them of WASI 0.2 beside it.
pub(crate) use self::wasi::{clocks0_3_0 as clocks, http0_3_0 as http, random0_3_0 as random};

/// The component.
pub(crate) struct Streams;

export!(Streams);
