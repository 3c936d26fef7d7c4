//! A query of any length as lines of JSON (NDJSON), a page at a time.
//!
//! ```text
//! {"execution":"0192..."}                                                       first
//! {"records":[...],"children":[...],"progress":{"records":2000,"total":100000}} one a page
//! {"ended":{"state":"succeeded","records":100000,...}}                          last
//! ```
//!
//! A stream without its last line is not whole. The next page is fetched once the reader has taken the one before, so
//! memory stays that of two pages, however long the query is and however slow the reader.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use serde::Serialize;
use serde_json::value::RawValue;

use super::cancel::Entry;
use super::run::{Ended, setting};
use super::store::Recorded;
use super::{Admitted, ExecutionState, Executions, Given, Refused, Request};
use crate::action::{Action, ActionName, Answer};
use crate::bindings::soql::Page;
use crate::json::PageView;
use crate::runtime::Connector;
use crate::server::database::StoreError;
use crate::server::tenants::Tenant;

/// Lines that wait for the reader.
const LINES_AHEAD: usize = 1;
/// How long a reader may take for a line before the stream is cancelled.
const READER_PATIENCE: Duration = Duration::from_secs(60);

/// A stream that has begun.
pub(crate) struct QueryStream {
    /// Of the execution.
    pub(crate) id: String,
    /// The lines.
    pub(crate) body: Channel<Bytes, Infallible>,
}

#[derive(Serialize)]
struct Head<'a> {
    execution: &'a str,
}

#[derive(Serialize)]
struct Records<'a> {
    #[serde(flatten)]
    page: PageView<'a>,
    progress: Progress,
}

#[derive(Serialize)]
struct Progress {
    records: u64,
    total: u64,
}

#[derive(Serialize)]
struct Tail<'a> {
    ended: TailView<'a>,
}

#[derive(Serialize)]
struct TailView<'a> {
    state: &'static str,
    records: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a RawValue>,
}

impl Executions {
    /// Begins a stream. It ends with its last page, an error, a cancellation, or when its body is dropped.
    pub(crate) async fn stream(&self, tenant: &Tenant, request: Request) -> Result<QueryStream, Refused> {
        if request.action.name() != ActionName::SoqlQuery {
            return Err(Refused::NotAQuery);
        }
        if request.idempotency_key.is_some() {
            return Err(Refused::StreamWithKey);
        }
        self.admission.count(tenant)?;
        let connector = self.prepare(tenant, &request).await?;
        let place = self.admission.admit(tenant).await?;
        let id = match self.record_begin(&tenant.id, &request).await? {
            Recorded::New(id) => id,
            Recorded::Before(..) => return Err(Refused::KeyReused),
        };
        let (lines, body) = Channel::new(LINES_AHEAD);
        let (this, tenant, name) = (self.clone(), tenant.clone(), id.clone());
        tokio::spawn(async move {
            if let Err(error) = this.pump(&tenant, &name, request, &connector, lines, place).await {
                tracing::error!(execution = name, %error, "a stream was not recorded");
            }
        });
        Ok(QueryStream { id, body })
    }

    async fn pump(
        &self,
        tenant: &Tenant,
        id: &str,
        request: Request,
        connector: &Connector,
        mut lines: Sender<Bytes>,
        _place: Admitted,
    ) -> Result<(), StoreError> {
        let entry = self.running.enter(&tenant.id, id);
        let started = Instant::now();
        let mut sent = 0;
        let mut ended = self.pages(tenant, id, request.clone(), connector, &mut lines, &entry, &mut sent).await;
        ended.duration = started.elapsed();
        ended.records = sent;
        let error = match ended.given.take() {
            Some(Given::Error(error)) => Some(error),
            Some(Given::Result(_)) | None => None,
        };
        let tail = TailView { state: ended.state.as_str(), records: sent, error: error.as_deref() };
        // A reader that has left is not told.
        let _ = line(&mut lines, &Tail { ended: tail }).await;
        ended.given = error.map(Given::Error);
        self.metrics.executed(ActionName::SoqlQuery, ended.state, ended.duration);
        tracing::info!(execution = id, tenant = tenant.id, state = %ended.state, records = sent, "streamed");
        self.record(id, &request.connection, ended).await
    }

    #[expect(clippy::too_many_arguments, reason = "all of one stream")]
    async fn pages(
        &self,
        tenant: &Tenant,
        id: &str,
        mut request: Request,
        connector: &Connector,
        lines: &mut Sender<Bytes>,
        entry: &Entry,
        sent: &mut u64,
    ) -> Ended {
        let cancelled = || Ended::cancelled(ActionName::SoqlQuery, Duration::ZERO);
        if line(lines, &Head { execution: id }).await.is_err() {
            return cancelled();
        }
        loop {
            let setting = setting(tenant, &request, connector);
            let call = self.connections.call(&request.connection, &request.action, &setting);
            let called = tokio::select! {
                biased;
                () = entry.cancelled.cancelled() => return cancelled(),
                called = call => called,
            };
            let page = match called {
                Ok(Answer::Page(page)) => page,
                other => return Ended::new(other, ActionName::SoqlQuery, Duration::ZERO),
            };
            *sent += u64::from(page.count);
            let told = tokio::select! {
                biased;
                () = entry.cancelled.cancelled() => return cancelled(),
                told = records(lines, &page, *sent) => told,
            };
            if told.is_err() {
                return cancelled();
            }
            let Some(next) = page.next else {
                return Ended { usage: page.usage, ..Ended::bare(ExecutionState::Succeeded, Duration::ZERO) };
            };
            request.action = Action::NextPage(next);
        }
    }
}

/// The reader has left, or is too slow.
struct Gone;

async fn records(lines: &mut Sender<Bytes>, page: &Page, sent: u64) -> Result<(), Gone> {
    // A page that is not JSON, which only a tenant's component gives, ends the stream without its last line.
    let view = PageView::new(page).map_err(|_| Gone)?;
    line(lines, &Records { page: view, progress: Progress { records: sent, total: page.total_size } }).await
}

async fn line(lines: &mut Sender<Bytes>, line: &impl Serialize) -> Result<(), Gone> {
    let mut text = serde_json::to_vec(line).map_err(|_| Gone)?;
    text.push(b'\n');
    let sending = lines.send_data(text.into());
    match tokio::time::timeout(READER_PATIENCE, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Gone),
    }
}
