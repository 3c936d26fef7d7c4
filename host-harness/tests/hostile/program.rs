//! `harness verify`: what it prints, how it ends, and what it holds in memory.

use std::io::Write;
use std::process::{Command, Output};

use salesforce_runtime::component::CONNECTOR;
use serde_json::Value;

use crate::files::zeroes;
use crate::guest::Guest;

const PROGRAM: &str = env!("CARGO_BIN_EXE_harness");

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn verify(bytes: &[u8], arguments: &[&str]) -> Output {
    let file = file(bytes);
    Command::new(PROGRAM).arg("verify").arg(file.path()).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn our_own_connector_may_run() {
    let run = verify(CONNECTOR, &["--json"]);
    assert_eq!((run.status.code(), text(&run.stderr)), (Some(0), ""), "{}", text(&run.stdout));
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(report["may_run"], true);
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.len() > 40 && checks.iter().all(|check| check["verdict"] == "passed"), "{report}");
    assert_eq!(report["bytes"], CONNECTOR.len());
}

#[test]
fn one_that_may_not_run_has_its_own_exit_code_and_a_table_that_says_why() {
    let run = verify(b"not WebAssembly", &[]);
    assert_eq!(run.status.code(), Some(13));
    let table = text(&run.stdout);
    assert!(table.contains("component                 FAILED   it is a valid WebAssembly component\n"), "{table}");
    assert!(table.contains("but this is no WebAssembly\n") && table.contains("\nIt may not run."), "{table}");
    assert!(table.contains("loads                     not run  an earlier check failed"), "{table}");
    assert!(text(&run.stderr).contains("may not run: 1 of "), "{}", text(&run.stderr));
    let run = verify(b"not WebAssembly", &["--json"]);
    let error: Value = serde_json::from_slice(&run.stderr).unwrap();
    assert_eq!((&error["error"]["kind"], &error["error"]["exit_code"]), (&"may-not-run".into(), &13.into()));
}

#[test]
fn limits_are_options() {
    let (guest, small) = (Guest::IDLE.component(), ["--memory-mib", "1", "--behaviour-seconds", "1", "--json"]);
    let report: Value = serde_json::from_slice(&verify(&guest, &small).stdout).unwrap();
    let loads = report["checks"].as_array().unwrap().iter().find(|check| check["check"] == "loads").unwrap();
    assert_eq!(loads["verdict"], "failed", "it has 4 MiB from the start: {loads}");
}

#[test]
fn a_file_that_cannot_be_read_is_a_matter_of_this_machine() {
    let run = Command::new(PROGRAM).args(["verify", "/no/such/file.wasm"]).output().unwrap();
    assert_eq!((run.status.code(), text(&run.stdout)), (Some(12), ""));
    assert!(text(&run.stderr).contains("cannot verify /no/such/file.wasm: cannot read the component"));
}

/// In less memory than it would take to hold them once.
#[test]
#[cfg(target_os = "linux")]
fn three_hundred_megabytes_of_zeroes_are_refused_in_less_memory_than_they_are() {
    let zeroes = zeroes();
    let script = format!("ulimit -d 250000 && exec {PROGRAM} verify {}", zeroes.path().display());
    let run = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(run.status.code(), Some(13), "{}", text(&run.stderr));
    assert!(text(&run.stdout).contains("expected at most 33554432 bytes, found 300000000"), "{}", text(&run.stdout));
}
