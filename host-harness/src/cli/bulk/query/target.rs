//! Where the rows go: to a file, whose state is kept beside it, or to standard output, of which nothing is known afterwards.

use std::io::{self, Write};
use std::path::Path;

use super::state::{Asked, State};
use crate::cli::appended::Appended;
use crate::cli::failure::Failure;
use crate::cli::kept::{Kept, extended};

/// Where the rows go.
pub(super) enum Target {
    /// `FILE.part`, which becomes FILE.
    File { kept: Kept, part: Appended },
    /// As they come.
    Stdout,
}

/// What there is of a query that goes to a file.
pub(super) enum Found {
    /// All of it is in FILE: only the end of the end is left.
    Whole(Kept, State),
    /// A part, or nothing.
    Begun(Target, Option<State>),
}

impl Target {
    /// A file: a new one, an empty one, or that of an earlier run of the same query.
    ///
    /// # Errors
    /// Something else is there, another process has it, or the state is of another query.
    pub(super) fn file(out: &Path, asked: &Asked) -> Result<Found, Failure> {
        let (file, part) = (extended(out, "bulk-query"), extended(out, "part"));
        let anew = format!("without it and {} it starts anew", part.display());
        let kept = Kept::hold(&file, "the state", "harness bulk-query", &anew)?;
        let state = State::read(&kept, asked)?;
        let state = match state {
            Some(state) if state.is_whole && !part.exists() && out.exists() => return Ok(Found::Whole(kept, state)),
            Some(state) if !part.exists() => Some(state.rewound()),
            state => state,
        };
        if out.exists() {
            Appended::open(out, None)?.check(None)?;
        }
        let written = state.as_ref().filter(|_| part.exists()).map(|state| state.bytes);
        let part = Appended::open(&part, written)?;
        part.check(written)?;
        Ok(Found::Begun(Target::File { kept, part }, state))
    }

    /// Nothing will be gone on with: of the file nothing stays.
    pub(super) fn drop_part(self, out: &Path) {
        if let Target::File { .. } = self {
            // Nothing is in it.
            let _ = std::fs::remove_file(extended(out, "part"));
        }
    }

    /// Writes rows, and tells the state how far that is.
    ///
    /// # Errors
    /// The file, or standard output.
    pub(super) fn write(&mut self, csv: &str, state: &mut State) -> Result<(), Failure> {
        match self {
            Target::File { part, .. } => {
                part.write(csv.as_bytes())?;
                state.bytes = part.bytes();
                Ok(())
            }
            Target::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(csv.as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::Output)
            }
        }
    }

    /// Stores how far it has come.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(super) fn store(&self, state: &State) -> Result<(), Failure> {
        match self {
            Target::File { kept, .. } => state.store(kept),
            Target::Stdout => Ok(()),
        }
    }

    /// Nothing comes of the job: the next run makes another.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(super) fn forget(&self) -> Result<(), Failure> {
        match self {
            Target::File { kept, .. } => kept.forget(),
            Target::Stdout => Ok(()),
        }
    }

    /// The job of the state is of no use.
    pub(super) fn wrong(&self, told: &str) -> Failure {
        match self {
            Target::File { kept, .. } => kept.wrong(&told),
            Target::Stdout => Failure::Local(format!("{told}; run the same command to begin anew")),
        }
    }

    /// What to do if the rows do not come together.
    pub(super) fn anew(&self) -> String {
        match self {
            Target::File { kept, .. } => {
                let [state, _] = kept.files();
                format!("without {} and the .part file, it starts anew", state.display())
            }
            Target::Stdout => "run the same command to begin anew".to_owned(),
        }
    }

    /// How a run that stops is gone on with.
    pub(super) fn rest(&self) -> &'static str {
        match self {
            Target::File { .. } => "run the same command to go on",
            Target::Stdout => "standard output is not gone on with: name a file with --out, or begin anew",
        }
    }

    /// All rows are there: the file takes its name.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(super) fn end(self, out: &Path) -> Result<Option<Kept>, Failure> {
        let Target::File { kept, .. } = self else { return Ok(None) };
        let part = extended(out, "part");
        let placed = match std::fs::hard_link(&part, out) {
            Ok(()) => std::fs::remove_file(&part),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // An empty one was there from the beginning; another came meanwhile.
                Appended::open(out, None)?.check(None)?;
                std::fs::rename(&part, out)
            }
            // A file system without links.
            Err(_) => std::fs::rename(&part, out),
        };
        placed.map_err(|error| Failure::Local(format!("cannot write {}: {error}", out.display())))?;
        Ok(Some(kept))
    }
}
