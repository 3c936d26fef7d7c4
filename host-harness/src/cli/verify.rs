//! `harness verify`.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::Args;
use salesforce_actions::bounded::Whole;
use salesforce_verify::{CompilerCommand, Finding, Report, Verdict, VerifyError, VerifyOptions};

use super::app::{App, works_without_a_server_only};
use super::failure::Failure;
use super::input;
use super::output::write_line;

/// What this program is started with to be the compiler, over standard input and output. The component is untrusted, so that
/// process limits itself and may die of it.
pub(crate) const COMPILER: &str = "compile-for-verify";

const MIB: u64 = 1 << 20;

const HELP: &str = "\
A component that may run passes every check: the exit code is 0, otherwise 13. The limits are
those it will run under; raise them for a component that brings a language's runtime with it. A
server has its own: with --server none can be given.

Examples:
  harness verify mine.wasm
  harness verify mine.wasm --json | jq -r '.checks[] | select(.verdict != \"passed\")'
  harness verify javascript.wasm --memory-mib 128
  harness verify mine.wasm --server http://127.0.0.1:8713";

/// Check whether a component that somebody else built may run
///
/// What it is, what it imports and exports, what it costs to compile, and how it behaves against a Salesforce in memory
/// that tests the contract and plays the hostile server. The component is not trusted: it is compiled in a process of
/// its own with bounds, runs in the sandbox, and each call is bounded.
///
/// With --server it is uploaded: the server verifies it under its own limits, and keeps it to run (`--component`).
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Verify {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// Largest component, in MiB: 1 to 1,024 [default: 32]
    #[arg(long, value_name = "MIB")]
    size_mib: Option<Whole<u64, 1, 1024>>,
    /// Processor time to examine and compile it, in seconds: 1 to 3,600 [default: 60]
    #[arg(long, value_name = "SECONDS")]
    compile_seconds: Option<Whole<u64, 1, 3600>>,
    /// Address space to examine and compile it, in MiB: 256 to 65,536 [default: 1,024]
    #[arg(long, value_name = "MIB")]
    compile_memory_mib: Option<Whole<u64, 256, 65536>>,
    /// Linear memory of one call, in MiB: 1 to 4,096 [default: 64]
    #[arg(long, value_name = "MIB")]
    memory_mib: Option<Whole<u64, 1, 4096>>,
    /// Elements of one table: 1 to 10,000,000 [default: 20,000]
    #[arg(long, value_name = "N")]
    table_elements: Option<Whole<u64, 1, 10_000_000>>,
    /// Time of one call, in seconds: 1 to 600 [default: 10]
    #[arg(long, value_name = "SECONDS")]
    call_seconds: Option<Whole<u64, 1, 600>>,
    /// Time of all calls together, in seconds: 1 to 3,600 [default: 120]
    #[arg(long, value_name = "SECONDS")]
    behaviour_seconds: Option<Whole<u64, 1, 3600>>,
}

