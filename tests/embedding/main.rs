//! The program of docs/EMBEDDING.md, run twice against the mock: `cargo xtask embedding`, which builds it as its reader would.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a program for tests: what cannot go on stops it"
)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Output, Stdio};
use std::time::Instant;

use clap::Parser;
use support::harness::{Mock, asked};
use support::report::{Report, printed};

/// The account that the program creates.
const NAME: &str = "Made by the example of the page for embedders";

/// Runs the program of docs/EMBEDDING.md
#[derive(Parser)]
struct Arguments {
    /// The `harness` to run
    #[arg(long, value_name = "FILE")]
    harness: PathBuf,
    /// The program
    #[arg(long, value_name = "FILE")]
    program: PathBuf,
    /// Where it runs; emptied first
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
}

/// The program, where it runs, and an org.
struct Trial {
    program: PathBuf,
    folder: PathBuf,
    connection: PathBuf,
    harness: PathBuf,
    /// Ends with the trial.
    _mock: Mock,
}

/// A create that succeeds, and one that the org refuses.
fn main() -> ExitCode {
    let trial = Trial::set(Arguments::parse());
    let before = trial.accounts("SELECT COUNT() FROM Account");
    let began = Instant::now();
    let first = trial.run(&format!(r#"{{"Name": "{NAME}"}}"#));
    let first_took = began.elapsed();
    let compiled = trial.compiled();
    let began = Instant::now();
    let second = trial.run("{}");
    let second_took = began.elapsed();
    let created = trial.accounts(&format!("SELECT COUNT() FROM Account WHERE Name = '{NAME}'"));
    let after = trial.accounts("SELECT COUNT() FROM Account");

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
        ("it has compiled nothing", expect(trial.compiled() == compiled, "the file in the cache is another")),
        ("the org has the record once", expect(created == 1, &format!("{created} of this name"))),
        ("and no other new one", expect(after == before + 1, &format!("{before} accounts before, {after} after"))),
    ];
    let title = format!("examples/embedding: {first_took:.1?} with the compilation, {second_took:.1?} without");
    printed([Report::of(title, checks.map(|(what, result)| (what.to_owned(), result)))])
}

impl Trial {
    /// In an empty folder.
    fn set(Arguments { harness, program, folder }: Arguments) -> Trial {
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        let connection = folder.join("connection.json");
        let mock = Mock::start(&harness, &[OsStr::new("--connection"), connection.as_os_str()]);
        Trial { program, folder, connection, harness, _mock: mock }
    }

    fn run(&self, fields: &str) -> Output {
        let mut program = Command::new(&self.program);
        program.current_dir(&self.folder).arg(&self.connection).arg(fields).stdin(Stdio::null());
        program.output().expect("start the program")
    }

    /// What is in the cache of compiled code: each file's name, and what tells it from one that was written anew.
    fn compiled(&self) -> Vec<(PathBuf, u64, i64, i64)> {
        let file = |path: PathBuf| {
            let file = fs::metadata(&path).unwrap();
            (path, file.ino(), file.mtime(), file.mtime_nsec())
        };
        let entries = fs::read_dir(self.folder.join("code-cache")).unwrap();
        entries.map(|entry| file(entry.unwrap().path())).collect()
    }

    /// What the org says of a `COUNT()`.
    fn accounts(&self, soql: &str) -> u64 {
        let mut harness = Command::new(&self.harness);
        harness.arg("--connection").arg(&self.connection).args(["--json", "soql-query", soql]);
        asked(&mut harness).unwrap()["total_size"].as_u64().unwrap()
    }
}

/// What was found is told where it is not as it must be.
fn expect(is_met: bool, found: &str) -> Result<(), String> {
    if is_met { Ok(()) } else { Err(found.trim().to_owned()) }
}
