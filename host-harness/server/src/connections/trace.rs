//! What an operator sees of connections that fail: a line and a count. Neither has a text of Salesforce's, of a component's or
//! of a browser's in it, only a word of ours for the kind.

use super::{ConnectionError, ConnectionKey, ConnectionState, Connections};
use crate::clock;
use crate::database::StoreError;
use rusqlite::params;
use salesforce_connections::protocol::Ending;

/// What came of an authorization that has connected something.
pub(super) const CONNECTED: &str = "connected";

impl Connections {
    /// An authorization of a connection has failed: the connection keeps the reason, and somebody is told.
    pub(super) async fn authorization_failed(
        &self,
        tenant: &str,
        id: &str,
        error: &ConnectionError,
        begun_at: i64,
    ) -> Result<(), StoreError> {
        let kind = error.kind();
        self.authorization_ended(tenant, id, kind, begun_at);
        let (id, reason) = (id.to_owned(), error.to_string());
        self.database
            .write(move |connection| {
                connection.execute(
                    "UPDATE connection SET refusal = ?2, refused_at = ?3, updated_at = ?3,
                     reason = CASE WHEN state = ?4 THEN ?2 ELSE reason END WHERE id = ?1",
                    params![id, reason, clock::now(), ConnectionState::Authorizing.as_str()],
                )?;
                Ok(())
            })
            .await
    }

    /// A ticket or a callback belongs to no authorization. Whose it would be is not known.
    pub(super) fn authorization_unknown(&self) {
        let kind = ConnectionError::UnknownAuthorization.kind();
        // Anybody can send these.
        if let Some(count) = self.quiet.count(kind) {
            tracing::warn!(kind, count, "a ticket or a callback of no authorization was refused");
        }
        self.metrics.authorized(kind);
    }

    /// The one line of an authorization: `connected`, or the kind of its error, and the time that its user took.
    pub(super) fn authorization_ended(&self, tenant: &str, id: &str, outcome: &'static str, begun_at: i64) {
        let ms = clock::now().saturating_sub(begun_at).max(0);
        match outcome {
            CONNECTED => tracing::info!(tenant, connection = id, outcome, ms, "an authorization has ended"),
            _ => tracing::warn!(tenant, connection = id, outcome, ms, "an authorization has ended"),
        }
        self.metrics.authorized(outcome);
    }

    /// Salesforce did not refresh a connection's tokens.
    pub(super) fn refresh_failed(&self, key: &ConnectionKey, kind: &'static str) {
        tracing::warn!(connection = key.id, tenant = key.tenant, kind, "a refresh failed");
        self.metrics.refreshed(kind);
    }

    /// A connection cannot be used until its user allows access again.
    pub(super) fn user_needed(&self, tenant: &str, id: &str, ending: Ending) {
        tracing::warn!(connection = id, tenant, why = ending.as_str(), "the connection needs its user again");
        self.metrics.user_needed(ending);
    }
}
