//! The calls of the component's interface `bulk`, and what they give.

use salesforce_actions::bulk::{self, JobKind, JobState, Request};
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde::de::DeserializeOwned;

use super::super::action::Caller;
use super::super::failure::{Effect, Failure};

/// Who makes the calls.
pub(super) struct Jobs<'a>(pub(super) Caller<'a>);

impl Jobs<'_> {
    pub(super) async fn ask<T: DeserializeOwned>(&self, request: &Request<T>) -> Result<T, Failure> {
        let call = request.call().map_err(|error| Failure::Usage(error.to_string()))?;
        let given = self.0.json(&call, None).await.map_err(|failure| match failure {
            Failure::Call(error, _) if !request.changes_records() => Failure::Call(error, Effect::Read),
            other => other,
        })?;
        let wrong = |error| Failure::Local(format!("{} gave another result: {error}", request.action()));
        serde_json::from_str(given.get()).map_err(wrong)
    }

    /// Aborts an open job, which has processed nothing. One that is gone, or was given up before, is as good.
    ///
    /// # Errors
    /// The request; or Salesforce works on the job, or has.
    pub(super) async fn abort(&self, id: &str) -> Result<(), Failure> {
        let failure = match self.ask(&Request::abort(JobKind::Ingest, id)).await {
            Ok(_) => return Ok(()),
            Err(failure) if is_of(&failure, &[ErrorKind::NotFound]) => return Ok(()),
            Err(failure) if is_of(&failure, &[ErrorKind::WrongState]) => failure,
            Err(failure) => return Err(failure),
        };
        match self.ask(&Request::look(JobKind::Ingest, id)).await {
            Err(failure) if is_of(&failure, &[ErrorKind::NotFound]) => Ok(()),
            Ok(job) if job.state == JobState::Aborted && job.records_processed.is_none_or(|rows| rows == 0) => Ok(()),
            _ => Err(Failure::InDoubt {
                of: Box::new(failure),
                what: format!("somebody has closed the job {id}, so its rows may be written"),
                advice: "Look at the job in Salesforce's Setup (Bulk Data Load Jobs) before you load its rows again."
                    .to_owned(),
            }),
        }
    }
}

fn error_of(failure: &Failure) -> Option<&ExecutionError> {
    if let Failure::Call(error, _) = failure { Some(error) } else { None }
}

/// Whether nobody knows what became of the request.
pub(super) fn is_lost(failure: &Failure) -> bool {
    error_of(failure).is_some_and(|error| error.outcome() == Outcome::Unknown)
}

/// Whether it is an error of one of these kinds.
pub(super) fn is_of(failure: &Failure, kinds: &[ErrorKind]) -> bool {
    error_of(failure).and_then(ExecutionError::kind).is_some_and(|kind| kinds.contains(&kind))
}

/// Whether there was more in an answer than the component or the host takes.
pub(super) fn is_too_large(failure: &Failure) -> bool {
    error_of(failure).is_some_and(bulk::is_too_large)
}
