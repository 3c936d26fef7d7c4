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

export!(Activity);

/// The component.
pub(crate) struct Activity;
