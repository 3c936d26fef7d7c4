//! Grants and their tokens: what a user allowed an app, the access tokens made from it, and refresh-token rotation.
//!
//! Source: Salesforce help, "OAuth 2.0 Refresh Token Flow", "Refresh Token Rotation", "Revoke OAuth Tokens".

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::error::OAuthError;
use super::scopes::Scopes;
use crate::random;
use crate::secret::fingerprint;

/// An access token ends this long after it was last used: the default session timeout of an org.
const IDLE_TIMEOUT: SignedDuration = SignedDuration::from_hours(2);

/// One permission a user gave to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct GrantId(u64);

/// Who a token speaks for, and to what end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) client_id: String,
    pub(crate) user_id: String,
    pub(crate) scopes: Scopes,
}

/// Tokens just made.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) grant: GrantId,
    pub(crate) bearer: Bearer,
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
}

/// What introspection can say of a live token.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) bearer: Bearer,
    pub(crate) token_type: &'static str,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Option<Timestamp>,
}

/// All grants and tokens of the org.
#[derive(Debug)]
pub(crate) struct Tokens {
    organization_id: String,
    last_grant: u64,
    grants: HashMap<GrantId, Grant>,
    access: HashMap<String, Access>,
    /// Rotated tokens stay known, for their use is a sign of theft.
    refresh: HashMap<String, GrantId>,
    /// How often a rotated token came back.
    came_back: u64,
}

#[derive(Debug)]
struct Grant {
    bearer: Bearer,
    refresh_token: Option<String>,
    issued: Timestamp,
    refreshing: bool,
}

#[derive(Debug)]
struct Access {
    grant: GrantId,
    issued: Timestamp,
    expires: Timestamp,
}

impl Tokens {
    /// `organization_id` stands at the front of every access token.
    pub(crate) fn new(organization_id: &str) -> Self {
        Self {
            organization_id: organization_id.to_owned(),
            last_grant: 0,
            grants: HashMap::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            came_back: 0,
        }
    }

    /// Makes a grant and its first tokens; a refresh token only when the scopes allow one.
    pub(crate) fn grant(&mut self, bearer: Bearer, now: Timestamp) -> Issued {
        self.forget_expired(now);
        self.last_grant += 1;
        let id = GrantId(self.last_grant);
        let refresh_token = bearer.scopes.allow_refresh().then(|| self.new_refresh_token(id));
        let grant =
            Grant { bearer: bearer.clone(), refresh_token: refresh_token.clone(), issued: now, refreshing: false };
        self.grants.insert(id, grant);
        let access_token = self.new_access_token(id, now);
        Issued { grant: id, bearer, access_token, refresh_token }
    }

    /// Whom a live access token speaks for; using it keeps it alive.
    pub(crate) fn bearer(&mut self, access_token: &str, now: Timestamp) -> Option<Bearer> {
        let access = self.access.get_mut(access_token).filter(|access| now < access.expires)?;
        access.expires = now.saturating_add(IDLE_TIMEOUT).unwrap_or(Timestamp::MAX);
        self.grants.get(&access.grant).map(|grant| grant.bearer.clone())
    }

    /// Starts a refresh. Until it is finished or abandoned, another with the same token is refused.
    pub(crate) fn start_refresh(&mut self, refresh_token: &str, client_id: &str) -> Result<GrantId, OAuthError> {
        let id = *self.refresh.get(refresh_token).ok_or(OAuthError::EXPIRED_TOKEN)?;
        let grant = self.grants.get_mut(&id).filter(|grant| grant.bearer.client_id == client_id);
        let grant = grant.ok_or(OAuthError::EXPIRED_TOKEN)?;
        if grant.refresh_token.as_deref() != Some(refresh_token) {
            self.came_back += 1;
            self.revoke_grant(id);
            return Err(OAuthError::EXPIRED_TOKEN);
        }
        if grant.refreshing {
            return Err(OAuthError::BUSY);
        }
        grant.refreshing = true;
        Ok(id)
    }

