//! Two programs that run together: Ctrl-C ends them in order, and neither outlives the other.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::failure::{Failure, Outcome};

/// How often the programs and the user are looked after.
const LOOK: Duration = Duration::from_millis(100);
/// How long a program may take to end: a little longer than the server gives executions that run.
const PATIENCE: Duration = Duration::from_secs(35);

/// Presses of Ctrl-C, and SIGTERM.
#[derive(Debug, Default)]
pub(super) struct Interrupts(Arc<AtomicBool>);

/// A program that runs; dropping it ends it at once.
#[derive(Debug)]
pub(crate) struct Program {
    name: &'static str,
    child: Child,
}

impl Interrupts {
    pub(super) fn listen() -> Outcome<Interrupts> {
        let interrupts = Interrupts::default();
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, interrupts.0.clone()).map_err(Failure::io("listen for Ctrl-C"))?;
        }
        Ok(interrupts)
    }

    /// Whether there was one since the last time.
    fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl Program {
    /// Starts a program and waits for the line of JSON that it prints when it is ready.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Outcome<(Program, Value)> {
        // In a group of its own, or the terminal's Ctrl-C would reach both programs at once.
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped());
        let child = command.spawn().map_err(Failure::io(format!("start {name}")))?;
        let mut program = Program { name, child };
        let mut line = String::new();
        if let Some(stdout) = program.child.stdout.as_mut() {
            BufReader::new(stdout).read_line(&mut line).map_err(Failure::io(format!("read what {name} prints")))?;
        }
        let ready = serde_json::from_str(&line);
        ready.map(|ready| (program, ready)).map_err(|_| Failure::new(format!("{name} did not start, see above")))
    }

    /// How it ended, if it has.
    fn ended(&mut self) -> Outcome<Option<ExitStatus>> {
        self.child.try_wait().map_err(Failure::io(format!("look after {}", self.name)))
    }

    /// Asks it to end and waits until it has. The next Ctrl-C is for it.
    fn stop(mut self, interrupts: &Interrupts) -> Outcome {
        self.ask_to_end();
        let begun = Instant::now();
        while self.ended()?.is_none() && begun.elapsed() < PATIENCE {
            if interrupts.take() {
                self.ask_to_end();
            }
            thread::sleep(LOOK);
        }
        Ok(())
    }

    fn ask_to_end(&self) {
        // It fails only if it has ended already.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail only when the process has ended already, and then there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Watches two programs until Ctrl-C ends the first and then the second; if one ends by itself the other is ended too.
pub(super) fn watch(mut first: Program, mut second: Program, interrupts: &Interrupts) -> Outcome {
    loop {
        if interrupts.take() {
            first.stop(interrupts)?;
            return second.stop(interrupts);
        }
        if let Some(status) = first.ended()? {
            second.stop(interrupts)?;
            return Err(died(&first, status));
        }
        if let Some(status) = second.ended()? {
            first.stop(interrupts)?;
            return Err(died(&second, status));
        }
        thread::sleep(LOOK);
    }
}

fn died(program: &Program, status: ExitStatus) -> Failure {
    Failure::new(format!("{} ended by itself ({status}), so everything was ended", program.name))
}

#[cfg(test)]
mod tests {
    use rustix::process::test_kill_process;

    use super::*;

    fn start(name: &'static str, script: &str) -> (Program, Pid) {
        let (program, ready) = Program::start(name, Command::new("sh").args(["-c", script])).unwrap();
        assert_eq!(ready, serde_json::json!({}));
        let pid = Pid::from_child(&program.child);
        (program, pid)
    }

    /// A script that is ready, and writes its name when it is asked to end.
    fn lasting(name: &str, file: &str) -> String {
        format!("trap 'echo {name} >> {file}; kill $!; exit' TERM; tail -f /dev/null & echo '{{}}'; wait")
    }

    #[test]
    fn an_interrupt_ends_the_first_and_then_the_second() {
        let file = std::env::temp_dir().join(format!("xtask-serve-{}", std::process::id()));
        let path = file.display().to_string();
        let [(server, server_id), (mock, mock_id)] = ["server", "mock"].map(|name| start(name, &lasting(name, &path)));
        let interrupts = Interrupts::default();
        interrupts.0.store(true, Ordering::Relaxed);
        watch(server, mock, &interrupts).unwrap();
        let order = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(file).unwrap();
        assert_eq!(order, "server\nmock\n");
        assert!(test_kill_process(server_id).is_err() && test_kill_process(mock_id).is_err());
    }

    #[test]
    fn a_program_that_dies_takes_the_other_with_it() {
        for dies_first in [true, false] {
            let (dying, _) = start("the one", "echo '{}'; exit 3");
            let (other, other_id) = start("the other", "echo '{}'; exec tail -f /dev/null");
            let (first, second) = if dies_first { (dying, other) } else { (other, dying) };
            let failure = watch(first, second, &Interrupts::default()).unwrap_err();
            let message = failure.message().unwrap();
            assert!(message.contains("the one ended by itself (exit status: 3)"), "{message}");
            assert!(test_kill_process(other_id).is_err());
        }
    }

    #[test]
    fn a_program_that_does_not_become_ready_is_a_failure() {
        let failure = Program::start("the server", Command::new("sh").args(["-c", "exit 12"])).unwrap_err();
        assert!(failure.message().unwrap().contains("the server did not start"));
    }
}
