//! What the host saw of an execution on the wire.

use std::sync::{Arc, Mutex, PoisonError};

use super::told;
use crate::bindings::types::{ApiUsage, Error, Outcome};
use crate::egress::{Entries, Journal};

/// What left the host for an execution and which answers came, by the host's own journal and not by the component's
/// word. Clones share it.
///
/// Give it to [`Execution::noting`](super::Execution::noting) and ask it afterwards, however the execution ended, even
/// if its future was dropped. While the execution runs it tells what has been seen so far. Given to several executions,
/// it tells of the one that was started last.
///
/// A host needs it for two decisions:
///
/// - whether to refresh tokens and repeat a call: [`Evidence::is_session_refused`], and not the component's
///   `session-expired` alone, or a component could create a record, say that the session has expired, and be run again;
/// - what a call that was cancelled may have done: [`Evidence::best_outcome`].
///
/// Errors need no correction by the caller: [`ExecutionError`](super::ExecutionError) says how the journal bounds them.
///
/// ```no_run
/// # use salesforce_runtime::bindings::{soql::Query, types::{CallOptions, Connection, Outcome}};
/// # use salesforce_runtime::{Connector, Evidence, egress::EgressPolicy};
/// # async fn cancelled(
/// #     connector: Connector, policy: EgressPolicy, connection: Connection, query: Query, options: CallOptions,
/// # ) {
/// let evidence = Evidence::default();
/// let call = connector.execution(policy).noting(&evidence);
/// tokio::select! {
///     answer = call.soql_query(&connection, &query, options) => println!("{answer:?}"),
///     () = tokio::time::sleep(std::time::Duration::from_secs(1)) => println!("given up: {:?}", evidence.best_outcome()),
/// }
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Evidence(Arc<Mutex<Journal>>);

impl Evidence {
    /// Requests of which a byte may have left the host.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.entries().left()
    }

    /// Answers that broke off after their head, which callers are told of as `interrupted`.
    #[must_use]
    pub fn broken_off(&self) -> u32 {
        self.entries().broken_off()
    }

    /// The best that can be said of the execution if it failed: `NotSent` if nothing left; `Rejected` if every request that can
    /// change something was answered with a status that proves a refusal (4xx but 408, and 300 for an external Id that
    /// several records have); else `Unknown`.
    #[must_use]
    pub fn best_outcome(&self) -> Outcome {
        self.entries().best_outcome()
    }

    /// True if the org answered 401 to a request with the connection's token (user info: 403), and either nothing that can
    /// change something left, or every request was answered so. Then, and only then, a refresh may help and the call
    /// may be made again; not if the component says `access-denied`, for a 401 has other reasons than the session as well. Of a sealed token, a request with other credentials does not count.
    #[must_use]
    pub fn is_session_refused(&self) -> bool {
        self.entries().is_session_refused()
    }

    /// Use of the org's daily API allowance, from the last answer with the header `Sforce-Limit-Info`.
    #[must_use]
    pub fn usage(&self) -> Option<ApiUsage> {
        self.entries().usage()
    }

    /// A component's error as it may be passed on, as [`ExecutionError::Connector`](super::ExecutionError::Connector) describes:
    /// for hosts of other worlds.
    #[must_use]
    pub fn settle(&self, error: Error) -> Error {
        told::settled(error, &self.entries())
    }

    pub(super) fn follow(&self, journal: &Journal) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = journal.clone();
    }

    fn entries(&self) -> Entries {
        let journal = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        journal.lock().clone()
    }
}
