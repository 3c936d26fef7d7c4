//! Loads: data of any length as jobs, every row in one of them, and none of data that are not whole taken for all.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use jiff::SignedDuration;
use mock_salesforce::wire::{Step, Wire};
use mock_salesforce::{Fault, Matcher};
use salesforce_runtime::bindings::types::{CallOptions, Error, ErrorKind, Outcome};
use salesforce_runtime::{ExecutionError, HostFailureKind};
use salesforce_streams::bindings::{IngestOperation, LoadSummary, LoadedJob, NewIngestJob, Query};
use salesforce_streams::{Execution, Jobs};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::endless::Endless;
use crate::fixture::{DEFAULTS, Fixture, ONCE, SHORT, failed, refused};

const JOBS: &str = "/services/data/v67.0/jobs/ingest";
const BELOW: &str = "/services/data/v67.0/jobs/ingest/";
const TWICE: CallOptions = CallOptions { attempts: Some(2), ..DEFAULTS };
const HEADER: &str = "Name,Description\n";

/// Rows with what has to stand in quotes.
fn rows(count: usize) -> String {
    (0..count).map(|row| format!("Load {row},\"a, \"\"b\"\"\nc {row}\"\n")).collect()
}

fn data(rows: &str) -> io::Cursor<Vec<u8>> {
    io::Cursor::new([HEADER, rows].concat().into_bytes())
}

/// What cannot be read.
struct Broken;

impl AsyncRead for Broken {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }
}

impl Fixture {
    /// With jobs that are over as soon as they are closed.
    async fn loading() -> Self {
        let fixture = Self::start().await;
        fixture.mock.bulk_jobs_take(SignedDuration::ZERO);
        fixture
    }

    /// With a fault that the first such request meets.
    async fn load_meeting(method: &str, path: &str, fault: Fault) -> Self {
        let fixture = Self::loading().await;
        fixture.mock.push_fault(Matcher::under(path).method(method), fault);
        fixture
    }

    fn load_in(
        &self,
        execution: Execution,
        data: impl AsyncRead + Send + 'static,
        job_bytes: Option<u32>,
        options: CallOptions,
    ) -> Jobs {
        let job = NewIngestJob::new("Account", IngestOperation::Insert);
        execution.start().bulk_load(self.connection.clone(), job, data, job_bytes, options)
    }

    async fn load(
        &self,
        data: impl AsyncRead + Send + 'static,
        job_bytes: Option<u32>,
        options: CallOptions,
    ) -> (Vec<LoadedJob>, Loaded) {
        all(self.load_in(self.execution(), data, job_bytes, options)).await
    }

    /// Names of what was loaded, in the order of the rows.
    async fn loaded(&self) -> Vec<String> {
        let query = Query::from("SELECT Name, Description FROM Account WHERE Name LIKE 'Load %' ORDER BY Id");
        let (records, ended) = self.read(query, DEFAULTS).await;
        ended.unwrap();
        let name = |record: &String| serde_json::from_str::<serde_json::Value>(record).unwrap()["Name"].clone();
        records.iter().map(|record| name(record).as_str().unwrap().to_owned()).collect()
    }

    /// Method and status of each request for jobs, in the order in which they came.
    fn asked(&self) -> Vec<(String, Option<u16>)> {
        let ledger = self.mock.ledger();
        let of_jobs = ledger.entries().filter(|entry| entry.path.starts_with(JOBS));
        of_jobs.map(|entry| (entry.method.clone(), entry.status)).collect()
    }
}

type Loaded = Result<LoadSummary, ExecutionError>;

async fn all(mut jobs: Jobs) -> (Vec<LoadedJob>, Loaded) {
    let mut all = Vec::new();
    while let Some(job) = jobs.next().await {
        all.push(job);
    }
    (all, jobs.finish().await)
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|row| format!("Load {row}")).collect()
}

/// An answer with JSON, and that with a job.
fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}

