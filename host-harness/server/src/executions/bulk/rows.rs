//! The rows of a bulk execution as CSV, a page at a time from Salesforce to whoever asks.
//!
//! The next page is fetched once the reader has taken the one before, so memory stays that of two pages. What breaks on the way
//! breaks the body off: a download that ends as it should is whole.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use salesforce_actions::bulk::{Expected, IngestResult, JobState, PageSize, Request, loaded};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::super::{ExecutionState, Executions, Refused};
use super::Bulk;
use super::job::BulkKind;
use super::step::{Steps, Stopped, contradiction};
use crate::ids;
use crate::tenants::Tenant;

/// Pages that wait for the reader.
const PAGES_AHEAD: usize = 1;
/// How long a reader may take for a page before the download is broken off.
const READER_PATIENCE: Duration = Duration::from_secs(60);

/// Which rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rows {
    /// Those that a query found.
    Found,
    /// Those of a load that were saved, with `sf__Id` and `sf__Created`.
    Successful,
    /// Those of a load that were not, with `sf__Id` and `sf__Error`.
    Failed,
    /// Those of a load that were not tried.
    Unprocessed,
}

impl Rows {
    /// The name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Rows::Found => "found",
            Rows::Successful => "successful",
            Rows::Failed => "failed",
            Rows::Unprocessed => "unprocessed",
        }
    }

    fn of(which: IngestResult) -> Rows {
        match which {
            IngestResult::Successful => Rows::Successful,
            IngestResult::Failed => Rows::Failed,
            IngestResult::Unprocessed => Rows::Unprocessed,
        }
    }

    /// Of a load's rows.
    fn of_load(self) -> Option<IngestResult> {
        match self {
            Rows::Found => None,
            Rows::Successful => Some(IngestResult::Successful),
            Rows::Failed => Some(IngestResult::Failed),
            Rows::Unprocessed => Some(IngestResult::Unprocessed),
        }
    }
}

/// A download that has begun.
pub(crate) struct RowStream {
    pub(crate) body: Channel<Bytes, io::Error>,
}

/// Where a download is.
enum Place {
    /// A page of a query, and what its job has.
    Cursor(String, Expected),
    /// A job of a load, by its place, and which of its rows.
    Job(usize, IngestResult),
}

/// A download on its way.
struct Download<'a> {
    steps: Steps<'a>,
    bulk: Bulk,
    size: PageSize,
}

impl Executions {
    /// Begins a download. Its first page is there when this answers, so what is wrong is told before the body begins.
    pub(crate) async fn bulk_rows(&self, tenant: &Tenant, id: &str, rows: Rows) -> Result<Option<RowStream>, Refused> {
        let Some(found) = self.find(&tenant.id, id).await? else { return Ok(None) };
        let Some(bulk) = self.bulk(id).await? else { return Err(Refused::NoRows("it is no bulk execution")) };
        let which = match (bulk.kind, rows.of_load()) {
            (BulkKind::Query, None) => None,
            (BulkKind::Load, Some(which)) => Some(which),
            (BulkKind::Query, _) => return Err(Refused::NoRows("a query has found rows alone")),
            (BulkKind::Load, _) => return Err(Refused::NoRows("a load has successful, failed and unprocessed rows")),
        };
        if found.record.state == ExecutionState::Running {
            return Err(Refused::StillRunning { id: id.to_owned() });
        }
        let at_once = tenant.limits.executions_at_once;
        let open = self.streams.one_more(&tenant.id, at_once).ok_or(Refused::TooManyStreams { at_once })?;
        let entry = self.running.enter(&tenant.id, &ids::new(), &CancellationToken::new());
        let (this, tenant) = (self.clone(), tenant.clone());
        let connection = found.record.connection;
        let (pages, body) = Channel::new(PAGES_AHEAD);
        let (begun, first) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let _kept = (entry, open);
            let cancelled = CancellationToken::new();
            let steps = Steps { executions: &this, tenant: &tenant, connection: &connection, cancelled };
            // As JSON a page is longer, by its quotes.
            let size = PageSize::new(tenant.limits.result_bytes() / 2, None);
            Download { steps, bulk, size }.run(which, begun, pages).await;
        });
        first.await.map_err(|_| Refused::ShuttingDown)??;
        Ok(Some(RowStream { body }))
    }
}

