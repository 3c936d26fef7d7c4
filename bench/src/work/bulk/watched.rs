//! A process from its start to its end.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::process::{ProcessorTime, peak_rss_of};

/// How often its memory is read: what it takes between the last time and its end is not seen.
const EVERY: Duration = Duration::from_millis(10);

/// What a process took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watched {
    pub(super) elapsed: Duration,
    pub(super) processor: ProcessorTime,
    /// The most memory that it has had in place, in bytes.
    pub(super) peak_rss: u64,
}

/// Runs a program. What it says on standard error is passed on.
///
/// # Errors
/// If it cannot be started, or fails.
pub(super) fn run(mut program: Command) -> Result<Watched> {
    let begin = Instant::now();
    let mut child = program.spawn().with_context(|| format!("cannot start {:?}", program.get_program()))?;
    let id = child.id();
    let pid = Pid::from_raw(i32::try_from(id)?).context("it has no process id")?;
    let mut peak_rss = 0;
    // It stays a zombie for as long as nobody waits for it in earnest, and its processor time can be read.
    let over = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    while waitid(WaitId::Pid(pid), over)?.is_none() {
        // None: it has ended meanwhile.
        peak_rss = peak_rss_of(id).map_or(peak_rss, |bytes| bytes.max(peak_rss));
        thread::sleep(EVERY);
    }
    let elapsed = begin.elapsed();
    let processor = ProcessorTime::of(id);
    let status = child.wait()?;
    ensure!(
        status.success(),
        "it ended with {}",
        status.signal().map_or_else(|| status.to_string(), |signal| format!("signal {signal}"))
    );
    Ok(Watched { elapsed, processor: processor?, peak_rss })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn a_process_is_watched_to_its_end() {
        let watched = run(shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")).unwrap();
        let ProcessorTime { user, system } = watched.processor;
        assert!(!(user + system).is_zero(), "{watched:?}");
        assert!(watched.peak_rss > 0 && watched.elapsed >= user / 2, "{watched:?}");
    }

    #[test]
    fn one_that_fails_is_no_measurement() {
        let error = run(shell("exit 3")).unwrap_err().to_string();
        assert_eq!(error, "it ended with exit status: 3");
        assert!(run(Command::new("no-such-program")).unwrap_err().to_string().contains("no-such-program"));
    }
}
