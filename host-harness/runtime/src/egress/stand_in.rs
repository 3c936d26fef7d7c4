//! Names of real hosts behind which a server on this machine stands, so that a verification can call a component as
//! production does. Nobody else has any: [`RuntimeOptions`](crate::RuntimeOptions) has no place for them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Places = HashMap<String, SocketAddr>;

/// From names, in lower case, to sockets. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct StandIns(Arc<Mutex<Places>>);

/// A name leads to its stand-in until this is dropped.
#[derive(Debug)]
pub struct Standing {
    places: StandIns,
    name: String,
}

impl StandIns {
    /// The name leads there on port 443.
    #[must_use = "the name leads there only as long as this is kept"]
    pub fn stand(&self, name: &str, address: SocketAddr) -> Standing {
        let name = name.to_ascii_lowercase();
        self.lock().insert(name.clone(), address);
        Standing { places: self.clone(), name }
    }

    pub(super) fn find(&self, name: &str) -> Option<SocketAddr> {
        self.lock().get(&name.to_ascii_lowercase()).copied()
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.places.lock().remove(&self.name);
    }
}
