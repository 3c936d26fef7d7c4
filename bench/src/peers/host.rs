//! A component and what runs it, as a contestant: asked on standard input, see [`super::protocol`].

use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use salesforce_runtime::bindings::records::{FieldValues, RecordKey, SaveOptions, Saved, Target};
use salesforce_runtime::bindings::soql::{Cursor, Page, Query};
use salesforce_runtime::bindings::types::{CallOptions, Connection};

use super::protocol::{Answer, Request, Work};
use crate::org::{FIELDS, PAGE, PAGES};
use crate::process;

/// What all contestants write.
pub(crate) const RECORD: &str = r#"{"Name":"Acme Industries","Industry":"Manufacturing","Phone":"+49 30 1234567"}"#;
/// What all contestants read of one record.
pub(crate) const RECORD_FIELDS: [&str; 5] = ["Id", "Name", "Industry", "Phone", "AnnualRevenue"];
/// The record that all contestants read.
pub(crate) const RECORD_ID: &str = "001Kp00000AbCdEIAV";

/// One call's result, and the linear memory that it took if the host counts it.
pub(crate) struct Ran<T> {
    pub(crate) result: T,
    pub(crate) guest_memory: Option<usize>,
}

/// Runs one component, each call in a fresh instance.
pub(crate) trait Host {
    /// What it is, with versions.
    fn version(&self) -> String;
    /// Compiles the component, and tells its size.
    fn compile(&self, threads: Option<usize>) -> Result<u64>;
    /// Loads compiled code.
    fn load(&self) -> Result<()>;
    /// Bytes of the file that [`Host::load`] reads.
    fn code_size(&self) -> Result<u64>;
    async fn instantiate(&self) -> Result<()>;
    async fn create(&self) -> Result<Ran<Saved>>;
    async fn fields(&self) -> Result<Ran<FieldValues>>;
    /// Reads all records of a query, and drops them as they come.
    async fn read(&self, query: &Query) -> Result<Read>;
}

/// Reads a page with each execution.
pub(crate) trait Paged {
    async fn query(&self, query: &Query) -> Result<Ran<Page>>;
    async fn next_page(&self, cursor: &Cursor) -> Result<Ran<Page>>;
}

/// What came of [`Host::read`].
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) records: usize,
    /// Of each execution, if the host counts it.
    pub(crate) guest_memory: Vec<usize>,
}

/// Answers requests until standard input ends.
pub(crate) async fn serve(host: impl Host) -> Result<()> {
    for line in std::io::stdin().lock().lines() {
        let answer = async { answer(&host, &serde_json::from_str(&line?)?).await }.await;
        let answer = answer.unwrap_or_else(|error| Answer { error: Some(format!("{error:#}")), ..Answer::default() });
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", serde_json::to_string(&answer)?)?;
        out.flush()?;
    }
    Ok(())
}

async fn answer(host: &impl Host, request: &Request) -> Result<Answer> {
    let mut answer = Answer::default();
    if request.work == Work::Version {
        answer.version = Some(host.version());
        return Ok(answer);
    }
    if request.work == Work::Pages {
        // What it took to compile the component is not the pages'.
        process::forget_peak()?;
    }
    for _ in 0..request.count {
        let begin = Instant::now();
        let guest_memory = match request.work {
            Work::Version => Vec::new(),
            Work::Compile => {
                answer.size = Some(host.compile(request.threads)?);
                Vec::new()
            }
            Work::Load => host.load().map(|()| Vec::new())?,
            Work::Instantiate => host.instantiate().await.map(|()| Vec::new())?,
            Work::Create => {
                let Ran { result, guest_memory } = host.create().await?;
                ensure!(result.created && result.id.len() == 18, "no record was created: {result:?}");
                guest_memory.into_iter().collect()
            }
            Work::GetFields => {
                let Ran { result, guest_memory } = host.fields().await?;
                ensure!(result.values.starts_with('{'), "no fields: {}", result.values);
                guest_memory.into_iter().collect()
            }
            Work::Page => {
                let records = request.records.unwrap_or(PAGE);
                read(host, &query(Some(records)), records).await?
            }
            Work::Pages => read(host, &query(None), PAGES * PAGE).await?,
        };
        answer.nanoseconds.push(nanoseconds(begin.elapsed()));
        answer.guest_memory.extend(guest_memory.into_iter().map(|bytes| bytes as u64));
    }
    if request.work == Work::Load {
        answer.size = Some(host.code_size()?);
    }
    answer.peak_rss = Some(process::peak_rss()?);
    Ok(answer)
}

