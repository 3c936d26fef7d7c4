//! The bindings of the component's world, generated from `wit/activity/`.
#![expect(unsafe_code, reason = "generated: the canonical ABI is raw pointers")]

macro_rules! world {
    ($world:literal) => {
        wit_bindgen::generate!({
            // What WASI it uses is beside the connector's.
            path: ["../wit", "../wit/activity"],
            world: $world,
            generate_all,
        });
    };
}

#[cfg(not(feature = "create"))]
world!("workflow:salesforce-activity/activity");
#[cfg(feature = "create")]
world!("workflow:salesforce-activity/create-activity");

/// In the place of `export!`, which writes the lifting and lowering of every type anew for every export.
mod export {
    include!(concat!(env!("OUT_DIR"), "/exports.rs"));
}

/// The component.
pub(crate) struct Activity;
