//! In a process of its own: reads a component and compiles it. This process may die of it.
//!
//! It is told what to do by one line of JSON on standard input ([`Order`]), after which the component's bytes follow. On
//! standard output it says what it found, one line of JSON for each finding, as soon as it is known: so whoever reads them knows how far it
//! came.

use std::io::{self, BufRead, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use rustix::process::{Resource, Rlimit, setpriority_process, setrlimit};
use salesforce_actions::Actions;
use serde::{Deserialize, Serialize};
use wasmparser::Validator;
use wasmparser::types::Types;

use super::report::{Check, Finding};
use super::types;
use salesforce_runtime::component::{self, CONNECTOR};
use salesforce_runtime::{Limits, compile_into, imports};

/// A tenth of what others have of a processor where all want it: a compiler that gets next to nothing runs out of its time.
const NICE: i32 = 10;

/// Bytes of JSON that describe a component's actions: the connector's take 40 KB, most of them its documentation.
const LARGEST_DESCRIPTION: usize = 256 << 10;

/// One line of what this process says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Said {
    /// The result of a check.
    Finding(Finding),
    /// What the component can be asked for.
    Actions(Actions),
}

/// What this process may use, and where compiled code goes.
#[derive(Serialize, Deserialize)]
pub(super) struct Order {
    /// Bytes of address space.
    pub(super) memory: u64,
    /// Seconds of processor time.
    pub(super) seconds: u64,
    /// As the runtime's limits have it: it is compiled into the code.
    pub(super) wasm_stack_bytes: usize,
    /// Where compiled code goes.
    pub(super) directory: PathBuf,
}

/// Serves as the compiler of one verification, over standard input and output. See
/// [`CompilerCommand`](super::CompilerCommand).
///
/// Call it before any thread is started, and do nothing afterwards: the limits that it sets are for the whole process.
#[must_use]
pub fn compile_in_this_process() -> ExitCode {
    match serve(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    let mut order = Vec::new();
    input.take(64 << 10).read_until(b'\n', &mut order)?;
    let order: Order = serde_json::from_slice(&order)?;
    // Whatever else this machine does is more urgent. Without it a verification is ruder, and as right.
    let _ = setpriority_process(None, NICE);
    limit(Resource::Core, 0, 0)?;
    // SIGXCPU at the first, which tells why; SIGKILL at the second.
    limit(Resource::Cpu, order.seconds, order.seconds.saturating_add(1))?;
    limit(Resource::As, order.memory, order.memory)?;
    let mut wasm = Vec::new();
    input.read_to_end(&mut wasm)?;
    examine(&wasm, order, |said| {
        serde_json::to_writer(&mut *output, &said)?;
        output.write_all(b"\n")?;
        output.flush()
    })
}

fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    Ok(setrlimit(resource, Rlimit { current: Some(soft), maximum: Some(hard) })?)
}

fn examine(wasm: &[u8], order: Order, mut say: impl FnMut(Said) -> io::Result<()>) -> io::Result<()> {
    let mut tell = |finding| say(Said::Finding(finding));
    let started = Instant::now();
    let found = match read(wasm) {
        Ok(found) => found,
        Err(why) => return tell(Finding::failed(Check::Component, [why]).since(started)),
    };
    tell(Finding::passed(Check::Component, None).since(started))?;

    let refused = imports::refused(found.imports);
    let imports = if refused.is_empty() {
        Finding::passed(Check::Imports, None)
    } else {
        let told = refused.iter().map(|name| format!("it imports {name}; this host offers {}", imports::offered()));
        Finding::failed(Check::Imports, told)
    };
    let imports_fit = refused.is_empty();
    tell(imports)?;

    let started = Instant::now();
    let expected = read(CONNECTOR).map_err(io::Error::other)?;
    let differences = types::differences(&expected.types, &expected.exports, &found.types, &found.exports);
    let actions = if differences.is_empty() { actions(wasm) } else { Err(differences) };
    let exports_fit = actions.is_ok();
    let exports = match &actions {
        Ok(actions) => Finding::passed(Check::Exports, named(actions)).noting(actions.near_misses()),
        Err(differences) => Finding::failed(Check::Exports, differences.iter().cloned()),
    };
    tell(exports.since(started))?;
    if let Ok(actions) = actions {
        say(Said::Actions(actions))?;
    }
    let mut tell = |finding| say(Said::Finding(finding));
    if !(imports_fit && exports_fit) {
        return Ok(());
    }

    let started = Instant::now();
    let limits = Limits { wasm_stack_bytes: order.wasm_stack_bytes, ..Limits::default() };
    if let Err(error) = compile_into(order.directory, &limits, wasm) {
        let error = error.to_string();
        let is_memory = error.contains("(os error 12)"); // ENOMEM
        let check = if is_memory { Check::CompileMemory } else { Check::CompileTime };
        return tell(Finding::failed(check, [error]).since(started));
    }
    let seconds = started.elapsed().as_secs_f64();
    tell(Finding::passed(Check::CompileTime, format!("{seconds:.1} s")).since(started))?;
    let peak = peak_memory().map(|mebibytes| format!("at most {mebibytes} MiB in use"));
    tell(Finding::passed(Check::CompileMemory, peak))
}

/// The actions of a valid component.
fn actions(wasm: &[u8]) -> Result<Actions, Vec<String>> {
    let actions = salesforce_actions::of_component(wasm).map_err(|error| vec![error.to_string()])?.documented();
    if actions.is_empty() {
        let none = "expected a function of the form func(connection, ..., options: call-options) -> result<T, error>, with the \
                    types of workflow:salesforce/types, in an exported interface; found none";
        return Err([&[none.to_owned()], actions.near_misses()].concat());
    }
    let bytes = serde_json::to_vec(&actions).map_or(usize::MAX, |json| json.len());
    if bytes > LARGEST_DESCRIPTION {
        let words =
            format!("expected actions that take at most {LARGEST_DESCRIPTION} bytes to describe, found {bytes}");
        return Err(vec![words]);
    }
    Ok(actions)
}

fn named(actions: &Actions) -> String {
    let names: Vec<_> = actions.iter().map(|action| action.name.as_str()).collect();
    format!("{}: {}", names.len(), names.join(", "))
}

/// A valid component.
struct Examined {
    imports: Vec<String>,
    exports: Vec<String>,
    types: Types,
}

fn read(wasm: &[u8]) -> Result<Examined, String> {
    let component::Description { imports, exports, .. } =
        component::describe(wasm).map_err(|error| error.to_string())?;
    let types = Validator::new().validate_all(wasm).map_err(|error| error.to_string())?;
    Ok(Examined { imports, exports, types })
}

/// The most memory that this process ever had in use, in MiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes.div_ceil(1024))
}
