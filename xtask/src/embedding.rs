//! `cargo xtask embedding`: the program of docs/EMBEDDING.md, built outside of the workspace as its reader would, and run
//! against the mock.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::clients::mock::RunningMock;
use crate::clients::report::Report;
use crate::failure::{Failure, Outcome};
use crate::hosts::asked;
use crate::{toolchain, workspace};

/// The account that the program creates.
const NAME: &str = "Made by the example of the page for embedders";

/// The program, where it runs, and an org.
struct Trial {
    program: PathBuf,
    folder: PathBuf,
    connection: PathBuf,
    harness: PathBuf,
    /// Ends with the trial.
    _mock: RunningMock,
}

/// Builds the program and runs it twice: a create that succeeds, and one that the org refuses.
pub(crate) fn run() -> Outcome {
    toolchain::ensure_wasm_target()?;
    let harness = workspace::harness()?;
    let trial = Trial::set(build()?, harness)?;

    let before = trial.accounts("SELECT COUNT() FROM Account")?;
    let began = Instant::now();
    let first = trial.run(&format!(r#"{{"Name": "{NAME}"}}"#))?;
    let first_took = began.elapsed();
    let compiled = trial.compiled()?;
    let began = Instant::now();
    let second = trial.run("{}")?;
    let second_took = began.elapsed();
    let created = trial.accounts(&format!("SELECT COUNT() FROM Account WHERE Name = '{NAME}'"))?;
    let after = trial.accounts("SELECT COUNT() FROM Account")?;

    let (told, refused) = (String::from_utf8_lossy(&first.stdout), String::from_utf8_lossy(&second.stderr));
    let complaint = String::from_utf8_lossy(&first.stderr);
    let checks = [
        ("the first run succeeds", expect(first.status.success(), &complaint)),
        ("it lists three accounts", expect(told.starts_with("3 accounts: [{"), &told)),
        ("it tells the new record's Id", expect(told.lines().any(|line| line.starts_with("created 001")), &told)),
        ("its compiled code is in the cache", expect(compiled.len() == 1, &format!("{compiled:?}"))),
        ("the second run, whose record has no name, fails", expect(!second.status.success(), "it succeeded")),
        ("it tells the kind of the error", expect(refused.contains("invalid-record: "), &refused)),
        ("it tells what may be done", expect(refused.contains("Nothing was created"), &refused)),
        ("it has compiled nothing", expect(trial.compiled()? == compiled, "the file in the cache is another")),
        ("the org has the record once", expect(created == 1, &format!("{created} of this name"))),
        ("and no other new one", expect(after == before + 1, &format!("{before} accounts before, {after} after"))),
    ];
    let title = format!("examples/embedding: {first_took:.1?} with the compilation, {second_took:.1?} without");
    let report = Report::of(title, checks.map(|(what, result)| (what.to_owned(), result)));
    println!("{report}\n{} passed, {} failed", report.passed(), report.failed());
    if report.failed() == 0 {
        Ok(())
    } else {
        Err(Failure::new("docs/EMBEDDING.md's example does not do what it says"))
    }
}

/// Into a target directory of its own: in the workspace's, cargo would take this build's connector and the workspace's for one,
/// and compile each anew in turn. Clippy's driver compiles the program, and so looks at it without a build for itself.
fn build() -> Outcome<PathBuf> {
    let target = workspace::target_folder("embedding")?;
    eprintln!("Building examples/embedding with its own lock file: some 200 crates the first time, in a few minutes.");
    let mut cargo = workspace::cargo();
    cargo.current_dir(sources()).env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
    cargo.args(["rustc", "--locked", "--target-dir"]).arg(&target).args(["--", "-D", "warnings"]);
    workspace::run(&mut cargo)?;
    Ok(target.join("debug").join(format!("embedding{}", std::env::consts::EXE_SUFFIX)))
}

fn sources() -> PathBuf {
    workspace::root().join("examples/embedding")
}

impl Trial {
    /// In an empty folder.
    fn set(program: PathBuf, harness: PathBuf) -> Outcome<Trial> {
        let folder = workspace::target_folder("embedding")?.join("run");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Failure::io(format!("remove {}", folder.display())))?;
        }
        fs::create_dir_all(&folder).map_err(Failure::io(format!("create {}", folder.display())))?;
        let connection = folder.join("connection.json");
        let mock = RunningMock::start_with_connection(&harness, &connection)?;
        Ok(Trial { program, folder, connection, harness, _mock: mock })
    }

    fn run(&self, fields: &str) -> Outcome<Output> {
        let mut program = Command::new(&self.program);
        program.current_dir(&self.folder).arg(&self.connection).arg(fields).stdin(Stdio::null());
        program.output().map_err(Failure::io(format!("start {}", self.program.display())))
    }

    /// What is in the cache of compiled code: each file's name, and what tells it from one that was written anew.
    fn compiled(&self) -> Outcome<Vec<(PathBuf, u64, i64, i64)>> {
        let cache = self.folder.join("code-cache");
        let file = |path: PathBuf| fs::metadata(&path).map(|it| (path, it.ino(), it.mtime(), it.mtime_nsec()));
        let files = fs::read_dir(&cache).and_then(|entries| entries.map(|entry| file(entry?.path())).collect());
        files.map_err(Failure::io(format!("look into {}", cache.display())))
    }

    /// What the org says of a `COUNT()`.
    fn accounts(&self, soql: &str) -> Outcome<u64> {
        let mut harness = Command::new(&self.harness);
        let page = asked(harness.arg("--connection").arg(&self.connection).args(["--json", "soql-query", soql]))?;
        let total = page.get("total_size").and_then(Value::as_u64);
        total.ok_or_else(|| Failure::new("expected a page with a total"))
    }
}

/// What was found is told where it is not as it must be.
fn expect(is_met: bool, found: &str) -> Result<(), String> {
    if is_met { Ok(()) } else { Err(found.trim().to_owned()) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use super::*;

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    #[test]
    fn the_page_for_embedders_shows_this_very_crate() {
        let page = read(&workspace::root().join("docs/EMBEDDING.md"));
        for (file, fence) in [("Cargo.toml", "toml"), ("src/main.rs", "rust,no_run")] {
            let block = format!("\n```{fence}\n{}```\n", read(&sources().join(file)));
            assert!(page.contains(&block), "docs/EMBEDDING.md has no block with the text of examples/embedding/{file}");
        }
    }

    #[test]
    fn its_lock_file_has_the_versions_of_the_workspace() {
        fn packages(lock: &str) -> HashSet<(&str, &str)> {
            let mut lines = lock.lines();
            let mut packages = HashSet::new();
            while let Some(line) = lines.next() {
                if let Some(name) = line.strip_prefix("name = ") {
                    packages.insert((name, lines.next().unwrap().strip_prefix("version = ").unwrap()));
                }
            }
            packages
        }
        let (own, workspace) = (read(&sources().join("Cargo.lock")), read(&workspace::root().join("Cargo.lock")));
        let (own, workspace) = (packages(&own), packages(&workspace));
        let others: Vec<_> = own.difference(&workspace).filter(|(name, _)| *name != "\"embedding\"").collect();
        assert!(own.len() > 100 && others.is_empty(), "{others:?}: see CONTRIBUTING.md");
    }
}
