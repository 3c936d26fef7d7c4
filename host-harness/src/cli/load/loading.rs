//! A load that is under way: batch by batch, what became of each stored before the next.

use indicatif::HumanCount;
use salesforce_runtime::bindings::types::Outcome;
use salesforce_runtime::{ExecutionError, HostFailure, HostFailureKind};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::action::Caller;
use super::super::exit_code::Exit;
use super::super::failure::Failure;
use super::super::interrupt::Step;
use super::super::rows::{Course, unknown};
use super::batches::Batches;
use super::operation::Operation;
use super::records::Recorded;
use super::requests::Requests;

/// What an action on several records gives.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    results: Vec<&'a RawValue>,
}

/// A load that is under way.
pub(super) struct Loading<'a> {
    pub(super) caller: Caller<'a>,
    pub(super) operation: &'a Operation,
    pub(super) course: Course<Operation, Requests>,
}

impl Loading<'_> {
    /// Sends all that is left.
    ///
    /// # Errors
    /// A request that failed as a whole, or rows that failed.
    pub(super) async fn run(mut self, batches: &mut Batches<'_>) -> Result<(), Failure> {
        self.take_up(batches).await?;
        loop {
            let step = Step::begin().await;
            let rows = batches.next()?;
            if rows.is_empty() {
                drop(step);
                return self.course.end(self.operation.done());
            }
            self.course.under_way_mut().begun += 1;
            self.send(&rows, false).await?;
        }
    }

    /// Rows that were sent when an earlier run ended, and of which it did not store what became of them.
    async fn take_up(&mut self, batches: &mut Batches<'_>) -> Result<(), Failure> {
        let in_flight = self.course.under_way().in_flight;
        let count = usize::try_from(in_flight).unwrap_or(usize::MAX);
        if count == 0 {
            return Ok(());
        }
        let _step = Step::begin().await;
        if self.caller.is_at_server() {
            let rows = batches.take(count)?;
            return self.send(&rows, true).await;
        }
        if self.operation.may_be_repeated() {
            let rows = HumanCount(in_flight);
            self.course.note(&format!("{rows} rows were sent before and not answered; they are sent once more"));
            self.course.under_way_mut().in_flight = 0;
            return Ok(());
        }
        let rows = batches.take(count)?;
        let message = "it was sent, and the program ended before it was stored what became of it";
        self.tell(&rows, &vec![unknown("interrupted", message); rows.len()])
    }

    /// Sends a batch; or, at a server, asks once more for what became of it.
    async fn send(&mut self, rows: &[Recorded], once_more: bool) -> Result<(), Failure> {
        let call = self.operation.call(rows.iter().map(|row| &row.record))?;
        self.course.under_way_mut().in_flight = rows.len() as u64;
        self.course.store()?;
        // A server sends nothing twice under one key.
        let key = self.course.under_way().key();
        let answer = match self.caller.json(&call, Some(&key)).await {
            Ok(answer) => answer,
            Err(failure) => return Err(self.failed(rows, failure, once_more)),
        };
        match serde_json::from_str(answer.get()) {
            Ok(Answer { results }) if results.len() == rows.len() => {
                let results: Vec<_> = results.into_iter().map(|result| result.get().to_owned()).collect();
                self.tell(rows, &results)
            }
            _ => {
                let message = format!("{} gave another result than one for each record", call.action().name);
                let breach = HostFailure { kind: HostFailureKind::BadResult, outcome: Outcome::Unknown, message };
                Err(self.failed(rows, Failure::writing(ExecutionError::Host(breach)), once_more))
            }
        }
    }

    /// What became of rows whose request failed as a whole.
    fn failed(&mut self, rows: &[Recorded], failure: Failure, once_more: bool) -> Failure {
        let is_unknown = failure.exit() == Exit::OutcomeUnknown || failure.kind() == "result-not-kept";
        let may_be_known = self.caller.is_at_server() && !failure.is_of_an_execution();
        let stored = if self.course.is_kept() && may_be_known && (is_unknown || once_more) {
            // The next run asks the server.
            Ok(())
        } else if !is_unknown || self.course.is_kept() && self.operation.may_be_repeated() {
            // They are sent again.
            self.course.under_way_mut().in_flight = 0;
            if self.course.done() == 0 && !is_unknown {
                self.course.forget_if_nothing_is_done()
            } else {
                self.course.store()
            }
        } else {
            self.tell(rows, &vec![unknown(failure.kind_of_result(), &failure.message()); rows.len()])
        };
        // What is not stored is taken up by the next run.
        stored.err().filter(|_| !is_unknown).unwrap_or(failure)
    }

    /// Tells what became of rows, and that none is in flight.
    fn tell(&mut self, rows: &[Recorded], entries: &[String]) -> Result<(), Failure> {
        self.course.under_way_mut().in_flight = 0;
        self.course.tell(rows.iter().map(|recorded| &recorded.row), entries)
    }
}
