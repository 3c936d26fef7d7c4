//! What is measured.

pub(crate) mod in_flight;
