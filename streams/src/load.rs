//! `bulk-load`: data as they come, as job after job.

use salesforce_connector::core::bulk::{Between, Closing, Inside, Job, LoadSummary, Loading, Split, data_not_whole};
use salesforce_connector::core::call_options::CallOptions;
use salesforce_connector::core::error::Result;
use salesforce_connector::core::http::Request;
use wit_bindgen::{FutureReader, StreamReader, StreamResult, StreamWriter};

use crate::call;
use crate::deadline::Deadline;
use crate::export::write;
use crate::mapping::new_ingest_job;
use crate::paged::parse;
use crate::transport::Outgoing;
use crate::world::exports::workflow::salesforce_streams::bulk as wit;

/// The caller's data.
struct Source {
    data: StreamReader<u8>,
    /// Says whether the data that have ended are whole.
    whole: Option<FutureReader<std::result::Result<(), ()>>>,
}

/// Loads all data, and ends the stream.
pub(crate) async fn load(
    on: &wit::Connection,
    job: wit::NewIngestJob,
    (data, whole): (StreamReader<u8>, FutureReader<std::result::Result<(), ()>>),
    job_bytes: Option<u32>,
    options: wit::CallOptions,
    mut jobs: StreamWriter<wit::LoadedJob>,
) -> Result<LoadSummary> {
    let (connection, options) = parse(on, options)?;
    let mut split = Split::parse(job_bytes)?;
    let mut loading = Loading::new(&connection, new_ingest_job(job)?);
    let mut source = Source { data, whole: Some(whole) };
    match run(&mut loading, &mut split, &mut source, &options, &mut jobs).await {
        Ok(()) => Ok(loading.summary()),
        Err(error) => {
            let aborted = match loading.abort() {
                Some(request) => ask(&mut loading, &request, &options).await.is_ok(),
                None => false,
            };
            Err(loading.failed(error, aborted))
        }
    }
}

async fn run(
    loading: &mut Loading<'_>,
    split: &mut Split,
    source: &mut Source,
    options: &CallOptions,
    jobs: &mut StreamWriter<wit::LoadedJob>,
) -> Result<()> {
    loop {
        match split.between()? {
            Between::Data => source.read(split, options).await?,
            Between::Open => {
                let job = fill(loading, split, source, options).await?;
                write(jobs, vec![job]).await?;
            }
            Between::Done => return Ok(()),
        }
    }
}

/// Makes a job, sends its data and closes it.
async fn fill(
    loading: &mut Loading<'_>,
    split: &mut Split,
    source: &mut Source,
    options: &CallOptions,
) -> Result<wit::LoadedJob> {
    let job_id = loading.created(&call::write(&loading.create(), options).await?)?;
    let mut job = wit::LoadedJob { job_id, rows: 0, bytes: 0 };
    if let Some(request) = loading.data() {
        let feed = async |body: &mut Outgoing| feed(split, source, options, body).await;
        let (response, sent) = call::put(&request, options, feed).await?;
        loading.data_taken(&response)?;
        (job.rows, job.bytes) = sent;
    }
    close(loading, options).await?;
    loading.closed(job.rows);
    Ok(job)
}

/// Hands over the data of a job: its rows and bytes.
async fn feed(
    split: &mut Split,
    source: &mut Source,
    options: &CallOptions,
    body: &mut Outgoing,
) -> Result<(u64, u64)> {
    loop {
        match split.inside()? {
            Inside::Data => source.read(split, options).await?,
            Inside::Send(piece) => drop(body.write_within(piece, Deadline::start(options)).await?),
            Inside::Close { rows, bytes } => return Ok((rows, bytes)),
        }
    }
}

/// Says that the open job has its data.
async fn close(loading: &mut Loading<'_>, options: &CallOptions) -> Result<()> {
    let (Some(request), Some(question)) = (loading.close(), loading.ask()) else { return Ok(()) };
    let answer = ask(loading, &request, options).await;
    let closing = match loading.answered(answer) {
        Closing::Ask(error) => {
            let job = call::read(&question, options, Vec::new()).await.and_then(|response| loading.read(&response));
            Loading::asked(error, job)
        }
        closing => closing,
    };
    match closing {
        Closing::Closed => Ok(()),
        Closing::Ask(error) | Closing::Refused(error) => Err(error),
    }
}

/// Asks for another state of the job.
async fn ask(loading: &mut Loading<'_>, request: &Request<'_>, options: &CallOptions) -> Result<Job> {
    call::write(request, options).await.and_then(|response| loading.read(&response))
}

impl Source {
    /// Reads on. At the end of the data they must be whole.
    async fn read(&mut self, split: &mut Split, options: &CallOptions) -> Result<()> {
        let (result, buffer) = self.data.read(split.buffer()).await;
        split.give(buffer);
        if result == StreamResult::Dropped
            && let Some(whole) = self.whole.take()
        {
            match Deadline::start(options).within(async { whole.await }).await {
                Some(Ok(())) => split.finish(),
                Some(Err(())) | None => return Err(data_not_whole()),
            }
        }
        Ok(())
    }
}

impl From<LoadSummary> for wit::LoadSummary {
    fn from(summary: LoadSummary) -> Self {
        Self { jobs: summary.jobs, rows: summary.rows, usage: summary.usage.map(Into::into) }
    }
}
