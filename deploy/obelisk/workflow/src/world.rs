//! The bindings of the workflow's world.
#![expect(unsafe_code, reason = "generated: the canonical ABI is raw pointers")]

wit_bindgen::generate!({
    path: [
        "../../../wit/deps/io",
        "../../../wit/deps/clocks",
        "../../../wit/deps/random",
        "../../../wit/deps/http",
        "../../../wit/deps/cli",
        "../../../wit/activity",
        "wit",
    ],
    world: "workflow:billing/workflow",
    generate_all,
});

export!(Workflow);

/// The component.
pub(crate) struct Workflow;