    /// Finishes a refresh: a new access token, and with rotation a new refresh token in place of the old one.
    /// Refused when the grant was revoked meanwhile.
    pub(crate) fn finish_refresh(&mut self, id: GrantId, rotate: bool, now: Timestamp) -> Result<Issued, OAuthError> {
        let rotated = rotate.then(random_refresh_token);
        let grant = self.grants.get_mut(&id).ok_or(OAuthError::EXPIRED_TOKEN)?;
        grant.refreshing = false;
        let bearer = grant.bearer.clone();
        if let Some(token) = &rotated {
            grant.refresh_token = Some(token.clone());
            self.refresh.insert(token.clone(), id);
        }
        let access_token = self.new_access_token(id, now);
        Ok(Issued { grant: id, bearer, access_token, refresh_token: rotated })
    }

    /// Ends a refresh whose client left before it was finished.
    pub(crate) fn abandon_refresh(&mut self, id: GrantId) {
        if let Some(grant) = self.grants.get_mut(&id) {
            grant.refreshing = false;
        }
    }

    /// Revokes a token: an access token alone, a refresh token with everything that came from it.
    pub(crate) fn revoke(&mut self, token: &str, now: Timestamp) -> Result<(), OAuthError> {
        if self.access.get(token).is_some_and(|access| now < access.expires) {
            self.access.remove(token);
            return Ok(());
        }
        let current = self.refresh.get(token).copied().filter(|id| self.is_current(*id, token));
        let id = current.ok_or(OAuthError::new("invalid_token", "invalid token"))?;
        self.revoke_grant(id);
        Ok(())
    }

    /// Ends a grant with all its tokens.
    pub(crate) fn revoke_grant(&mut self, id: GrantId) {
        self.grants.remove(&id);
        self.access.retain(|_, access| access.grant != id);
        self.refresh.retain(|_, grant| *grant != id);
    }

    /// What is known about a token, when it is live.
    pub(crate) fn live(&self, token: &str, now: Timestamp) -> Option<Live> {
        if let Some(access) = self.access.get(token).filter(|access| now < access.expires) {
            let bearer = self.grants.get(&access.grant)?.bearer.clone();
            return Some(Live {
                bearer,
                token_type: "access_token",
                issued: access.issued,
                expires: Some(access.expires),
            });
        }
        let id = self.refresh.get(token).copied().filter(|id| self.is_current(*id, token))?;
        let grant = self.grants.get(&id)?;
        Some(Live { bearer: grant.bearer.clone(), token_type: "refresh_token", issued: grant.issued, expires: None })
    }

    /// How often a refresh token came back after rotation had replaced it.
    pub(crate) fn came_back(&self) -> u64 {
        self.came_back
    }

    /// Whether a refresh token with this fingerprint would be taken now.
    pub(crate) fn honours(&self, wanted: &str) -> bool {
        self.grants
            .values()
            .filter_map(|grant| grant.refresh_token.as_deref())
            .any(|token| fingerprint(token) == wanted)
    }

    /// Whether a user has a lasting grant for this app that covers these scopes.
    pub(crate) fn approved(&self, client_id: &str, user_id: &str, scopes: &Scopes) -> bool {
        self.grants.values().any(|grant| {
            grant.refresh_token.is_some()
                && grant.bearer.client_id == client_id
                && grant.bearer.user_id == user_id
                && grant.bearer.scopes.cover(scopes)
        })
    }

    /// Ends all access tokens; refresh tokens stay.
    pub(crate) fn expire_access_tokens(&mut self) {
        self.access.clear();
    }

    /// Gives all access tokens their full time from now on, wherever the clock was when they were used.
    pub(crate) fn renew(&mut self, now: Timestamp) {
        let expires = now.saturating_add(IDLE_TIMEOUT).unwrap_or(Timestamp::MAX);
        self.access.values_mut().for_each(|access| access.expires = expires);
    }

    fn is_current(&self, id: GrantId, refresh_token: &str) -> bool {
        let grant = self.grants.get(&id);
        grant.is_some_and(|grant| grant.refresh_token.as_deref() == Some(refresh_token))
    }

    fn new_access_token(&mut self, grant: GrantId, now: Timestamp) -> String {
        let token = format!("{}!AQ{}", self.organization_id, random::base62(92));
        let expires = now.saturating_add(IDLE_TIMEOUT).unwrap_or(Timestamp::MAX);
        self.access.insert(token.clone(), Access { grant, issued: now, expires });
        token
    }

    fn new_refresh_token(&mut self, grant: GrantId) -> String {
        let token = random_refresh_token();
        self.refresh.insert(token.clone(), grant);
        token
    }

