//! Begins a query as a job.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::super::store::Recorded;
use super::super::unrecorded::End;
use super::super::{Execution, Executions, Refused, Request};
use super::Bulk;
use super::begin::Beginning;
use super::follow::Follower;
use super::job::{BulkJob, BulkKind, Told};
use super::step::Steps;
use crate::database::StoreError;
use crate::ids;
use crate::tenants::Tenant;
use salesforce_actions::Effect;

/// The action that begins one.
pub(crate) const CREATE_QUERY_JOB: &str = "create-query-job";

impl Executions {
    /// Begins a query. The answer is the running execution, or how it ended if there is no job.
    pub(crate) async fn bulk_query(&self, tenant: &Tenant, request: Request) -> Result<Execution, Refused> {
        let open = match self.begin_bulk(tenant, &request).await? {
            Beginning::May(open) => open,
            Beginning::Before(execution) => return Ok(*execution),
        };
        let (this, tenant) = (self.clone(), tenant.clone());
        let beginning = tokio::spawn(async move {
            let id = ids::new();
            let entry = this.running.enter(&tenant.id, &id, &CancellationToken::new());
            let begun = match this.record_begin(&id, &tenant.id, &request).await? {
                Recorded::New(begun) => *begun,
                Recorded::Before(record, digest) => {
                    return this.bulk_before(&tenant, &request, &record.id, &digest).await;
                }
            };
            this.record_bulk(&id, BulkKind::Query).await?;
            let input = Arc::clone(request.call.input());
            let (executions, cancelled) = (&this, entry.cancelled.clone());
            let steps = Steps { executions, tenant: &tenant, connection: &begun.connection, cancelled };
            let told: Told = match steps.call(CREATE_QUERY_JOB, request.call.input()).await {
                Ok(told) => told,
                Err(stopped) => {
                    let ended = stopped.completion(Effect::Reads, tenant.limits);
                    return Ok(this.settle(End { tenant: tenant.id.clone(), begun, input, ended }).await);
                }
            };
            let job = BulkJob::new(0, &told, 0);
            if let Err(error) = this.record_job(&id, job.clone()).await {
                tracing::warn!(execution = id, %error, "a job was not recorded: if this process dies, nobody goes on with it");
            }
            let bulk = Bulk { kind: BulkKind::Query, jobs: vec![job] };
            let running = Execution::running(&begun);
            let (executions, open) = (this.clone(), Some(open));
            Follower { executions, tenant, begun, input, entry, bulk, incomplete: None, open }.spawn();
            Ok(running)
        });
        beginning.await.map_err(|_| StoreError::Closed)?
    }
}
