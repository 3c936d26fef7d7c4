//! The core's [`Transport`](crate::core::http::Transport), and the component's randomness: over WASI HTTP or, with the feature
//! `hosted`, by one call of this project's own host. The only files that know either.

#[cfg(not(feature = "hosted"))]
mod failure;
#[cfg(feature = "hosted")]
mod hosted;
#[cfg(not(feature = "hosted"))]
mod wasi;

#[cfg(not(feature = "hosted"))]
use crate::core::http::Failure;
#[cfg(feature = "hosted")]
pub use hosted::{HttpTransport, random_bytes};
#[cfg(not(feature = "hosted"))]
pub use wasi::{HttpTransport, random_bytes};
