//! `cargo xtask fuzz`: every target of `fuzz/` for a while, from the committed seeds, with what came of it in one table.
//!
//! What the fuzzer finds on its way is kept under `target/fuzz`, so the seeds stay as they are committed.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::failure::{Failure, Outcome, passed_on};
use crate::workspace;

const CARGO_FUZZ: &str = "0.13.2";

/// What one target did.
struct Run {
    target: String,
    /// libFuzzer's own figures, as it prints them; empty if it did not come so far.
    executions: String,
    coverage: String,
    corpus: String,
    /// The input that failed.
    finding: Option<PathBuf>,
}

/// Runs each target, or the one that is named, for so many seconds.
pub(crate) fn run(seconds: u32, only: Option<&str>) -> Outcome {
    let targets = targets()?;
    if let Some(only) = only
        && !targets.iter().any(|target| target == only)
    {
        return Err(Failure::usage(format!("there is no target {only}; expected one of {}", targets.join(", "))));
    }
    ensure_nightly()?;
    ensure_cargo_fuzz()?;
    passed_on(cargo_fuzz(&["build"]).status().map_err(Failure::io("start cargo fuzz"))?)?;

    let runs = side_by_side(targets.into_iter().filter(|target| only.is_none_or(|only| only == target)), seconds)?;
    print(&runs);
    let findings = runs.iter().filter(|run| run.finding.is_some()).count();
    if findings > 0 { Err(Failure::new(format!("{findings} target(s) failed, see above"))) } else { Ok(()) }
}

/// Each target has a processor for itself.
fn side_by_side(targets: impl Iterator<Item = String> + Send, seconds: u32) -> Outcome<Vec<Run>> {
    let waiting = Mutex::new(targets);
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let in_turn = || {
        let mut runs = Vec::new();
        while let Some(target) = next() {
            eprintln!("{target}: {seconds} s");
            runs.push(fuzz(target, seconds)?);
        }
        Ok(runs)
    };
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let runs = thread::scope(|scope| {
        let workers: Vec<_> = (0..processors).map(|_| scope.spawn(in_turn)).collect();
        let done = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        done.collect::<Outcome<Vec<Vec<Run>>>>()
    })?;
    let mut runs: Vec<_> = runs.into_iter().flatten().collect();
    runs.sort_by(|one, other| one.target.cmp(&other.target));
    Ok(runs)
}

/// Names of the targets: their files.
fn targets() -> Outcome<Vec<String>> {
    let entries = fs::read_dir(workspace::root().join("fuzz/fuzz_targets")).map_err(Failure::io("read fuzz/"))?;
    let name = |entry: std::io::Result<fs::DirEntry>| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned);
    let mut targets: Vec<_> = entries.filter_map(name).collect();
    targets.sort();
    Ok(targets)
}

fn ensure_nightly() -> Outcome {
    let rustc = Command::new("rustup").args(["run", "nightly", "rustc", "--version"]).output();
    if rustc.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    Err(Failure::new(
        "fuzzing needs a nightly compiler, which is not installed. Type: rustup toolchain install nightly --profile minimal",
    ))
}

fn ensure_cargo_fuzz() -> Outcome {
    let version = Command::new("cargo-fuzz").arg("--version").output();
    let installed = version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(CARGO_FUZZ));
    if installed {
        return Ok(());
    }
    eprintln!("Installing cargo-fuzz {CARGO_FUZZ}.");
    let status = workspace::cargo()
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .args(["install", "--locked", "--debug", &format!("cargo-fuzz@{CARGO_FUZZ}")])
        .status()
        .map_err(Failure::io("start cargo"))?;
    passed_on(status)
}