/// The memory that it took to read so many records.
async fn read(host: &impl Host, query: &Query, expected: usize) -> Result<Vec<usize>> {
    let Read { records, guest_memory } = host.read(query).await?;
    ensure!(records == expected, "expected {expected} records, got {records}");
    Ok(guest_memory)
}

/// [`Host::read`], page by page: each in an execution of its own, and dropped when it has come.
pub(crate) async fn page_by_page(host: &impl Paged, query: &Query) -> Result<Read> {
    let mut read = Read::default();
    let mut page = host.query(query).await?;
    loop {
        read.records += page.result.count as usize;
        read.guest_memory.extend(page.guest_memory);
        let Some(cursor) = page.result.next.take() else { return Ok(read) };
        drop(page);
        page = host.next_page(&cursor).await?;
    }
}

/// The query of all contestants.
fn query(limit: Option<usize>) -> Query {
    let limit = limit.map_or(String::new(), |limit| format!(" LIMIT {limit}"));
    Query {
        soql: format!("SELECT {FIELDS} FROM Account{limit}"),
        parameters: Vec::new(),
        include_deleted: false,
        batch_size: None,
        max_records: None,
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The arguments of all calls.
pub(crate) struct Arguments {
    pub(crate) connection: Connection,
    pub(crate) options: CallOptions,
    pub(crate) key: RecordKey,
    pub(crate) fields: Vec<String>,
    pub(crate) target: Target,
    pub(crate) record: String,
    pub(crate) save: SaveOptions,
}

impl Arguments {
    pub(crate) fn new(url: &str, token: &str) -> Self {
        Self {
            connection: Connection { instance_url: url.to_owned(), access_token: token.to_owned(), api_version: None },
            options: CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None },
            key: RecordKey::Id(RECORD_ID.to_owned()),
            fields: RECORD_FIELDS.map(str::to_owned).into(),
            target: Target::Create,
            record: RECORD.to_owned(),
            save: SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::{self, LIMITS};
    use crate::peers::default_host::DefaultHost;
    use crate::peers::harness::{self, Harness};
    use crate::peers::streams_host::StreamsHost;

    const TOKEN: &str = "00D!token-of-the-tests-of-the-benchmark";

    #[tokio::test]
    async fn our_component_does_all_work_and_accepts_all_answers() {
        let url = org::start_here().await.url;
        let name = format!("test-{}", std::process::id());
        let token = TOKEN.to_owned();
        let host =
            Harness::new(harness::Options { name, component: None, pooled: true, url, token, ca: None }).unwrap();
        for work in [Work::Compile, Work::Load, Work::Instantiate] {
            let answer = answer(&host, &Request::of(work, 2)).await.unwrap();
            assert_eq!((answer.nanoseconds.len(), answer.guest_memory.len()), (2, 0), "{work:?}");
            assert_eq!(answer.size.is_some(), work != Work::Instantiate, "{work:?}");
        }
        for (work, executions) in [(Work::Create, 2), (Work::GetFields, 2), (Work::Page, 2), (Work::Pages, 2 * PAGES)] {
            let answer = answer(&host, &Request::of(work, 2)).await.unwrap();
            assert_eq!((answer.nanoseconds.len(), answer.guest_memory.len()), (2, executions), "{work:?}");
            assert!(answer.guest_memory.iter().all(|bytes| *bytes > 0), "{work:?}");
        }
        for records in LIMITS {
            let request = Request { records: Some(records), ..Request::of(Work::Page, 1) };
            assert_eq!(answer(&host, &request).await.unwrap().nanoseconds.len(), 1);
        }
        std::fs::remove_dir_all(&host.code).unwrap();
    }

    #[tokio::test]
    async fn our_component_does_all_calls_in_the_default_host() {
        let host = DefaultHost::new(&org::start_here().await.url, TOKEN).unwrap();
        for work in [Work::Instantiate, Work::Create, Work::GetFields, Work::Page, Work::Pages] {
            assert_eq!(answer(&host, &Request::of(work, 1)).await.unwrap().nanoseconds.len(), 1, "{work:?}");
        }
    }

    #[tokio::test]
    async fn our_streams_read_all_pages() {
        let host = StreamsHost::new(&org::start_here().await.url, TOKEN).unwrap();
        for work in [Work::Page, Work::Pages] {
            let answer = answer(&host, &Request::of(work, 2)).await.unwrap();
            assert_eq!((answer.nanoseconds.len(), answer.guest_memory.len()), (2, 2), "{work:?}");
        }
    }

    #[tokio::test]
    async fn a_call_that_fails_is_no_time() {
        let host = DefaultHost::new("http://127.0.0.1:1", TOKEN).unwrap();
        assert!(answer(&host, &Request::of(Work::Create, 1)).await.is_err());
    }
}
