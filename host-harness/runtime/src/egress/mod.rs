//! The one way from a component to the network: wasmtime's `send_request`, replaced.
//!
//! wasmtime's own opens a connection for every request and goes wherever it is told. This one
//!
//! - sends only to the origins of the execution's [`EgressPolicy`], and refuses names that resolve to private
//!   addresses;
//! - shares connections and TLS sessions between executions;
//! - has timeouts and caps of its own ([`EgressLimits`]);
//! - holds a request's body until it is complete or, of components with streams, passes it on as it comes;
//! - lets a component use a token that it does not see ([`Seal`]);
//! - tells apart what provably was not sent from what may have been;
//! - tells of each exchange when it has ended ([`ExchangeObserver`]).
//!
//! It follows no redirects and decodes no bodies. A [`Proxy`] is used where the host names one.

mod address;
mod bearer;
mod body;
mod client;
mod connection;
mod echo;
mod endpoint;
mod exchange;
mod failure;
mod idle;
mod journal;
mod limits;
mod login_url;
mod observed;
mod origin;
mod policy;
mod proxy;
mod request;
mod request_body;
mod resolver;
mod runs;
mod seal;
mod sealed_request;
mod sealed_target;
mod socket;
mod stand_in;
mod streamed_body;
#[cfg(test)]
mod tests;
mod whole;

pub use client::tls_config;
pub use endpoint::{Endpoint, EndpointError};
#[cfg(test)]
pub(crate) use journal::Entry;
pub(crate) use journal::{Entries, Journal};
pub use limits::EgressLimits;
pub use login_url::{LoginUrl, LoginUrlError};
pub use observed::{ExchangeFailure, ExchangeObserver, ExchangeReport};
pub use origin::{Origin, OriginError};
pub use policy::{EgressPolicy, Refusals};
pub use proxy::{Proxy, ProxyError};
pub(crate) use request::{Bodies, Egress, ExecutionEgress};
pub(crate) use resolver::Hosts;
pub use seal::{Seal, SealError};
pub use stand_in::{StandIns, Standing};
pub(crate) use whole::NoAnswer;
