//! The course of a load, whatever it is made with: what is under way is stored before it may come to something, and what became of
//! rows is told, then stored.

use std::path::Path;

use indicatif::HumanCount;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::App;
use super::super::action::Caller;
use super::super::failure::Failure;
use super::super::kept::Kept;
use super::input::{Input, Row};
use super::outcomes::{Files, Outcomes};
use super::progress::Progress;
use super::state::{Begun, State};

/// What to do if nobody knows how far a load has come.
const LOST_STATE: &str = "rows of that load may be written: look at its results, or at Salesforce, before you load them again without the file";

/// A load on its course: `O` is what it does, `W` what of it is under way.
pub(crate) struct Course<O, W> {
    /// None: what it has come to is not stored.
    kept: Option<Kept>,
    state: State<O, W>,
    outcomes: Outcomes,
    progress: Progress,
    silent: bool,
}

/// What a command was given.
pub(crate) struct Given<'a> {
    /// Its name, which is also what a state beside the input is called.
    pub(crate) command: &'static str,
    pub(crate) file: &'a Path,
    pub(crate) input: &'a Input,
    /// Rows of the input.
    pub(crate) count: u64,
    pub(crate) files: &'a Files,
    /// Where the state is kept.
    pub(crate) state: Option<&'a Path>,
}

impl<O: Serialize + DeserializeOwned + PartialEq + Clone, W: Serialize + DeserializeOwned> Course<O, W> {
    /// Takes up a load where an earlier run has left it, or begins it.
    ///
    /// # Errors
    /// The state, another process that has it, or a file of results.
    pub(crate) async fn begin(
        given: Given<'_>,
        operation: &O,
        begins: impl FnOnce() -> Result<W, Failure>,
        caller: &Caller<'_>,
        app: &App,
    ) -> Result<Course<O, W>, Failure> {
        let Given { command, file, input, count, files, state } = given;
        let kept = Kept::beside(file, state, command, &format!("harness {command}"), LOST_STATE)?;
        let load = Begun { operation: operation.clone(), org: caller.org().await?, input: input.digest()? };
        let stored = kept.as_ref().map_or(Ok(None), |kept| State::stored(kept, &load))?;
        let mut state = match stored {
            Some(state) => state,
            None => State::new(load, begins()?),
        };
        let outcomes = files.open(file, kept.as_ref(), &input.format, state.written)?;
        state.written = outcomes.written();
        let rest = if kept.is_some() { "run the same command to go on" } else { "without --state, it cannot go on" };
        let progress = Progress::new(count, state.done, app.json(), rest);
        Ok(Course { kept, state, outcomes, progress, silent: app.json() })
    }

    /// Rows of which it is told what became of them.
    pub(crate) fn done(&self) -> u64 {
        self.state.done
    }

    /// Whether another run can go on with it.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    pub(crate) fn under_way(&self) -> &W {
        &self.state.under_way
    }

    /// Changes what is under way, which is not stored by that.
    pub(crate) fn under_way_mut(&mut self) -> &mut W {
        &mut self.state.under_way
    }

    /// Stores what is under way.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(crate) fn store(&self) -> Result<(), Failure> {
        self.state.store(self.kept.as_ref())
    }

    /// Tells what became of rows, an entry for each, and stores that it is told.
    ///
    /// # Errors
    /// A file of results, standard output, or the state.
    pub(crate) fn tell<'r>(
        &mut self,
        rows: impl ExactSizeIterator<Item = &'r Row>,
        entries: &'r [String],
    ) -> Result<(), Failure> {
        let Course { outcomes, state, progress, .. } = self;
        let count = rows.len() as u64;
        let told = rows.zip(entries.iter().map(String::as_str));
        progress.beside(|| outcomes.tell(told, &mut state.tally))?;
        state.done += count;
        state.written = outcomes.written();
        self.store()?;
        self.progress.set(self.state.done);
        Ok(())
    }

    /// So many rows behind those that are done may be done too.
    pub(crate) fn reaches(&mut self, rows: u64) {
        self.progress.set(self.state.done + rows);
    }

    /// Says something beside the progress.
    pub(crate) fn note(&self, words: &str) {
        self.progress.beside(|| anstream::eprintln!("note: {words}"));
    }

    /// Removes the state if there is nothing to go on with.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(crate) fn forget_if_nothing_is_done(&self) -> Result<(), Failure> {
        let kept = self.kept.as_ref().filter(|_| self.state.done == 0);
        kept.map_or(Ok(()), Kept::forget)
    }

    /// All rows are told of. `done` is what was done with them.
    ///
    /// # Errors
    /// Some of them failed; or the state cannot be removed.
    pub(crate) fn end(mut self, done: &str) -> Result<(), Failure> {
        self.progress.end();
        self.kept.map_or(Ok(()), Kept::remove)?;
        if self.state.tally.failed > 0 {
            return Err(Failure::Results(self.state.tally));
        }
        if !self.silent {
            anstream::eprintln!("{} rows were {done}", HumanCount(self.state.done));
        }
        Ok(())
    }
}
