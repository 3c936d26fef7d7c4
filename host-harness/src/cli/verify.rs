//! `harness verify`.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::Args;
use salesforce_actions::bounded::Whole;
use salesforce_verify::{CompilerCommand, Finding, Report, Verdict, VerifyOptions};

use super::App;
use super::failure::Failure;
use super::output::write_line;

/// What this program is started with to be the compiler, over standard input and output. The component is untrusted, so that
/// process limits itself and may die of it.
pub(crate) const COMPILER: &str = "compile-for-verify";

const MIB: u64 = 1 << 20;

const HELP: &str = "\
A component that may run passes every check: the exit code is 0, otherwise 13. The limits are
those it will run under; raise them for a component that brings a language's runtime with it.

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
    /// Largest component, in MiB: 1 to 1,024
    #[arg(long, value_name = "MIB", default_value = "32")]
    size_mib: Whole<u64, 1, 1024>,
    /// Processor time to examine and compile it, in seconds: 1 to 3,600
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    compile_seconds: Whole<u64, 1, 3600>,
    /// Address space to examine and compile it, in MiB: 256 to 65,536
    #[arg(long, value_name = "MIB", default_value = "1024")]
    compile_memory_mib: Whole<u64, 256, 65536>,
    /// Linear memory of one call, in MiB: 1 to 4,096
    #[arg(long, value_name = "MIB", default_value = "64")]
    memory_mib: Whole<u64, 1, 4096>,
    /// Elements of one table: 1 to 10,000,000
    #[arg(long, value_name = "N", default_value = "20000")]
    table_elements: Whole<u64, 1, 10_000_000>,
    /// Time of one call, in seconds: 1 to 600
    #[arg(long, value_name = "SECONDS", default_value = "10")]
    call_seconds: Whole<u64, 1, 600>,
    /// Time of all calls together, in seconds: 1 to 3,600
    #[arg(long, value_name = "SECONDS", default_value = "120")]
    behaviour_seconds: Whole<u64, 1, 3600>,
}

impl Verify {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let report = match app.server()? {
            Some(server) => server.verify(&self.file).await?,
            None => salesforce_verify::verify_file(&self.file, &self.options()?)
                .await
                .map_err(|error| Failure::Local(format!("cannot verify {}: {error}", self.file.display())))?,
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

    fn options(&self) -> Result<VerifyOptions, Failure> {
        let mut options = VerifyOptions::new(this_program()?);
        options.component_bytes = self.size_mib.get() * MIB;
        options.compile_time = Duration::from_secs(self.compile_seconds.get());
        options.compile_memory = self.compile_memory_mib.get() * MIB;
        options.behaviour_time = Duration::from_secs(self.behaviour_seconds.get());
        options.limits.memory_bytes = usize::try_from(self.memory_mib.get() * MIB).unwrap_or(usize::MAX);
        options.limits.table_elements = usize::try_from(self.table_elements.get()).unwrap_or(usize::MAX);
        options.limits.deadline = Duration::from_secs(self.call_seconds.get());
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
