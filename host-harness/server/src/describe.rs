//! What objects and fields an org has, for the pickers of the console: what the actions `list-objects` and `describe-object` give,
//! kept for a few minutes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;

use super::connections::{ConnectionKey, Connections};
use super::executions::{Executions, LookupError, Refused};
use super::tenants::Tenant;
use salesforce_actions::{Actions, Call, InputError};
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::types::ErrorKind;

/// How long a description is kept.
const KEPT: Duration = Duration::from_secs(5 * 60);
/// How many are, and how many bytes all of them have.
const MOST: usize = 128;
const MOST_BYTES: usize = 32 << 20;

/// Describes orgs.
#[derive(Clone)]
pub(crate) struct Describe {
    connections: Connections,
    executions: Executions,
    recent: Arc<Recent>,
}

/// An org was not described.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DescribeError {
    /// The name is none of an object.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The org has no such object, or its user does not see it.
    #[error("the org has no object of this name, or the connection's user does not see it")]
    NoSuchObject,
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the org was not described: {0}")]
    Execution(ExecutionError),
}

impl Describe {
    pub(crate) fn new(connections: Connections, executions: Executions) -> Describe {
        Describe { connections, executions, recent: Arc::default() }
    }

    /// All objects that the connection's user sees: the result of `list-objects`.
    pub(crate) async fn objects(&self, tenant: &Tenant, connection: &str) -> Result<Arc<str>, DescribeError> {
        let call = Call::parse(Actions::of_connector(), "list-objects", "{}")?;
        self.described(tenant, connection, "", &call).await
    }

    /// One object with its fields: the result of `describe-object`.
    pub(crate) async fn object(
        &self,
        tenant: &Tenant,
        connection: &str,
        object: &str,
    ) -> Result<Arc<str>, DescribeError> {
        let input = json!({ "object": object }).to_string();
        let call = Call::parse(Actions::of_connector(), "describe-object", &input)?;
        self.described(tenant, connection, object, &call).await
    }

    async fn described(
        &self,
        tenant: &Tenant,
        connection: &str,
        object: &str,
        call: &Call,
    ) -> Result<Arc<str>, DescribeError> {
        let known = self.key(tenant, connection, object).await?;
        if let Some(described) = self.recent.find(&known, Instant::now()) {
            return Ok(described);
        }
        let described = self.executions.look_up(tenant, connection, call).await?;
        // The session may have been refreshed.
        let key = self.key(tenant, connection, object).await?;
        Ok(self.recent.keep(key, Box::<str>::from(described).into(), Instant::now()))
    }

    /// Another token set may be for another org, and another user. The connection is asked for even if the answer is known: one
    /// that was ended tells nothing more.
    async fn key(&self, tenant: &Tenant, connection: &str, object: &str) -> Result<String, DescribeError> {
        let key = ConnectionKey { tenant: tenant.id.clone(), id: connection.to_owned() };
        let tokens = self.connections.tokens(&key).await.map_err(Refused::from)?;
        Ok(format!("{connection} {} {}", tokens.revision, object.to_ascii_lowercase()))
    }
}

impl From<LookupError> for DescribeError {
    fn from(error: LookupError) -> DescribeError {
        match error {
            LookupError::Refused(refused) => DescribeError::Refused(refused),
            LookupError::Execution(error) if error.kind() == Some(ErrorKind::NotFound) => DescribeError::NoSuchObject,
            LookupError::Execution(error) => DescribeError::Execution(error),
        }
    }
}

/// What was read in the last minutes, the oldest first.
#[derive(Default)]
struct Recent(Mutex<Vec<Entry>>);

struct Entry {
    key: String,
    read_at: Instant,
    described: Arc<str>,
}

impl Recent {
    fn find(&self, key: &str, now: Instant) -> Option<Arc<str>> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| now.duration_since(entry.read_at) < KEPT);
        entries.iter().find(|entry| entry.key == key).map(|entry| entry.described.clone())
    }

    fn keep(&self, key: String, described: Arc<str>, now: Instant) -> Arc<str> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| entry.key != key);
        entries.push(Entry { key, read_at: now, described: described.clone() });
        let mut bytes: usize = entries.iter().map(|entry| entry.described.len()).sum();
        while entries.len() > MOST || bytes > MOST_BYTES {
            bytes -= entries.remove(0).described.len();
        }
        described
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_grows_old_and_stays_bounded() {
        let (recent, start) = (Recent::default(), Instant::now());
        recent.keep("a".to_owned(), "1".into(), start);
        assert_eq!(recent.find("a", start + KEPT / 2).as_deref(), Some("1"));
        assert_eq!(recent.find("b", start), None);
        recent.keep("a".to_owned(), "2".into(), start);
        assert_eq!(recent.find("a", start).as_deref(), Some("2"));
        assert_eq!(recent.find("a", start + KEPT), None);
        for number in 0..MOST + 3 {
            recent.keep(number.to_string(), "".into(), start);
        }
        assert_eq!(recent.0.lock().unwrap().len(), MOST);
        assert_eq!(recent.find("2", start), None);
        assert_eq!(recent.find("3", start).as_deref(), Some(""));
        let half = "x".repeat(MOST_BYTES / 2 + 1);
        recent.keep("half".to_owned(), half.as_str().into(), start);
        recent.keep("other half".to_owned(), half.as_str().into(), start);
        assert_eq!((recent.find("half", start), recent.find("3", start)), (None, None));
        assert!(recent.find("other half", start).is_some());
        assert_eq!(recent.keep("more".to_owned(), half.repeat(2).into(), start).len(), 2 * half.len());
        assert!(recent.0.lock().unwrap().is_empty());
    }
}
