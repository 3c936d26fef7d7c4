//! What a store of connections keeps, and promises.

use std::fmt::{self, Debug, Formatter};

use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::oauth::{ConnectedApp, TokenSet};
use salesforce_runtime::bindings::types::Connection;
use salesforce_runtime::egress::{EgressPolicy, LoginUrl, Origin};
use salesforce_runtime::secret::Secret;

use crate::protocol::Ending;

/// Where connections and their tokens are kept. A file, a table: whoever writes one lets it pass [`store_kit`](crate::store_kit).
///
/// Several processes may use one store at once. [`begin`](Self::begin) and [`settle`](Self::settle) compare the revision and
/// change the connection in one step, whoever has the lease; what they have answered outlives the process and the machine.
pub trait ConnectionStore: Clone + Send + Sync + 'static {
    /// The name of a connection.
    type Id: Clone + Debug + Send + Sync + 'static;
    /// Which token set is stored. Another one, another revision.
    type Revision: Clone + Debug + Eq + Send + Sync + 'static;
    /// The right to refresh one connection. It ends when it is dropped, and with its process.
    type Lease: Send;
    /// Why the store cannot do something. Holds no secret.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Reads a connection. One that needs its user is an error.
    fn load(&self, id: &Self::Id) -> impl Future<Output = Result<Stored<Self::Revision>, Self::Error>> + Send;

    /// Waits for the right to refresh a connection. One at a time has it, of all tasks and processes.
    fn lease(&self, id: &Self::Id) -> impl Future<Output = Result<Self::Lease, Self::Error>> + Send;

    /// Commits that a refresh of this revision is about to be sent: what [`load`](Self::load) then says is
    /// [`refresh_begun`](Stored::refresh_begun). False, and nothing is committed, if another revision is stored.
    fn begin(&self, id: &Self::Id, revision: &Self::Revision)
    -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Commits what came of a refresh of this connection, as it was loaded, and takes back what [`begin`](Self::begin) said.
    /// False, and nothing is committed, if another revision is stored.
    ///
    /// New tokens exist nowhere else: where this fails, it is tried a few times more. A store that knows that its disk
    /// is full may rather keep them until it is not, and say so by [`stalled`](Self::stalled).
    fn settle(
        &self,
        id: &Self::Id,
        refreshed: &Stored<Self::Revision>,
        settlement: Settlement<'_>,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Ends when new tokens of this connection wait in vain to be stored: whoever waits for them is told this error. The
    /// healing goes on. A store that takes what it is given, or fails, never ends this.
    fn stalled(&self, _id: &Self::Id) -> impl Future<Output = Self::Error> + Send {
        std::future::pending()
    }
}

/// A stored connection with its tokens.
#[derive(Clone, Debug)]
pub struct Stored<R> {
    /// Where its users log in.
    pub login_url: LoginUrl,
    /// The connected app's consumer key.
    pub client_id: String,
    /// The connected app's consumer secret, if it has one.
    pub client_secret: Option<Secret>,
    /// The org.
    pub instance_url: Origin,
    /// The session's token.
    pub access_token: Secret,
    /// What new sessions are had for.
    pub refresh_token: Option<Secret>,
    /// The version of Salesforce's API to call, e.g. `v67.0`; none: the connector's own.
    pub api_version: Option<String>,
    /// Which token set this is.
    pub revision: R,
    /// A refresh of it was begun and has not been settled.
    pub refresh_begun: bool,
    /// Requests may go to a server on this machine, e.g. a mock.
    pub allow_loopback: bool,
}

/// What came of a refresh.
#[derive(Clone, Copy, Debug)]
pub enum Settlement<'a> {
    /// New tokens. Where they hold no refresh token, the stored one stays.
    Tokens(NewTokens<'a>),
    /// Nothing was changed.
    Unchanged,
    /// The connection needs its user.
    Ended(EndReason<'a>),
}

/// Why a connection needs its user. Its `Display` is for people.
#[derive(Clone, Copy, Debug)]
pub struct EndReason<'a> {
    /// Why.
    pub ending: Ending,
    /// What the org said last.
    pub error: Option<&'a ExecutionError>,
    /// What the org said when it refused the session.
    pub refused: Option<&'a str>,
}

impl fmt::Display for EndReason<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match (self.ending, self.error, self.refused) {
            (Ending::Refused, Some(error), _) => write!(formatter, "{error}"),
            (Ending::NoRefreshToken, _, None) => formatter.write_str("there is no refresh token"),
            (Ending::NoRefreshToken, _, Some(words)) => {
                write!(formatter, "the session has expired, and there is no refresh token: {words}")
            }
            (Ending::AnswerLost | Ending::Refused, _, _) => {
                formatter.write_str("the answer to a refresh was lost after Salesforce had replaced the refresh token")
            }
        }
    }
}

/// The answer to a refresh. It cannot be printed.
#[derive(Clone, Copy)]
pub struct NewTokens<'a>(pub &'a TokenSet);

impl Debug for NewTokens<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("NewTokens")
    }
}

impl<R> Stored<R> {
    /// The same in a store of another kind.
    #[must_use]
    pub fn with_revision<Other>(self, revision: Other) -> Stored<Other> {
        let Self { login_url, client_id, client_secret, instance_url, access_token, refresh_token, .. } = self;
        let Self { api_version, refresh_begun, allow_loopback, .. } = self;
        Stored {
            login_url,
            client_id,
            client_secret,
            instance_url,
            access_token,
            refresh_token,
            api_version,
            revision,
            refresh_begun,
            allow_loopback,
        }
    }

    /// The connected app, as the component takes it.
    #[must_use]
    pub fn app(&self) -> ConnectedApp {
        ConnectedApp {
            login_url: self.login_url.to_string(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.as_ref().map(|secret| secret.expose().to_owned()),
        }
    }

    /// The org and the session, as the component takes them. Its `Debug` prints the token.
    #[must_use]
    pub fn connection(&self) -> Connection {
        Connection {
            instance_url: self.instance_url.to_string(),
            access_token: self.access_token.expose().to_owned(),
            api_version: self.api_version.clone(),
        }
    }

    /// Where a refresh may go: the login host alone.
    #[must_use]
    pub fn login_policy(&self) -> EgressPolicy {
        self.reaching([self.login_url.origin().clone()])
    }

    /// Where calls with it may go: the login host and the org.
    #[must_use]
    pub fn policy(&self) -> EgressPolicy {
        self.reaching([self.login_url.origin().clone(), self.instance_url.clone()])
    }

    /// A policy for these origins, on loopback too if this connection may go there.
    pub fn reaching(&self, origins: impl IntoIterator<Item = Origin>) -> EgressPolicy {
        let policy = EgressPolicy::origins(origins);
        if self.allow_loopback { policy.allow_loopback() } else { policy }
    }
}
