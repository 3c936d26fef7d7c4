//! A load of any length as job after job, for a shell that sends for itself: its requests, what their answers mean, and what an error
//! leaves behind. [`Split`](super::Split) says when each is due. Sends nothing.

use super::ingest_job::NewIngestJob;
use super::job::{self, Job, JobKind, JobState};
use super::upload;
use crate::core::api_usage::ApiUsage;
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, Outcome, Result};
use crate::core::http::{BodyLength, Request, Response};
use crate::core::record_id::RecordId;

/// A load under way.
pub struct Loading<'a> {
    connection: &'a Connection,
    new: NewIngestJob,
    /// The job that is made and not closed.
    open: Option<RecordId>,
    /// It may be closed, or not.
    is_in_doubt: bool,
    summary: LoadSummary,
}

/// What was loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LoadSummary {
    /// Jobs that were closed.
    pub jobs: u64,
    /// Their rows.
    pub rows: u64,
    /// API usage of the last answer that told it.
    pub usage: Option<ApiUsage>,
}

/// What follows from closing a job.
#[derive(Debug, PartialEq, Eq)]
pub enum Closing {
    /// Salesforce has all of it.
    Closed,
    /// Nobody knows: ask for the job, and [`Loading::asked`] says what follows.
    Ask(Box<Error>),
    /// It was refused.
    Refused(Box<Error>),
}

impl<'a> Loading<'a> {
    /// Into jobs like this one.
    pub fn new(connection: &'a Connection, new: NewIngestJob) -> Self {
        Self { connection, new, open: None, is_in_doubt: false, summary: LoadSummary::default() }
    }

    /// The request that makes a job. Twice, it leaves one over that does nothing.
    pub fn create(&self) -> Request<'a> {
        job::create_request(self.connection, JobKind::Ingest, self.new.json())
    }

    /// Reads its answer: the job's id.
    pub fn created(&mut self, response: &Response) -> Result<String> {
        let job = job::made(response, self.connection, JobKind::Ingest, &self.new.asked())?;
        self.note(job.usage);
        self.open = Some(RecordId::parse("id", &job.id)?);
        Ok(job.id)
    }

    /// The request that gives the open job its data, which the shell sends piece by piece, once. None: no job is open.
    pub fn data(&self) -> Option<Request<'a>> {
        let request = upload::request(self.connection, self.open.as_ref()?, Vec::new());
        Some(Request { body_length: BodyLength::Unknown, ..request })
    }

    /// Reads its answer.
    pub fn data_taken(&mut self, response: &Response) -> Result<()> {
        let usage = upload::read(response)?;
        self.note(usage);
        Ok(())
    }

    /// The request that says that the open job has its data. Twice, it does nothing more.
    pub fn close(&self) -> Option<Request<'a>> {
        Some(job::change_request(self.connection, JobKind::Ingest, self.open.as_ref()?, "UploadComplete"))
    }

    /// The request that ends the open job: none of it will be processed. None for a job that may be closed already, for that would
    /// end it half-way.
    pub fn abort(&self) -> Option<Request<'a>> {
        if self.is_in_doubt {
            return None;
        }
        Some(job::change_request(self.connection, JobKind::Ingest, self.open.as_ref()?, "Aborted"))
    }

    /// The request for the open job.
    pub fn ask(&self) -> Option<Request<'a>> {
        Some(job::get_request(self.connection, JobKind::Ingest, self.open.as_ref()?))
    }

    /// Reads the answer to one of these three.
    pub fn read(&mut self, response: &Response) -> Result<Job> {
        let job = job::read(response, self.connection, JobKind::Ingest, self.open.as_ref())?;
        self.note(job.usage);
        Ok(job)
    }

    /// What follows from the answer to closing the job, if there was one.
    pub fn answered(&mut self, closed: Result<Job>) -> Closing {
        let closing = match closed {
            Ok(job) => {
                let message = "Salesforce answered that the job was closed, and that it is open";
                by_state(job.state, Error::invalid_response(message))
            }
            Err(error) if error.outcome == Outcome::Unknown || error.kind == ErrorKind::WrongState => {
                Closing::Ask(error)
            }
            Err(error) => Closing::Refused(error),
        };
        self.is_in_doubt = closing != Closing::Closed && !matches!(closing, Closing::Refused(_));
        closing
    }

    /// What follows from asking for the job, after an answer that was none: the error of that is what is told if it was not closed.
    pub fn asked(error: Box<Error>, job: Result<Job>) -> Closing {
        match job {
            Ok(job) => by_state(job.state, error),
            Err(_) => Closing::Refused(in_doubt(
                error,
                "whether the job was closed is not known: get it, and it was if it is not open",
            )),
        }
    }

    /// The open job was closed with so many rows.
    pub fn closed(&mut self, rows: u64) {
        self.open = None;
        self.is_in_doubt = false;
        self.summary.jobs += 1;
        self.summary.rows += rows;
    }

    /// What was loaded until now.
    pub fn summary(&self) -> LoadSummary {
        self.summary
    }

    /// The error of the whole load: what is left of it, and whether it may be made again. `aborted` says that the open job was.
    pub fn failed(&self, mut error: Box<Error>, aborted: bool) -> Box<Error> {
        if let Some(open) = &self.open {
            let id = open.to_18();
            error.message += &match aborted {
                _ if self.is_in_doubt => [" (job ", &id, ")"].concat(),
                true => ["; job ", &id, " was aborted, and nothing of it was processed"].concat(),
                false => ["; job ", &id, " may be left open, and does nothing then: get it, and abort it"].concat(),
            };
            // A job was made, whatever was refused after that.
            error.outcome = Outcome::Unknown;
        }
        let LoadSummary { jobs, rows, .. } = self.summary;
        if jobs > 0 {
            let told =
                ["; closed before, and not undone: ", &jobs.to_string(), " jobs with ", &rows.to_string(), " rows"];
            error.message += &told.concat();
            error.outcome = Outcome::Unknown;
        }
        // Made again, it loads what was closed again. Of a job that was aborted a host sees that it was made, and no more.
        error.retryable &= error.outcome != Outcome::Unknown;
        error
    }

    fn note(&mut self, usage: Option<ApiUsage>) {
        self.summary.usage = usage.or(self.summary.usage);
    }
}

