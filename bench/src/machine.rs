//! The machine that a run is made on.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::{Context, Result};
use jiff::Timestamp;

use crate::results::Machine;

/// Versions of all dependencies, as they were built in.
const LOCK: &str = include_str!("../../Cargo.lock");

/// Asks the kernel and the tools.
pub(crate) fn describe() -> Result<Machine> {
    let memory = field("/proc/meminfo", "MemTotal")?;
    let memory: u64 = memory.trim_end_matches(" kB").parse().context("expected MemTotal in kB")?;
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").context("the kernel does not tell its release")?;
    Ok(Machine {
        processor: field("/proc/cpuinfo", "model name")?,
        cores: available_parallelism()?.get(),
        kernel: format!("Linux {}", release.trim()),
        memory_bytes: memory << 10,
        rustc: output("rustc", &["--version"])?,
        wasmtime: wasmtime_version().to_owned(),
        date: Timestamp::now().strftime("%Y-%m-%d").to_string(),
        commit: output("git", &["describe", "--always", "--dirty", "--exclude=*"])?,
    })
}

/// The version of wasmtime in `Cargo.lock`.
pub(crate) fn wasmtime_version() -> &'static str {
    let found = LOCK.split_once("name = \"wasmtime\"\nversion = \"").and_then(|(_, rest)| rest.split_once('"'));
    found.map_or("?", |(version, _)| version)
}

fn field(file: &str, name: &str) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
    let found = text.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.trim() == name);
    Ok(found.with_context(|| format!("{file} has no {name}"))?.1.trim().to_owned())
}

fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    let output = command.output().with_context(|| format!("cannot start {program}"))?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_about_the_machine_is_left_empty() {
        let Machine { processor, cores, kernel, memory_bytes, rustc, wasmtime, date, .. } = describe().unwrap();
        assert!(cores > 0 && memory_bytes > 1 << 20, "{cores} {memory_bytes}");
        assert!(
            !processor.is_empty() && kernel.starts_with("Linux ") && rustc.starts_with("rustc 1."),
            "{kernel} {rustc}"
        );
        assert!(wasmtime.split('.').count() == 3 && date.len() == 10, "{wasmtime} {date}");
    }
}