    /// Drops expired access tokens, and grants that nothing can come from any more.
    fn forget_expired(&mut self, now: Timestamp) {
        self.access.retain(|_, access| now < access.expires);
        let in_use: HashSet<GrantId> = self.access.values().map(|access| access.grant).collect();
        self.grants.retain(|id, grant| grant.refresh_token.is_some() || in_use.contains(id));
    }
}

fn random_refresh_token() -> String {
    format!("5Aep861{}", random::base62(80))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-06-15T12:00:00Z".parse().unwrap()
    }

    fn granted(scopes: &str) -> (Tokens, Issued) {
        let mut tokens = Tokens::new("00D000000000001EAA");
        let scopes = Scopes::parse(scopes).unwrap();
        let bearer = Bearer { client_id: "key".to_owned(), user_id: "005".to_owned(), scopes };
        let issued = tokens.grant(bearer, now());
        (tokens, issued)
    }

    #[test]
    fn only_the_scope_brings_a_refresh_token() {
        assert!(granted("api").1.refresh_token.is_none());
        assert!(granted("api refresh_token").1.refresh_token.is_some());
        assert!(granted("api").1.access_token.starts_with("00D000000000001EAA!AQ"));
    }

    #[test]
    fn an_access_token_ends_two_hours_after_its_last_use() {
        let (mut tokens, issued) = granted("api");
        let later = now() + SignedDuration::from_mins(119);
        assert!(tokens.bearer(&issued.access_token, later).is_some());
        assert!(tokens.bearer(&issued.access_token, later + SignedDuration::from_mins(119)).is_some());
        assert!(tokens.bearer(&issued.access_token, later + SignedDuration::from_hours(4)).is_none());
    }

    #[test]
    fn two_refreshes_at_once_are_refused() {
        let (mut tokens, issued) = granted("api refresh_token");
        let refresh = issued.refresh_token.unwrap();
        let id = tokens.start_refresh(&refresh, "key").unwrap();
        assert_eq!(tokens.start_refresh(&refresh, "key"), Err(OAuthError::BUSY));
        tokens.finish_refresh(id, false, now()).unwrap();
        let id = tokens.start_refresh(&refresh, "key").unwrap();
        tokens.abandon_refresh(id);
        assert!(tokens.start_refresh(&refresh, "key").is_ok());
    }

    #[test]
    fn an_old_rotated_token_ends_the_whole_grant() {
        let (mut tokens, issued) = granted("api refresh_token");
        let old = issued.refresh_token.unwrap();
        let id = tokens.start_refresh(&old, "key").unwrap();
        let fresh = tokens.finish_refresh(id, true, now()).unwrap();
        assert!(!tokens.honours(&fingerprint(&old)));
        assert!(tokens.honours(&fingerprint(fresh.refresh_token.as_deref().unwrap())));
        assert_eq!(tokens.came_back(), 0);
        assert_eq!(tokens.start_refresh(&old, "key"), Err(OAuthError::EXPIRED_TOKEN));
        assert_eq!(tokens.came_back(), 1);
        assert!(tokens.bearer(&fresh.access_token, now()).is_none());
        assert_eq!(tokens.start_refresh(&fresh.refresh_token.unwrap(), "key"), Err(OAuthError::EXPIRED_TOKEN));
    }

    #[test]
    fn a_refresh_token_is_of_no_use_to_another_client() {
        let (mut tokens, issued) = granted("api refresh_token");
        let refresh = issued.refresh_token.unwrap();
        assert_eq!(tokens.start_refresh(&refresh, "other"), Err(OAuthError::EXPIRED_TOKEN));
        assert!(tokens.start_refresh(&refresh, "key").is_ok());
    }

    #[test]
    fn revoking_an_access_token_leaves_the_grant() {
        let (mut tokens, issued) = granted("api refresh_token");
        tokens.revoke(&issued.access_token, now()).unwrap();
        assert!(tokens.bearer(&issued.access_token, now()).is_none());
        let refresh = issued.refresh_token.unwrap();
        assert!(tokens.live(&refresh, now()).is_some());
        tokens.revoke(&refresh, now()).unwrap();
        assert_eq!(tokens.revoke(&refresh, now()).unwrap_err().code, "invalid_token");
    }
}