fn job(state: &str) -> String {
    answer("200 OK", &format!(r#"{{"id":"7505e00000HJX0bAAH","state":"{state}"}}"#))
}

fn was_aborted(error: &Error) {
    assert!(error.message.contains("was aborted, and nothing of it was processed"), "{}", error.message);
}

#[tokio::test]
async fn data_of_any_length_are_cut_into_jobs_and_every_row_is_loaded_once() {
    const ROWS: usize = 1_000;
    let fixture = Fixture::loading().await;
    let (jobs, ended) = fixture.load(data(&rows(ROWS)), Some(6_000), DEFAULTS).await;
    let summary = ended.unwrap();
    assert_eq!((summary.jobs, summary.rows), (jobs.len() as u64, ROWS as u64));
    assert!(jobs.len() > 4 && summary.usage.is_some(), "{jobs:?}");
    let mut ids: Vec<_> = jobs.iter().map(|job| &job.job_id).collect();
    ids.dedup();
    assert!(ids.len() == jobs.len() && ids.iter().all(|id| id.starts_with("750") && id.len() == 18), "{jobs:?}");
    assert_eq!(fixture.loaded().await, names(ROWS));

    let ledger = fixture.mock.ledger();
    let uploads: Vec<_> = ledger.entries().filter(|entry| entry.method == "PUT").collect();
    assert_eq!(uploads.len(), jobs.len());
    for (upload, job) in uploads.iter().zip(&jobs) {
        assert!(upload.path.contains(&job.job_id[..15]) && job.bytes <= 6_000, "{job:?}");
        assert_eq!(upload.body_length as u64, job.bytes);
        let headers = format!("{:?}", upload.headers).to_ascii_lowercase();
        assert!(headers.contains("chunked") && !headers.contains("content-length"), "{headers}");
    }
}

#[tokio::test]
async fn one_job_is_enough_for_what_fits_and_none_is_made_for_nothing() {
    let fixture = Fixture::loading().await;
    let (jobs, ended) = fixture.load(data(&rows(3)), None, DEFAULTS).await;
    assert_eq!((jobs.len(), jobs[0].rows, ended.unwrap().rows), (1, 3, 3));
    assert_eq!(fixture.asked().iter().map(|(method, _)| method.as_str()).collect::<Vec<_>>(), ["POST", "PUT", "PATCH"]);
    let (jobs, ended) = fixture.load(data("\n"), None, DEFAULTS).await;
    assert_eq!((jobs.len(), ended.unwrap().jobs), (0, 0));
    assert_eq!(fixture.asked().len(), 3);
}

#[tokio::test]
async fn what_is_no_csv_or_no_argument_is_told_and_nothing_is_sent() {
    let fixture = Fixture::loading().await;
    let long = CallOptions { deadline_ms: Some(600_001), ..DEFAULTS };
    for (text, job_bytes, options, argument) in [
        ("", None, DEFAULTS, "data"),
        ("A\n\"1\n2\n", None, DEFAULTS, "data"),
        ("A\n1\n", Some(0), DEFAULTS, "job-bytes"),
        ("A\n1\n", Some(3), DEFAULTS, "job-bytes"),
        ("A\n1\n", None, long, "deadline-ms"),
    ] {
        let (jobs, ended) = fixture.load(text.as_bytes(), job_bytes, options).await;
        let error = refused(ended);
        assert_eq!(
            (error.kind, error.outcome, jobs.len()),
            (ErrorKind::InvalidArgument, Outcome::NotSent, 0),
            "{text}"
        );
        assert!(error.message.starts_with(argument), "{}", error.message);
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn data_that_are_not_whole_are_not_loaded_as_if_they_were() {
    let fixture = Fixture::loading().await;
    let (jobs, ended) = fixture.load(data(&rows(3)).chain(Broken), None, DEFAULTS).await;
    let error = refused(ended);
    assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::Interrupted, Outcome::Unknown, false));
    assert_eq!((jobs.len(), fixture.loaded().await), (0, names(0)));
    // What the org did not get whole does not stand in its ledger.
    assert_eq!(fixture.asked(), [("POST".to_owned(), Some(200)), ("PATCH".to_owned(), Some(200))]);
    was_aborted(&error);

    // In the middle of a record, inside of quotes, with jobs before it.
    let (jobs, ended) = fixture.load(data(&format!("{}Load x,\"y", rows(40))).chain(Broken), Some(300), DEFAULTS).await;
    let error = refused(ended);
    let loaded = jobs.iter().map(|job| job.rows).sum::<u64>();
    assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::Interrupted, Outcome::Unknown, false));
    assert!(jobs.len() > 1 && error.message.contains(&format!("{} jobs with {loaded} rows", jobs.len())));
    assert_eq!(fixture.loaded().await.len() as u64, loaded);
    was_aborted(&error);
}

