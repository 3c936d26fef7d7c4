//! The bindings of the component's world, generated from `wit/activity/`.
#![expect(unsafe_code, reason = "generated: the canonical ABI is raw pointers")]

macro_rules! world {
    ($world:literal) => {
        wit_bindgen::generate!({
            path: ["../wit/deps/io", "../wit/deps/clocks", "../wit/deps/random", "../wit/deps/http", "../wit/deps/cli", "../wit/activity"],
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
