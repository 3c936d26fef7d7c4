//! What the mock remembers of browsers: who is logged in, and which authorization each page is about.

use std::collections::HashMap;

use axum::http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp};

use super::codes::Challenge;
use super::scopes::Scopes;
use crate::random;

/// The cookie that carries a browser's session.
pub(crate) const SESSION_COOKIE: &str = "sid";
/// How long a page may stay open, and a browser logged in.
const LIFETIME: SignedDuration = SignedDuration::from_hours(2);

/// An authorization request whose parameters were found right.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Scopes,
    pub(crate) state: Option<String>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) login_hint: Option<String>,
    /// `prompt` has `login` or `select_account`: being logged in is not enough.
    pub(crate) log_in_again: bool,
    /// `prompt` has `consent`: an earlier approval is not enough.
    pub(crate) ask_again: bool,
}

/// Browsers and the authorizations that wait for their users.
#[derive(Debug, Default)]
pub(crate) struct Browsers {
    sessions: HashMap<String, (String, Timestamp)>,
    waiting: HashMap<String, (AuthorizationRequest, Timestamp)>,
}

impl Browsers {
    /// Lets a request wait for its user and answers the unguessable name under which its pages know it.
    pub(crate) fn wait(&mut self, request: AuthorizationRequest, now: Timestamp) -> String {
        self.waiting.retain(|_, (_, since)| now.duration_since(*since) < LIFETIME);
        let source = random::base62(40);
        self.waiting.insert(source.clone(), (request, now));
        source
    }

    /// The request of this name, if it still waits.
    pub(crate) fn waiting(&self, source: &str, now: Timestamp) -> Option<AuthorizationRequest> {
        let (request, since) = self.waiting.get(source)?;
        (now.duration_since(*since) < LIFETIME).then(|| request.clone())
    }

    /// Gives all browsers and what waits in them their full time from now on.
    pub(crate) fn renew(&mut self, now: Timestamp) {
        self.sessions.values_mut().for_each(|(_, since)| *since = now);
        self.waiting.values_mut().for_each(|(_, since)| *since = now);
    }

    /// The request was decided.
    pub(crate) fn decided(&mut self, source: &str) {
        self.waiting.remove(source);
    }

    /// Logs a browser in; answers the value of its session cookie. The request it logged in for need not ask again.
    pub(crate) fn log_in(&mut self, user_id: &str, source: &str, now: Timestamp) -> String {
        self.sessions.retain(|_, (_, since)| now.duration_since(*since) < LIFETIME);
        if let Some((request, _)) = self.waiting.get_mut(source) {
            request.log_in_again = false;
        }
        let session = random::base62(40);
        self.sessions.insert(session.clone(), (user_id.to_owned(), now));
        session
    }

    /// The Id of the user who is logged in in the browser that sent these headers.
    pub(crate) fn user(&self, headers: &HeaderMap, now: Timestamp) -> Option<String> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, session) = pairs.find(|(name, _)| *name == SESSION_COOKIE)?;
        let (user, since) = self.sessions.get(session)?;
        (now.duration_since(*since) < LIFETIME).then(|| user.clone())
    }
}
