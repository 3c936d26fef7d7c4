//! Measures the connector beside its peers, all against one organisation whose answers are prepared: see
//! `cargo xtask bench`.

mod measurement;

fn main() {}
