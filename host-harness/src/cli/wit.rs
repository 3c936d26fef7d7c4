//! Short names for the types of the component's interfaces.

pub(crate) use host_harness::bindings::{oauth, records, soql, types};