/// `cargo fuzz` on the nightly compiler. No sanitizer: there is no unsafe code to watch, and it costs half the speed.
fn cargo_fuzz(arguments: &[&str]) -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(workspace::root()).args(["run", "nightly", "cargo", "fuzz"]).args(arguments);
    // Those of the compiler that runs xtask.
    // A panic is the finding; cargo fuzz would print its own backtrace below it.
    command.env("RUST_BACKTRACE", "0");
    command.env_remove("CARGO").env_remove("RUSTC").env_remove("RUSTUP_TOOLCHAIN");
    command.args(["--fuzz-dir", "fuzz", "--sanitizer", "none"]);
    command
}

fn fuzz(target: String, seconds: u32) -> Outcome<Run> {
    let folder = workspace::target_folder("fuzz")?.join(&target);
    let [corpus, findings] = ["corpus", "findings"].map(|name| folder.join(name));
    let seeds = workspace::root().join("fuzz/seeds").join(&target);
    for folder in [&corpus, &findings] {
        fs::create_dir_all(folder).map_err(Failure::io("make a folder for what the fuzzer finds"))?;
    }
    let known = files(&findings);
    let mut command = cargo_fuzz(&["run"]);
    command.arg(&target).args([&corpus, &seeds]).arg("--");
    command.arg(format!("-max_total_time={seconds}")).args([
        "-print_final_stats=1",
        "-timeout=10",
        "-rss_limit_mb=2048",
    ]);
    command.arg(format!("-artifact_prefix={}/", findings.display()));
    let output =
        command.stdout(Stdio::inherit()).stderr(Stdio::piped()).output().map_err(Failure::io("start rustup"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    let figures = figures(&log);
    let figure = |name: &str| figures.get(name).cloned().unwrap_or_default();
    let finding = files(&findings).into_iter().find(|path| !known.contains(path));
    if !output.status.success() {
        eprintln!("{log}");
        if finding.is_none() {
            return Err(Failure::new(format!("{target} did not run, see above")));
        }
    }
    Ok(Run {
        target,
        executions: figure("executions"),
        coverage: format!("{} / {}", figure("cov"), figure("ft")),
        corpus: figure("corp"),
        finding,
    })
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).map_or_else(|_| Vec::new(), |entries| entries.flatten().map(|entry| entry.path()).collect())
}

/// `#1024 DONE cov: 512 ft: 1024 corp: 30/1Kb ...` and `stat::number_of_executed_units: 1024`.
fn figures(log: &str) -> BTreeMap<&str, String> {
    let mut figures = BTreeMap::new();
    for line in log.lines() {
        if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
            figures.insert("executions", count.trim().to_owned());
        }
        if line.starts_with('#') {
            let words: Vec<_> = line.split_whitespace().collect();
            for name in ["cov", "ft", "corp"] {
                let value = words.iter().position(|word| word.strip_suffix(':') == Some(name));
                if let Some(value) = value.and_then(|at| words.get(at + 1)) {
                    figures.insert(name, (*value).to_owned());
                }
            }
        }
    }
    figures
}

fn print(runs: &[Run]) {
    println!("{:<18} {:>12} {:>16} {:>14}", "target", "executions", "cov / features", "corpus");
    for run in runs {
        println!("{:<18} {:>12} {:>16} {:>14}", run.target, run.executions, run.coverage, run.corpus);
    }
    for (run, finding) in runs.iter().filter_map(|run| Some((run, run.finding.as_ref()?))) {
        println!("\n{} fails; to see it again:", run.target);
        println!("  cargo +nightly fuzz run --sanitizer none {} {}", run.target, finding.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_figures_of_a_log_are_read() {
        let log = "INFO: x\n#2\tINITED cov: 3 ft: 4 corp: 1/1b\n#1024\tDONE   cov: 51 ft: 60 corp: 30/1Kb lim: 4\n\
                   stat::number_of_executed_units: 1024\n";
        let figures = figures(log);
        let expected = [("corp", "30/1Kb"), ("cov", "51"), ("executions", "1024"), ("ft", "60")];
        assert_eq!(figures, expected.map(|(name, figure)| (name, figure.to_owned())).into());
    }
}