impl Verify {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let report = match app.server()? {
            Some(server) => {
                self.refuse_limits()?;
                server.verify(&self.file).await?
            }
            None => {
                let verified = match input::expect_file(&self.file) {
                    Ok(()) => salesforce_verify::verify_file(&self.file, &self.options()?).await,
                    Err(error) => Err(VerifyError::Read(error)),
                };
                verified.map_err(|error| Failure::Local(format!("cannot verify {}: {error}", self.file.display())))?
            }
        };
        if app.wants_json() {
            app.output.write(&report)?;
        } else {
            write_line(&mut anstream::stdout().lock(), &table(&report))?;
        }
        if report.may_run {
            return Ok(());
        }
        let count = |verdict| report.checks.iter().filter(|finding| finding.verdict == verdict).count();
        let (failed, not_run) = (count(Verdict::Failed), count(Verdict::NotRun));
        Err(Failure::MayNotRun(format!(
            "{} may not run: {failed} of {} checks failed, {not_run} were not run",
            self.file.display(),
            report.checks.len()
        )))
    }

    fn refuse_limits(&self) -> Result<(), Failure> {
        works_without_a_server_only(
            &[
                ("--size-mib", self.size_mib.is_some()),
                ("--compile-seconds", self.compile_seconds.is_some()),
                ("--compile-memory-mib", self.compile_memory_mib.is_some()),
                ("--memory-mib", self.memory_mib.is_some()),
                ("--table-elements", self.table_elements.is_some()),
                ("--call-seconds", self.call_seconds.is_some()),
                ("--behaviour-seconds", self.behaviour_seconds.is_some()),
            ],
            "a server verifies under its own limits",
        )
    }

    fn options(&self) -> Result<VerifyOptions, Failure> {
        let mut options = VerifyOptions::new(this_program()?);
        let seconds = |given: Whole<u64, 1, 3600>| Duration::from_secs(given.get());
        let size = |given: u64| usize::try_from(given).unwrap_or(usize::MAX);
        let (defaults, limits) = (options.clone(), options.limits.clone());
        options.component_bytes = self.size_mib.map_or(defaults.component_bytes, |given| given.get() * MIB);
        options.compile_time = self.compile_seconds.map_or(defaults.compile_time, seconds);
        options.compile_memory = self.compile_memory_mib.map_or(defaults.compile_memory, |given| given.get() * MIB);
        options.behaviour_time = self.behaviour_seconds.map_or(defaults.behaviour_time, seconds);
        options.limits.memory_bytes = self.memory_mib.map_or(limits.memory_bytes, |given| size(given.get() * MIB));
        options.limits.table_elements = self.table_elements.map_or(limits.table_elements, |given| size(given.get()));
        options.limits.deadline = self.call_seconds.map_or(limits.deadline, |given| Duration::from_secs(given.get()));
        Ok(options)
    }
}

/// This program, as the compiler of components that are not trusted.
///
/// # Errors
/// `Failure::Local`: it cannot be found.
pub(super) fn this_program() -> Result<CompilerCommand, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::Local(format!("cannot find this program, which is the compiler too: {error}")))?;
    Ok(CompilerCommand { program, arguments: vec![COMPILER.into()] })
}

/// One line for each check, and below it what was found.
fn table(report: &Report) -> String {
    let names: Vec<String> = report.checks.iter().map(|finding| finding.check.to_string()).collect();
    let width = names.iter().map(String::len).max().unwrap_or_default();
    let mut text = String::new();
    for (name, finding) in names.iter().zip(&report.checks) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:width$}  {}", line(finding));
        let below = match finding.verdict {
            Verdict::Failed => finding.details.as_slice(),
            Verdict::Passed => finding.details.get(1..).unwrap_or_default(),
            Verdict::DoesNotApply | Verdict::NotRun => &[],
        };
        for detail in below {
            let _ = writeln!(text, "{:width$}    {detail}", "");
        }
    }
    let verdict = if report.may_run { "It may run." } else { "It may not run." };
    let digest = report.sha256.as_deref().unwrap_or("not read");
    let _ = write!(text, "\n{verdict}  {} bytes, SHA-256 {digest}", report.bytes);
    text
}

fn line(finding: &Finding) -> String {
    let style = |colour: AnsiColor| Style::new().bold().fg_color(Some(colour.into()));
    let dim = Style::new().dimmed();
    match finding.verdict {
        Verdict::Passed => {
            let green = style(AnsiColor::Green);
            let measured = finding.details.first().map(|detail| format!(": {detail}")).unwrap_or_default();
            format!("{green}passed{green:#}   {}{measured}", finding.check.about())
        }
        Verdict::Failed => {
            let red = style(AnsiColor::Red);
            format!("{red}FAILED{red:#}   {}", finding.check.about())
        }
        Verdict::DoesNotApply => format!("{dim}does not apply  {}{dim:#}", finding.details.join("; ")),
        Verdict::NotRun => format!("{dim}not run  {}{dim:#}", finding.details.join("; ")),
    }
}
