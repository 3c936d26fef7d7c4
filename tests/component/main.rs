//! The real component, in wasmtime, against an org in memory. One binary, so that wasmtime is linked once.

mod fixture;
mod imports;
mod oauth;
mod purity;
mod records;
mod soql;
mod transport;
