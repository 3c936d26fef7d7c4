//! The bindings of the workflow's world.
#![expect(unsafe_code, reason = "generated: the canonical ABI is raw pointers")]

wit_bindgen::generate!({
    path: ["../../../wit", "../../../wit/activity", "wit"],
    world: "workflow:billing/workflow",
    generate_all,
});

export!(Workflow);

/// The component.
pub(crate) struct Workflow;
