//! The other end of [`examine`](super::examine): starts the process, hands it the component, and makes findings of what it says and
//! of how it ends.

use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use bytes::Bytes;
use rustix::process::Signal;
use salesforce_actions::Actions;

use super::VerifyError;
use super::examine::{Order, Said};
use super::options::VerifyOptions;
use super::report::{Check, Finding, Verdict};

/// Bytes that are read of what the process says.
const LONGEST_ANSWER: u64 = 1 << 20;

/// What the process finds out, in its order. The last is the failure if it found one, or died.
const STAGES: [Check; 5] = [Check::Component, Check::Imports, Check::Exports, Check::CompileTime, Check::CompileMemory];

/// Examines and compiles a component into the directory.
///
/// # Errors
///
/// [`VerifyError::Compiler`] if the process cannot be started.
pub(super) async fn run(
    wasm: Bytes,
    directory: &Path,
    options: &VerifyOptions,
) -> Result<(Vec<Finding>, Option<Actions>), VerifyError> {
    let order = Order {
        memory: options.compile_memory,
        seconds: options.compile_time.as_secs().max(1),
        wasm_stack_bytes: options.limits.wasm_stack_bytes,
        directory: directory.to_owned(),
    };
    let mut command = Command::new(&options.compiler.program);
    // What it reads may take it over: it gets none of this process's environment.
    command.args(&options.compiler.arguments).env_clear();
    let running = tokio::task::spawn_blocking(move || {
        let end = run_to_end(command, &order, &wasm)?;
        Ok(findings(&end, &order))
    });
    running.await.map_err(io::Error::other).flatten().map_err(VerifyError::Compiler)
}

/// How the process ended, and what it had said by then.
struct End {
    status: ExitStatus,
    said: Vec<u8>,
    complained: Vec<u8>,
    /// It did not end by itself.
    overdue: bool,
}

fn run_to_end(mut command: Command, order: &Order, wasm: &[u8]) -> io::Result<End> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(io::Error::other("there are no pipes to the process"));
    };
    let order_line = serde_json::to_vec(order)?;
    // The processor's limit ends a busy process; this ends one that waits, on a machine however slow.
    let patience = Duration::from_secs(order.seconds.saturating_mul(8).saturating_add(60));
    std::thread::scope(|threads| {
        threads.spawn(move || {
            // A process that has failed already reads no further: its answer says why.
            let _ =
                stdin.write_all(&order_line).and_then(|()| stdin.write_all(b"\n")).and_then(|()| stdin.write_all(wasm));
        });
        let complained = threads.spawn(move || read_all(stderr));
        let (said, hear) = channel();
        threads.spawn(move || said.send(read_all(stdout)));
        let in_time = hear.recv_timeout(patience);
        let overdue = in_time.is_err();
        if overdue {
            child.kill()?;
        }
        let said = in_time.or_else(|_| hear.recv()).unwrap_or_default();
        let complained = complained.join().unwrap_or_default();
        Ok(End { status: child.wait()?, said, complained, overdue })
    })
}

/// To the end; what is more than an answer may be is dropped.
fn read_all(mut from: impl Read) -> Vec<u8> {
    let mut text = Vec::new();
    let _ = from.by_ref().take(LONGEST_ANSWER).read_to_end(&mut text);
    let _ = io::copy(&mut from, &mut io::sink());
    text
}

fn findings(end: &End, order: &Order) -> (Vec<Finding>, Option<Actions>) {
    let (mut findings, mut actions) = (Vec::new(), None);
    for line in end.said.split(|byte| *byte == b'\n') {
        match serde_json::from_slice(line) {
            Ok(Said::Finding(finding)) if STAGES.contains(&finding.check) => findings.push(finding),
            Ok(Said::Actions(found)) => actions = Some(found),
            _ => {}
        }
    }
    let failed = findings.iter().any(|finding: &Finding| finding.verdict != Verdict::Passed);
    if !failed && let Some(stage) = STAGES.iter().find(|stage| !findings.iter().any(|known| known.check == **stage)) {
        findings.push(death(end, order, *stage));
    } else if !failed && actions.is_none() {
        findings.retain(|finding| finding.check != Check::Exports);
        findings.push(Finding::failed(Check::Exports, ["its actions were not told".to_owned()]));
    }
    (findings, actions)
}

/// What killed the process while it was at this stage.
fn death(end: &End, order: &Order, stage: Check) -> Finding {
    let at = |check| if stage == Check::CompileTime { check } else { stage };
    let signal = end.status.signal();
    if end.overdue || signal == Some(Signal::XCPU.as_raw()) {
        let why = format!("it took more than the {} s of processor time allowed", order.seconds);
        return Finding::failed(at(Check::CompileTime), [why]);
    }
    let complaint = String::from_utf8_lossy(&end.complained);
    if complaint.contains("memory allocation of") {
        let why = format!("it took more than the {} bytes of memory allowed", order.memory);
        return Finding::failed(at(Check::CompileMemory), [why]);
    }
    let last = complaint.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    Finding::failed(stage, [format!("the compiler ended with {}: {last}", end.status)])
}
