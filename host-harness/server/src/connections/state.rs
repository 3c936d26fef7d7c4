//! The states of a connection.

use std::fmt;

/// Where a connection is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ConnectionState {
    /// Made; its user has not allowed access yet.
    Authorizing,
    /// It has tokens.
    Active,
    /// The grant is gone, or nobody knows what became of its tokens: its user has to allow access again.
    NeedsReauthorization,
    /// Ended by its tenant.
    Revoked,
}

impl ConnectionState {
    pub(crate) const ALL: [ConnectionState; 4] = [
        ConnectionState::Authorizing,
        ConnectionState::Active,
        ConnectionState::NeedsReauthorization,
        ConnectionState::Revoked,
    ];

    /// The name, e.g. `needs-reauthorization`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ConnectionState::Authorizing => "authorizing",
            ConnectionState::Active => "active",
            ConnectionState::NeedsReauthorization => "needs-reauthorization",
            ConnectionState::Revoked => "revoked",
        }
    }

    /// The state of this name.
    pub(super) fn named(name: &str) -> Option<ConnectionState> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
