//! The org where it is reached: its URL, its clock and its data. Not for who is logged in, nor for what is done with it.

use std::sync::{Mutex, MutexGuard};

use axum::http::HeaderMap;
use jiff::Timestamp;
use tokio::task_local;

use crate::clock::Clock;
use crate::lock::lock;
use crate::org::{Org, User};
use crate::public_url::reached_at;

task_local! {
    /// The Id of the user whose call of an API is being answered. Outside of one, the org is seen as it is.
    pub(crate) static CALLER: String;
}

/// The org where it is reached. Locks are held for one step at a time and never across an await; when two are needed at
/// once, the org's comes first.
#[derive(Debug)]
pub(crate) struct Site {
    /// Scheme, host and port, without a trailing slash: what the org calls itself.
    pub(crate) url: String,
    /// Whether it does so whatever name a client reached it by.
    has_one_name: bool,
    pub(crate) clock: Clock,
    org: Mutex<Org>,
}

impl Site {
    pub(crate) fn new(url: String, has_one_name: bool, clock: Clock, org: Org) -> Self {
        Self { url, has_one_name, clock, org: Mutex::new(org) }
    }

    /// The URL by which this client reaches the org: the one name that it has, or else the one in the request.
    pub(crate) fn url_for(&self, headers: &HeaderMap) -> String {
        let host = if self.has_one_name { None } else { reached_at(headers) };
        match (host, self.url.split_once("://")) {
            (Some(host), Some((scheme, _))) => format!("{scheme}://{host}"),
            _ => self.url.clone(),
        }
    }

    /// What the clock says.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The org, with its clock set to now, as the caller sees it whose call is being answered.
    pub(crate) fn org(&self) -> MutexGuard<'_, Org> {
        let mut org = lock(&self.org);
        org.set_now(self.now());
        if CALLER.try_with(|user| org.look_as(Some(user))).is_err() {
            org.look_as(None);
        }
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

    /// The URL that stands for a user, for clients that reach the org at `url`.
    pub(crate) fn identity_url(&self, url: &str, user_id: &str) -> String {
        format!("{url}/id/{}/{user_id}", self.org().organization_id())
    }
}
