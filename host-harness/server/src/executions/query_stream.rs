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
//!
//! Each page is an execution for the tenant's rate and for its places: the stream waits for both, and holds no place while
//! its reader is slow. A tenant has as many streams open as executions at once.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use super::cancel::Entry;
use super::ended::Completion;
use super::run::setting;
use super::store::Recorded;
use super::unrecorded::End;
use super::{Admitted, ExecutionRecord, ExecutionResult, ExecutionState, Executions, Refused, Request};
use crate::database::StoreError;
use crate::ids;
use crate::tenants::Tenant;
use salesforce_actions::json::{NotGiven, PageView, bounded};
use salesforce_actions::{Call, Effect, Walk, within};
use salesforce_runtime::bindings::soql::Page;
use salesforce_runtime::{Connector, ExecutionError, HostFailure};

/// What streams.
const SOQL_QUERY: &str = "soql-query";
const NEXT_PAGE: &str = "next-page";
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
    total: Option<u64>,
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
        if request.call.action().name != SOQL_QUERY {
            return Err(Refused::NotAQuery);
        }
        if request.idempotency_key.is_some() {
            return Err(Refused::StreamWithKey);
        }
        self.admission.count(tenant)?;
        self.may_begin()?;
        let connector = self.prepare(tenant, &request).await?;
        let at_once = tenant.limits.executions_at_once;
        let open = self.streams.one_more(&tenant.id, at_once).ok_or(Refused::TooManyStreams { at_once })?;
        let place = self.place_for(tenant).await?;
        self.may_begin()?;
        let (lines, body) = Channel::new(LINES_AHEAD);
        let (this, tenant) = (self.clone(), tenant.clone());
        let begun = tokio::spawn(async move {
            let id = ids::new();
            let entry = this.running.enter(&tenant.id, &id, &CancellationToken::new());
            let begun = match this.record_begin(&id, &tenant.id, &request).await? {
                Recorded::New(begun) => *begun,
                Recorded::Before(..) => return Err(Refused::KeyReused),
            };
            tokio::spawn(async move {
                let pump = Pump { executions: &this, tenant: &tenant, connector: &connector, entry, lines, sent: 0 };
                pump.run(begun, request, place).await;
                drop(open);
            });
            Ok(id)
        });
        let id = begun.await.map_err(|_| StoreError::Closed)??;
        Ok(QueryStream { id, body })
    }
}

/// A stream on its way to its reader.
struct Pump<'a> {
    executions: &'a Executions,
    tenant: &'a Tenant,
    connector: &'a Connector,
    entry: Entry,
    lines: Sender<Bytes>,
    /// Records so far.
    sent: u64,
}

