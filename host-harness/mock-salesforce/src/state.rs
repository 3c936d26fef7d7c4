//! What all requests share: the org, the clock, who is logged in, the ledger. Not for what is done with it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, header};

use crate::clock::Clock;
use crate::fault::Faults;
use crate::ledger::Ledger;
use crate::oauth::OAuth;
use crate::org::{Org, User};
use crate::rest::limits::ApiUsage;
use crate::rest::locators::Locators;
use crate::watch::Watcher;

/// The mock's state. Locks are held for one step at a time and never across an await; when two are needed at once, the
/// org's comes first.
#[derive(Debug)]
pub(crate) struct Mock {
    /// Scheme, host and port, without a trailing slash.
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) oauth: OAuth,
    pub(crate) org: Mutex<Org>,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) locators: Mutex<Locators>,
    pub(crate) usage: ApiUsage,
    pub(crate) watcher: Option<Watcher>,
}

impl Mock {
    /// The org, with its clock set to now.
    pub(crate) fn org(&self) -> MutexGuard<'_, Org> {
        let mut org = lock(&self.org);
        org.set_now(self.clock.now());
        org
    }

    /// The user with this 18-character Id.
    pub(crate) fn user(&self, id: &str) -> Option<User> {
        self.org().users().into_iter().find(|user| user.id == id)
    }

    /// The user with this login name, in any case.
    pub(crate) fn user_named(&self, username: &str) -> Option<User> {
        self.org().users().into_iter().find(|user| user.username.eq_ignore_ascii_case(username))
    }

    /// The URL that stands for a user everywhere.
    pub(crate) fn identity_url(&self, user_id: &str) -> String {
        format!("{}/id/{}/{user_id}", self.url, self.org().organization_id())
    }
}

/// The access token of a request: `Authorization: Bearer ...`, or `OAuth ...` as older clients have it.
pub(crate) fn access_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
    known.then(|| token.trim())
}

/// Locks, also when another test thread panicked while it held the lock: the data is whole at every step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