#[tokio::test]
async fn a_quote_that_is_never_closed_aborts_the_job() {
    let fixture = Fixture::loading().await;
    let (jobs, ended) = fixture.load(data(&format!("{}Load x,\"y", rows(3))), None, DEFAULTS).await;
    let error = refused(ended);
    assert_eq!((error.kind, error.outcome, jobs.len()), (ErrorKind::InvalidArgument, Outcome::Unknown, 0));
    assert_eq!(fixture.loaded().await, names(0));
    was_aborted(&error);
}

#[tokio::test]
async fn f08_f09_f10_data_without_an_answer_are_sent_once_and_their_job_is_aborted() {
    for (fault, options, kind) in [
        (Fault::Reset, TWICE, ErrorKind::Interrupted),
        (Fault::Close, TWICE, ErrorKind::Interrupted),
        (Fault::CloseAfterWork, TWICE, ErrorKind::Interrupted),
        (Fault::Hang, SHORT, ErrorKind::Timeout),
    ] {
        let fixture = Fixture::load_meeting("PUT", BELOW, fault.clone()).await;
        let (jobs, ended) = fixture.load(data(&rows(3)), None, options).await;
        let error = refused(ended);
        assert_eq!((error.kind, error.outcome, jobs.len()), (kind, Outcome::Unknown, 0), "{fault:?}");
        let methods: Vec<_> = fixture.asked().into_iter().map(|(method, _)| method).collect();
        assert_eq!(methods, ["POST", "PUT", "PATCH"], "{fault:?}");
        assert_eq!(fixture.loaded().await, names(0), "{fault:?}");
        was_aborted(&error);
    }
}

