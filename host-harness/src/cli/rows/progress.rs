//! How far a load is, for people: a bar on a terminal, and elsewhere a line now and then.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// Between two lines.
const PAUSE: Duration = Duration::from_secs(10);

/// Says when it is dropped how far it came, if that is not all.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// None: nothing is said.
    lines: Option<Instant>,
    rows: u64,
    done: u64,
    /// How it is gone on with.
    rest: &'static str,
}

impl Progress {
    /// Of so many rows, of which some were done before. With `silent` it says nothing.
    pub(crate) fn new(rows: u64, done: u64, silent: bool, rest: &'static str) -> Progress {
        let bar = if silent { ProgressBar::hidden() } else { ProgressBar::new(rows) };
        let template = "{bar:30} {human_pos} of {human_len} rows, {per_sec}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_position(done);
        bar.reset_eta();
        let lines = (!silent).then(Instant::now);
        Progress { bar, lines, rows, done, rest }
    }

    /// There are so many rows.
    pub(crate) fn expect(&mut self, rows: u64) {
        self.rows = rows;
        self.bar.set_length(rows);
    }

    /// So many rows are done.
    pub(crate) fn set(&mut self, done: u64) {
        self.done = done;
        self.bar.set_position(done);
        if let Some(told) = self.lines.filter(|told| !io::stderr().is_terminal() && told.elapsed() >= PAUSE) {
            let rate = self.bar.per_sec();
            anstream::eprintln!("{} of {} rows, {rate:.0} a second", HumanCount(done), HumanCount(self.rows));
            self.lines = Some(told + told.elapsed());
        }
    }

    /// Writes to standard output, which may be the same terminal.
    pub(crate) fn beside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// All is done, or nothing can be gone on with.
    pub(crate) fn end(&mut self) {
        self.lines = None;
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        if self.lines.is_some() {
            let (done, rows) = (HumanCount(self.done), HumanCount(self.rows));
            anstream::eprintln!("note: stopped after {done} of {rows} rows; {}", self.rest);
        }
    }
}
