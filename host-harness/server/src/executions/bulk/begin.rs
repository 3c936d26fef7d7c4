//! What queries and loads have in common before they begin, and what is taken over from a process that has ended.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::super::{Execution, ExecutionRecord, Executions, Refused, Request};
use super::follow::Follower;
use super::job::BulkKind;
use crate::at_once::One;
use crate::database::StoreError;
use crate::tenants::{Tenant, Tenants};

/// Whether an execution begins.
pub(super) enum Beginning {
    /// It counts among what the tenant has at once as long as this is there.
    May(One),
    /// There is one with its idempotency key.
    Before(Box<Execution>),
}

impl Executions {
    /// Finds out, before anything is recorded, what would keep a bulk execution from beginning.
    pub(super) async fn begin_bulk(&self, tenant: &Tenant, request: &Request) -> Result<Beginning, Refused> {
        if self.is_closing() {
            return Err(Refused::ShuttingDown);
        }
        if let Some(key) = &request.idempotency_key
            && let Some((record, digest)) = self.recorded(&tenant.id, key.as_str()).await?
        {
            let before = self.bulk_before(tenant, request, &record.id, &digest).await?;
            return Ok(Beginning::Before(Box::new(before)));
        }
        self.may_begin()?;
        self.prepare(tenant, request).await?;
        let at_once = tenant.limits.executions_at_once;
        let open = self.streams.one_more(&tenant.id, at_once).ok_or(Refused::TooManyStreams { at_once })?;
        Ok(Beginning::May(open))
    }

    /// The execution that had the request's key, however it stands.
    pub(super) async fn bulk_before(
        &self,
        tenant: &Tenant,
        request: &Request,
        id: &str,
        digest: &[u8],
    ) -> Result<Execution, Refused> {
        if digest != request.digest {
            return Err(Refused::KeyReused);
        }
        let found = self.find(&tenant.id, id).await?.ok_or(StoreError::Closed)?;
        Ok(Execution { replayed: true, ..found })
    }

    /// Goes on with the bulk executions that nobody follows. Answers with how many.
    pub(crate) async fn take_over(&self, tenants: &Tenants) -> Result<usize, StoreError> {
        let mut taken = 0;
        for (tenant, id, process) in self.bulk_without_owner().await? {
            let Some(tenant) = tenants.find(tenant).await? else { continue };
            let entry = self.running.enter(&tenant.id, &id, &CancellationToken::new());
            if self.is_closing() || !self.claim(&id, &process).await? {
                continue;
            }
            let Some(found) = self.find(&tenant.id, &id).await? else { continue };
            let Some((bulk, sent_all)) = self.bulk_to_follow(&id).await? else { continue };
            let input = found.request.map_or_else(|| Arc::from(""), |request| Arc::from(request.get()));
            let incomplete = (bulk.kind == BulkKind::Load && !sent_all)
                .then(|| "the server ended while the data arrived".to_owned());
            let (executions, begun) = (self.clone(), found.record);
            Follower { executions, tenant, begun, input, entry, bulk, incomplete, open: None }.spawn();
            taken += 1;
        }
        Ok(taken)
    }
}

impl Execution {
    /// One that has begun.
    pub(super) fn running(begun: &ExecutionRecord) -> Execution {
        Execution { record: begun.clone(), given: None, request: None, replayed: false }
    }
}
