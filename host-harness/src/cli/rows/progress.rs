//! How far a load is, for people: a bar on a terminal, and elsewhere a line now and then.

use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressState, ProgressStyle};

/// Between two lines.
const PAUSE: Duration = Duration::from_secs(10);

/// Says when it is dropped how far it came, if that is not all.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// None: nothing is said.
    lines: Option<Instant>,
    speed: Speed,
    rows: u64,
    done: u64,
    /// How it is gone on with.
    rest: &'static str,
}

/// Rows a second, of all since it began: those of a job come all at once, and then none for a while.
#[derive(Clone, Copy)]
struct Speed {
    /// Rows that were done before.
    before: u64,
}

impl Progress {
    /// Of so many rows, of which some were done before. With `silent` it says nothing.
    pub(crate) fn new(rows: u64, done: u64, silent: bool, rest: &'static str) -> Progress {
        let bar = if silent { ProgressBar::hidden() } else { ProgressBar::new(rows) };
        let speed = Speed { before: done };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} rows, {speed}") {
            bar.set_style(style.with_key("speed", move |state: &ProgressState, text: &mut dyn Write| {
                _ = text.write_str(&speed.told(state.pos(), state.len().unwrap_or_default(), state.elapsed()));
            }));
        }
        bar.set_position(done);
        let lines = (!silent).then(Instant::now);
        Progress { bar, lines, speed, rows, done, rest }
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
            let speed = self.speed.told(done, self.rows, self.bar.elapsed());
            anstream::eprintln!("{} of {} rows, {speed}", HumanCount(done), HumanCount(self.rows));
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

impl Speed {
    /// For people, with the time that is left at this speed.
    fn told(self, done: u64, rows: u64, elapsed: Duration) -> String {
        let a_second = done.saturating_sub(self.before) as f64 / elapsed.as_secs_f64();
        let left = Duration::try_from_secs_f64(rows.saturating_sub(done) as f64 / a_second);
        match left {
            Ok(left) => format!("{} a second, {} left", HumanCount(a_second as u64), HumanDuration(left)),
            Err(_) => "0 a second".to_owned(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        if self.lines.is_some() {
            // How many there are is not known until the job says it.
            let far = match (HumanCount(self.done), HumanCount(self.rows)) {
                _ if self.rows == 0 => String::new(),
                (done, rows) => format!(" after {done} of {rows} rows"),
            };
            anstream::eprintln!("note: stopped{far}; {}", self.rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_is_of_all_rows_of_this_run_and_of_no_others() {
        let told = |before, done, seconds| Speed { before }.told(done, 1_000_000, Duration::from_secs(seconds));
        assert_eq!(told(0, 100_000, 50), "2,000 a second, 8 minutes left");
        assert_eq!(told(400_000, 500_000, 50), "2,000 a second, 4 minutes left");
        assert_eq!(told(0, 1_000_000, 500), "2,000 a second, 0 seconds left");
        assert_eq!(told(400_000, 400_000, 9), "0 a second");
        assert_eq!(told(0, 0, 0), "0 a second");
    }
}
