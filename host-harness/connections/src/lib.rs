//! The connection file: what a login leaves behind, and how it stays good.
//!
//! A file holds one connection: the connected app, the tokens, and where the org is. It is readable by its owner only
//! ([`mod@file`]), replaced atomically, and guarded by a lock that all processes of this user share ([`lock`]). [`session`]
//! makes calls with it and heals an expired session by one refresh.
//!
//! Not here: how a login is made (`cli/login`), and what is shown of it.
//!
//! Depends on the runtime alone.

mod document;
mod file;
mod lock;
mod session;
mod uninterrupted;

pub use document::{Document, Grant};
pub use file::{ConnectionError, ConnectionFile};
pub use lock::Lock;
pub use session::{RefreshedBy, Session, SessionError};
pub use uninterrupted::{finished, uninterrupted};