#[tokio::test]
async fn data_that_salesforce_refuses_have_its_words_and_their_job_is_aborted() {
    let words = json!([{"errorCode": "INVALIDJOBSTATE", "message": "Found multiple contents for job"}]);
    let fixture = Fixture::load_meeting("PUT", BELOW, Fault::json(400, &words)).await;
    let error = refused(fixture.load(data(&rows(3)), None, DEFAULTS).await.1);
    assert_eq!((error.status, error.problems[0].code.as_str()), (Some(400), "INVALIDJOBSTATE"));
    was_aborted(&error);
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_data_is_the_one_that_counts() {
    let refusal = answer("400 Bad Request", r#"[{"errorCode":"EXCEEDED","message":"too much"}]"#);
    let taken = "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n".to_owned();
    for (answer, kind, status) in [(refusal, ErrorKind::Rejected, 400), (taken, ErrorKind::InvalidResponse, 201)] {
        // Of data without end it reads the beginning, answers and closes.
        let wire = Wire::start([
            vec![Step::Read, Step::write(job("Open")), Step::Read, Step::write(answer)],
            vec![Step::Read, Step::write(job("Aborted"))],
        ]);
        let wire = wire.await.unwrap();
        let fixture = Fixture::at(&wire).await;
        let (jobs, ended) = fixture.load(data("").chain(Endless), None, DEFAULTS).await;
        let error = refused(ended);
        assert_eq!((error.kind, error.status, jobs.len()), (kind, Some(status), 0), "{}", error.message);
        was_aborted(&error);
        assert_eq!(wire.requests().len(), 3);
    }
}

#[tokio::test]
async fn a_close_whose_answer_is_lost_is_asked_about() {
    let fixture = Fixture::load_meeting("PATCH", BELOW, Fault::CloseAfterWork).await;
    let (jobs, ended) = fixture.load(data(&rows(3)), None, ONCE).await;
    assert_eq!((jobs.len(), ended.unwrap().rows), (1, 3));
    let methods: Vec<_> = fixture.asked().into_iter().map(|(method, _)| method).collect();
    assert_eq!(methods, ["POST", "PUT", "PATCH", "GET"]);
    assert_eq!(fixture.loaded().await, names(3));

    // Repeated, as the caller allows: the repeat is told that the job is closed already.
    let fixture = Fixture::load_meeting("PATCH", BELOW, Fault::CloseAfterWork).await;
    assert_eq!(fixture.load(data(&rows(3)), None, TWICE).await.1.unwrap().rows, 3);
    assert_eq!(fixture.loaded().await, names(3));

    // It was not done: nobody aborts what may yet be closed, and the error names the job.
    let fixture = Fixture::load_meeting("PATCH", BELOW, Fault::Close).await;
    let (jobs, ended) = fixture.load(data(&rows(3)), None, ONCE).await;
    let error = refused(ended);
    assert_eq!((error.outcome, error.retryable, jobs.len()), (Outcome::Unknown, false, 0));
    assert!(error.message.contains("it is open still") && error.message.contains("(job 750"), "{}", error.message);
    assert_eq!(fixture.loaded().await, names(0));
    assert_eq!(fixture.asked().last(), Some(&("GET".to_owned(), Some(200))));

    let fixture = Fixture::load_meeting("PATCH", BELOW, Fault::Close).await;
    assert_eq!(fixture.load(data(&rows(3)), None, TWICE).await.1.unwrap().rows, 3);
    assert_eq!(fixture.loaded().await, names(3));
}

#[tokio::test]
async fn a_job_that_cannot_be_made_ends_the_load() {
    let words = json!([{"errorCode": "INVALIDJOB", "message": "no"}]);
    let fixture = Fixture::load_meeting("POST", JOBS, Fault::json(400, &words)).await;
    let error = refused(fixture.load(data(&rows(3)), None, DEFAULTS).await.1);
    assert_eq!((error.outcome, error.problems[0].code.as_str()), (Outcome::Rejected, "INVALIDJOB"));
    assert_eq!(fixture.asked().len(), 1);
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_the_load_after_the_job() {
    let fixture = Fixture::loading().await;
    let mut jobs = fixture.load_in(fixture.execution(), data(&rows(100)), Some(300), DEFAULTS);
    let first = jobs.next().await.unwrap();
    let error = refused(jobs.finish().await);
    assert_eq!((error.kind, error.retryable), (ErrorKind::Interrupted, false));
    assert!(error.message.contains("closed before, and not undone"), "{}", error.message);
    let loaded = fixture.loaded().await.len();
    assert!(loaded >= usize::try_from(first.rows).unwrap() && loaded < 100, "{loaded}");
    // Every job that was made was closed.
    let count = |method: &str| fixture.asked().iter().filter(|(asked, _)| asked == method).count();
    assert_eq!((count("POST"), count("PUT")), (count("PATCH"), count("PATCH")));
}

#[tokio::test]
async fn data_that_stall_are_ended_by_the_hosts_deadline_and_the_org_takes_nothing() {
    let fixture = Fixture::loading().await;
    let (mut write, read) = tokio::io::duplex(1 << 10);
    write.write_all(data(&rows(3)).get_ref()).await.unwrap();
    let execution = fixture.execution().within(Duration::from_secs(2));
    let (jobs, ended) = all(fixture.load_in(execution, read, None, DEFAULTS)).await;
    assert_eq!((failed(ended).kind, jobs.len()), (HostFailureKind::DeadlineExceeded, 0));
    drop(write);
    assert_eq!(fixture.loaded().await, names(0));
    assert_eq!(fixture.asked(), [("POST".to_owned(), Some(200))]);
}

/// Reads until this has come.
async fn read_until(connection: &mut TcpStream, end: &str) {
    let mut came = Vec::new();
    while !String::from_utf8_lossy(&came).contains(end) {
        assert!(connection.read_buf(&mut came).await.unwrap() > 0, "{}", String::from_utf8_lossy(&came));
    }
}

#[tokio::test]
async fn rows_reach_the_org_before_the_next_ones_are_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut fixture = Fixture::start().await;
    fixture.connection.instance_url = format!("http://{}", listener.local_addr().unwrap());
    let (mut write, read) = tokio::io::duplex(1 << 10);
    let playing = async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        read_until(&mut connection, "\"contentType\":\"CSV\"").await;
        connection.write_all(job("Open").as_bytes()).await.unwrap();
        read_until(&mut connection, "first\n").await;
        write.write_all(b"second\n").await.unwrap();
        read_until(&mut connection, "second\n").await;
        drop(write);
        read_until(&mut connection, "0\r\n\r\n").await;
        connection.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        read_until(&mut connection, "UploadComplete").await;
        connection.write_all(job("UploadComplete").as_bytes()).await.unwrap();
    };
    let data = b"Name\nfirst\n".as_slice().chain(read);
    let ((), (jobs, ended)) = tokio::join!(playing, fixture.load(data, None, DEFAULTS));
    assert_eq!((jobs.len(), ended.unwrap().rows), (1, 2));
}