fn by_state(state: JobState, error: Box<Error>) -> Closing {
    match state {
        JobState::UploadComplete | JobState::InProgress | JobState::JobComplete | JobState::Failed => Closing::Closed,
        JobState::Open => {
            Closing::Refused(in_doubt(error, "it is open still: close it, or abort it and load its rows again"))
        }
        JobState::Aborted => Closing::Refused(in_doubt(error, "somebody aborted the job")),
    }
}

/// An error after which somebody has to look at the job.
fn in_doubt(mut error: Box<Error>, advice: &str) -> Box<Error> {
    error.message = [&error.message, "; ", advice].concat();
    (error.outcome, error.retryable) = (Outcome::Unknown, false);
    error
}

/// The error of data that ended before their end.
pub fn data_not_whole() -> Box<Error> {
    let message = "the data ended, and nobody said that they were whole: what had come was not loaded as if they were";
    let error = Error::new(ErrorKind::Interrupted, Outcome::NotSent, message);
    Box::new(Error { retryable: true, ..*error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::bulk::{ColumnDelimiter, IngestOperation, LineEnding};
    use crate::core::http::{Failure, Method};
    use crate::core::name::ObjectName;
    use crate::core::script::answer;

    const ID: &str = "7505e00000HJX0bAAH";

    fn connection() -> Connection {
        Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap()
    }

    fn loading(connection: &Connection) -> Loading<'_> {
        let new = NewIngestJob {
            object: ObjectName::parse("Account").unwrap(),
            operation: IngestOperation::Insert,
            assignment_rule: None,
            line_ending: LineEnding::Lf,
            column_delimiter: ColumnDelimiter::Comma,
        };
        Loading::new(connection, new)
    }

    fn job(state: &str) -> Response {
        answer(200, &format!(r#"{{"id":"{ID}","state":"{state}"}}"#))
    }

    fn unknown() -> Box<Error> {
        Failure::Interrupted.into()
    }

    #[test]
    fn a_job_is_made_given_its_data_and_closed() {
        let connection = connection();
        let mut loading = loading(&connection);
        assert!(loading.data().is_none() && loading.close().is_none() && loading.abort().is_none());
        assert_eq!(loading.create().method, Method::Post);
        assert_eq!(loading.created(&job("Open")).unwrap(), ID);
        let data = loading.data().unwrap();
        assert_eq!((data.method, data.path_and_query.ends_with("/batches")), (Method::Put, true));
        assert!(data.headers().iter().all(|(name, _)| *name != "content-length"));
        loading.data_taken(&answer(201, "")).unwrap();
        assert!(loading.data_taken(&answer(200, "")).is_err());
        for (request, state) in [(loading.close(), "UploadComplete"), (loading.abort(), "Aborted")] {
            let request = request.unwrap();
            assert_eq!(request.body.unwrap().bytes, format!(r#"{{"state":"{state}"}}"#).into_bytes());
        }
        let closed = loading.read(&job("UploadComplete"));
        assert_eq!(loading.answered(closed), Closing::Closed);
        loading.closed(7);
        let LoadSummary { jobs, rows, usage } = loading.summary();
        assert_eq!((jobs, rows, usage.unwrap().used, loading.abort().is_none()), (1, 7, 18, true));
    }

    #[test]
    fn a_close_without_an_answer_is_asked_about() {
        let connection = connection();
        let mut loading = loading(&connection);
        loading.created(&job("Open")).unwrap();
        let Closing::Ask(error) = loading.answered(Err(unknown())) else { panic!() };
        assert!(loading.abort().is_none(), "it may be closed, and under way");
        for state in ["UploadComplete", "InProgress", "JobComplete", "Failed"] {
            assert_eq!(Loading::asked(error.clone(), loading.read(&job(state))), Closing::Closed, "{state}");
        }
        for (asked, words) in [
            (loading.read(&job("Open")), "it is open still"),
            (loading.read(&job("Aborted")), "somebody aborted the job"),
            (Err(unknown()), "whether the job was closed is not known"),
        ] {
            let Closing::Refused(told) = Loading::asked(error.clone(), asked) else { panic!() };
            assert_eq!((told.kind, told.outcome, told.retryable), (ErrorKind::Interrupted, Outcome::Unknown, false));
            assert!(told.message.contains(words), "{}", told.message);
            assert!(loading.failed(told, false).message.ends_with(&format!(" (job {ID})")));
        }
        let wrong_state = Error::new(ErrorKind::WrongState, Outcome::Rejected, "closed already");
        assert!(matches!(loading.answered(Err(wrong_state)), Closing::Ask(_)));
        let refused = Error::new(ErrorKind::Forbidden, Outcome::Rejected, "no");
        assert!(matches!(loading.answered(Err(refused)), Closing::Refused(_)));
        assert!(loading.abort().is_some(), "it is open");
    }

    #[test]
    fn an_error_says_what_is_left_and_is_not_retryable_once_a_job_was_made() {
        let connection = connection();
        let mut loading = loading(&connection);
        let error = loading.failed(data_not_whole(), false);
        assert_eq!((error.outcome, error.retryable, &error), (Outcome::NotSent, true, &data_not_whole()));
        loading.created(&job("Open")).unwrap();
        let error = loading.failed(data_not_whole(), true);
        assert_eq!((error.outcome, error.retryable), (Outcome::Unknown, false));
        assert!(error.message.ends_with(&format!("job {ID} was aborted, and nothing of it was processed")));
        assert!(loading.failed(unknown(), false).message.contains("may be left open"));
        loading.closed(3);
        let error = loading.failed(data_not_whole(), false);
        assert_eq!((error.outcome, error.retryable), (Outcome::Unknown, false));
        assert!(error.message.ends_with("closed before, and not undone: 1 jobs with 3 rows"), "{}", error.message);
    }
}