impl Download<'_> {
    async fn run(
        mut self,
        which: Option<IngestResult>,
        begun: tokio::sync::oneshot::Sender<Result<(), Refused>>,
        mut pages: Sender<Bytes, io::Error>,
    ) {
        let first = match self.first(which).await {
            Ok(place) => self.page(place).await.map_err(Refused::from),
            Err(refused) => Err(refused),
        };
        let mut next = match first {
            Ok(page) => {
                // Whoever asked may have left.
                let _ = begun.send(Ok(()));
                Some(page)
            }
            Err(refused) => {
                let _ = begun.send(Err(refused));
                return;
            }
        };
        while let Some((csv, place)) = next {
            let sending = pages.send_data(csv.into());
            if !matches!(tokio::time::timeout(READER_PATIENCE, sending).await, Ok(Ok(()))) {
                pages.abort(io::ErrorKind::BrokenPipe.into());
                return;
            }
            next = match place {
                None => None,
                Some(place) => match self.page(place).await {
                    Ok(page) => Some(page),
                    Err(_) => {
                        pages.abort(io::Error::other("a page could not be fetched"));
                        return;
                    }
                },
            };
        }
    }

    /// Where the rows begin: those that a query found, or of a load these.
    async fn first(&self, which: Option<IngestResult>) -> Result<Place, Refused> {
        let place = match (which, self.bulk.jobs.first()) {
            (Some(which), _) => self.job_from(0, which),
            (None, None) => None,
            (None, Some(job)) => {
                let told = self.steps.call(&Request::look(BulkKind::Query.of_job(), &job.id)).await?;
                let expected = Expected::of(&told, 0).map_err(|mismatch| contradiction(&job.id, mismatch))?;
                told.results.map(|cursor| Place::Cursor(cursor, expected))
            }
        };
        place.ok_or(Refused::NoRows("no job of it came so far"))
    }

    fn job_from(&self, index: usize, which: IngestResult) -> Option<Place> {
        (index < self.bulk.jobs.len()).then_some(Place::Job(index, which))
    }

    /// A page, and where the next one is.
    async fn page(&mut self, place: Place) -> Result<(String, Option<Place>), Stopped> {
        match place {
            Place::Cursor(cursor, mut expected) => loop {
                match self.steps.call(&Request::found(&cursor, self.size.rows())).await {
                    Ok(page) => {
                        let job = self.bulk.jobs.first().map_or("", |job| &job.id);
                        expected.take(&page).map_err(|mismatch| contradiction(job, mismatch))?;
                        self.size.learn(&page);
                        return Ok((page.csv, page.next.map(|next| Place::Cursor(next, expected))));
                    }
                    Err(stopped) if stopped.is_too_large() && self.size.halve() => {}
                    Err(stopped) => return Err(stopped),
                }
            },
            Place::Job(index, which) => {
                let Some(job) = self.bulk.jobs.get(index) else { return Ok((String::new(), None)) };
                let mut page = self.steps.call(&Request::loaded(&job.id, which)).await?;
                let rows = loaded(which, job.sent, job.processed, job.failed);
                // What one that was given up tells of its rows may not be the last word.
                if page.count != rows && (job.state == JobState::JobComplete || page.count > job.sent) {
                    let words = format!("{rows} of its rows are {}, and {} came", Rows::of(which).as_str(), page.count);
                    return Err(contradiction(&job.id, words));
                }
                if index > 0 {
                    page.csv.drain(..header_bytes(&page.csv));
                }
                Ok((page.csv, self.job_from(index + 1, which)))
            }
        }
    }
}

/// How long the header row is: a name in it may be quoted.
fn header_bytes(csv: &str) -> usize {
    let mut reader = csv::ReaderBuilder::new().from_reader(csv.as_bytes());
    let _ = reader.byte_headers();
    usize::try_from(reader.position().byte()).map_or(0, |bytes| bytes.min(csv.len()))
}
