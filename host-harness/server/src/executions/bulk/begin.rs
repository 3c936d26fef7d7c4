//! What queries and loads have in common before they begin, and what is taken over from a process that has ended.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::super::cancel::Entry;
use super::super::ended::Completion;
use super::super::store::Recorded;
use super::super::unrecorded::End;
use super::super::{Execution, ExecutionRecord, Executions, Refused, Request};
use super::Bulk;
use super::follow::Follower;
use super::job::BulkKind;
use super::step::Steps;
use crate::at_once::One;
use crate::database::StoreError;
use crate::ids;
use crate::tenants::{Tenant, Tenants};

/// A bulk execution that is recorded as running, and goes on in this process.
pub(super) struct Begun {
    pub(super) executions: Executions,
    pub(super) tenant: Tenant,
    pub(super) record: ExecutionRecord,
    /// The input of the first action, as it came.
    pub(super) input: Arc<str>,
    pub(super) entry: Entry,
    /// Counts it among what its tenant has at once; none where it was taken over.
    _open: Option<One>,
}

impl Executions {
    /// Begins a bulk execution: what would keep it from beginning is found out before anything is recorded. The rest is done
    /// whether whoever asked waits for it or not.
    pub(super) async fn begin_bulk<G>(
        &self,
        tenant: &Tenant,
        request: Request,
        kind: BulkKind,
        rest: impl FnOnce(Begun) -> G + Send + 'static,
    ) -> Result<Execution, Refused>
    where
        G: Future<Output = Execution> + Send + 'static,
    {
        if self.is_closing() {
            return Err(Refused::ShuttingDown);
        }
        if let Some(key) = &request.idempotency_key
            && let Some((record, digest)) = self.recorded(&tenant.id, key.as_str()).await?
        {
            return self.bulk_before(tenant, &request, &record.id, &digest).await;
        }
        self.may_begin()?;
        self.prepare(tenant, &request).await?;
        let at_once = tenant.limits.executions_at_once;
        let open = self.streams.one_more(&tenant.id, at_once).ok_or(Refused::TooManyStreams { at_once })?;
        let (executions, tenant) = (self.clone(), tenant.clone());
        let beginning = tokio::spawn(async move {
            let id = ids::new();
            let entry = executions.running.enter(&tenant.id, &id, &CancellationToken::new());
            let record = match executions.record_begin(&id, &tenant.id, &request).await? {
                Recorded::New(record) => *record,
                Recorded::Before(record, digest) => {
                    return executions.bulk_before(&tenant, &request, &record.id, &digest).await;
                }
            };
            executions.record_bulk(&id, kind).await?;
            let input = Arc::clone(request.call.input());
            Ok(rest(Begun { executions, tenant, record, input, entry, _open: Some(open) }).await)
        });
        beginning.await.map_err(|_| StoreError::Closed)?
    }

    /// The execution that had the request's key, however it stands.
    async fn bulk_before(
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
            let (executions, record) = (self.clone(), found.record);
            let begun = Begun { executions, tenant, record, input, entry, _open: None };
            Follower { begun, bulk, incomplete }.spawn();
            taken += 1;
        }
        Ok(taken)
    }
}

impl Begun {
    /// Who makes its requests until it is cancelled.
    pub(super) fn steps(&self) -> Steps<'_> {
        self.steps_until(self.entry.cancelled.clone())
    }

    /// The same, whatever becomes of it.
    pub(super) fn last_steps(&self) -> Steps<'_> {
        self.steps_until(CancellationToken::new())
    }

    fn steps_until(&self, cancelled: CancellationToken) -> Steps<'_> {
        let Begun { executions, tenant, record, .. } = self;
        Steps { executions, tenant, connection: &record.connection, cancelled }
    }

    /// Follows its jobs from now on. `incomplete`: why Salesforce has not all of the data.
    pub(super) fn follow(self, bulk: Bulk, incomplete: Option<String>) -> Execution {
        let running = Execution { record: self.record.clone(), given: None, request: None, replayed: false };
        Follower { begun: self, bulk, incomplete }.spawn();
        running
    }

    /// Records how it ended.
    pub(super) async fn end(self, ended: Completion) -> Execution {
        let Begun { executions, tenant, record: begun, input, .. } = &self;
        let (tenant, begun, input) = (tenant.id.clone(), begun.clone(), Arc::clone(input));
        executions.settle(End { tenant, begun, input, ended }).await
    }
}
