//! Begins a query as a job.

use salesforce_actions::Effect;
use salesforce_actions::bulk::Request as BulkRequest;

use super::super::{Execution, Executions, Refused, Request};
use super::begin::Begun;
use super::job::{BulkJob, BulkKind};
use super::{ATTEMPTS, Bulk};
use crate::tenants::Tenant;

impl Executions {
    /// Begins a query. The answer is the running execution, or how it ended if there is no job.
    pub(crate) async fn bulk_query(&self, tenant: &Tenant, request: Request) -> Result<Execution, Refused> {
        self.begin_bulk(tenant, request, BulkKind::Query, ask).await
    }
}

async fn ask(begun: Begun) -> Execution {
    let create = BulkRequest::create_query(&begun.input);
    let mut attempt = 1;
    // One whose answer was lost is left over, and changes nothing.
    let told = loop {
        match begun.steps().call(&create).await {
            Err(stopped) if attempt < ATTEMPTS && (stopped.is_retryable() || stopped.is_lost()) => attempt += 1,
            told => break told,
        }
    };
    let told = match told {
        Ok(told) => told,
        Err(stopped) => {
            let ended = stopped.completion(Effect::Reads, begun.tenant.limits);
            return begun.end(ended).await;
        }
    };
    let job = BulkJob::new(0, &told, 0);
    let id = &begun.record.id;
    if let Err(error) = begun.executions.record_job(id, job.clone()).await {
        tracing::warn!(execution = id, %error, "a job was not recorded: if this process dies, nobody goes on with it");
    }
    begun.follow(Bulk { kind: BulkKind::Query, jobs: vec![job] }, None)
}