impl Pump<'_> {
    async fn run(mut self, begun: ExecutionRecord, request: Request, place: Admitted) {
        let started = Instant::now();
        let (id, input) = (begun.id.clone(), request.call.input().clone());
        let mut ended = match self.line(&Head { execution: &id }).await {
            Ok(()) => self.pages(request, place).await,
            Err(Gone) => cancelled(),
        };
        ended.duration = started.elapsed();
        ended.records = self.sent;
        let error = match ended.given.take() {
            Some(ExecutionResult::Error(error)) => Some(error),
            Some(ExecutionResult::Value(_)) | None => None,
        };
        let tail = TailView { state: ended.state.as_str(), records: self.sent, error: error.as_deref() };
        // A reader that has left is not told.
        let _ = self.line(&Tail { ended: tail }).await;
        ended.given = error.map(ExecutionResult::Error);
        let Pump { executions, tenant, sent, .. } = &self;
        executions.metrics.executed(SOQL_QUERY, ended.state, ended.duration);
        tracing::info!(execution = id, tenant = tenant.id, state = %ended.state, records = sent, "streamed");
        executions.settle(End { tenant: tenant.id.clone(), begun, input, ended }).await;
    }

    async fn pages(&mut self, mut request: Request, place: Admitted) -> Completion {
        let (mut place, mut walk) = (Some(place), Walk::new("the result"));
        loop {
            let setting = setting(self.tenant, &request, self.connector);
            let call = self.executions.connections.call(&request.connection, &request.call, &setting);
            let called = tokio::select! {
                biased;
                () = self.entry.cancelled.cancelled() => return cancelled(),
                called = call => called,
            };
            drop(place);
            let answer = match called {
                Ok(answer) => answer,
                Err(error) => return Completion::of_call(error, Effect::Reads, self.tenant.limits, Duration::ZERO),
            };
            let may_have_left = answer.may_have_left();
            let page = match answer.into_page() {
                Ok(page) => page,
                Err(failure) => return self.failed(&ExecutionError::Host(failure)),
            };
            let (next, usage) = (page.next.clone(), page.usage);
            if let Err(astray) = walk.step(&page) {
                return self.failed(&astray);
            }
            match self.page(page).await {
                Ok(()) => {}
                Err(NotSent::Gone) => return cancelled(),
                Err(NotSent::NotGiven(error)) => {
                    let (failure, limits) = (error.failure(may_have_left), self.tenant.limits);
                    return Completion::not_given(failure, Effect::Reads, limits, Duration::ZERO);
                }
            }
            let Some(next) = next else {
                if let Err(short) = walk.end() {
                    return self.failed(&short);
                }
                return Completion { usage, ..Completion::bare(ExecutionState::Succeeded, Duration::ZERO) };
            };
            let input = serde_json::json!({ "cursor": next }).to_string();
            match Call::parse(request.call.actions(), NEXT_PAGE, &input) {
                Ok(call) => request.call = call,
                Err(_) => {
                    let failure = HostFailure::breach("a cursor that leads nowhere", may_have_left);
                    return self.failed(&ExecutionError::Host(failure));
                }
            }
            place = tokio::select! {
                biased;
                () = self.entry.cancelled.cancelled() => return cancelled(),
                place = self.executions.admission.admit_next(self.tenant) => place,
            };
        }
    }

    fn failed(&self, error: &ExecutionError) -> Completion {
        Completion::failed(error, Effect::Reads, self.tenant.limits, Duration::ZERO)
    }

    /// Hands a page to the reader.
    async fn page(&mut self, page: Page) -> Result<(), NotSent> {
        let (most, bytes) = (self.tenant.limits.result_bytes(), page.records.len());
        let records = self.sent + u64::from(page.count);
        let progress = Progress { records, total: page.total_size };
        let writing = self.executions.compute(&self.tenant.id, bytes, move || line(page, progress, most));
        let line = writing.await.map_err(|_| NotSent::Gone)?.map_err(NotSent::NotGiven)?;
        self.sent = records;
        let cancelled = self.entry.cancelled.clone();
        tokio::select! {
            biased;
            () = cancelled.cancelled() => Err(NotSent::Gone),
            told = self.text(Box::<str>::from(line).into()) => told.map_err(|Gone| NotSent::Gone),
        }
    }

    async fn line(&mut self, line: &impl Serialize) -> Result<(), Gone> {
        self.text(serde_json::to_string(line).map_err(|_| Gone)?).await
    }

    async fn text(&mut self, mut text: String) -> Result<(), Gone> {
        text.push('\n');
        let sending = self.lines.send_data(text.into());
        match tokio::time::timeout(READER_PATIENCE, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}

/// A page as a line of at most so many bytes.
fn line(mut page: Page, progress: Progress, most: usize) -> Result<Box<RawValue>, NotGiven> {
    let records = within(std::mem::take(&mut page.records), most)?;
    bounded(&Records { page: PageView::with_records(&page, records), progress }, most)
}

/// The reader has left, or is too slow.
struct Gone;

/// A page did not become a line.
enum NotSent {
    Gone,
    NotGiven(NotGiven),
}

fn cancelled() -> Completion {
    Completion::cancelled(Effect::Reads, Duration::ZERO)
}
