//! The reliability figures of `harness serve`: `cargo xtask reliability [storm|kill|rotation|fairness|stream|busy|clients|memory|disk]`.
//!
//! Each program runs real server processes against a mock org in this process, prints what it measured, and ends with exit
//! code 1 and words when a promise does not hold. docs/RELIABILITY.md says what the figures mean.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a program for tests: what cannot go on stops it"
)]

mod busy;
mod client;
mod clients;
mod disk;
mod fairness;
mod figures;
mod kill;
mod memory;
mod org;
mod rotation;
mod server;
mod site;
mod storm;
mod stream;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

/// Measures the reliability of `harness serve`
#[derive(Parser)]
struct Arguments {
    /// What to measure; everything unless told otherwise
    program: Option<Program>,
    /// The `harness` to run
    #[arg(long, value_name = "FILE")]
    harness: PathBuf,
    /// Few rounds, and no bound on latency, which a busy machine would break
    #[arg(long)]
    quick: bool,
    /// Rounds of `kill` and `rotation`
    #[arg(long, value_name = "N", default_value = "200", default_value_if("quick", "true", "10"))]
    rounds: u32,
    /// Of the moments at which they kill
    #[arg(long, value_name = "S", default_value = "1")]
    seed: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Program {
    /// A hundred executions with the same expired session
    Storm,
    /// Processes killed while they refresh tokens
    Kill,
    /// The key changed under load, and processes killed meanwhile
    Rotation,
    /// What a tenant notices of another's flood
    Fairness,
    /// A hundred thousand records to a slow reader
    Stream,
    /// What a tenant notices of another's busy components
    Busy,
    /// What a tenant notices of clients that are slow or half-open
    Clients,
    /// The most memory that a full server takes
    Memory,
    /// A disk that fills up while records are created
    Disk,
}

/// What did not hold, in words; empty when everything did.
type Broken = Vec<String>;

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { program, harness, quick, rounds, seed } = Arguments::parse();
    let mut broken = Broken::new();
    for each in Program::value_variants() {
        if program.is_some_and(|only| only != *each) {
            continue;
        }
        broken.extend(match each {
            Program::Storm => storm::run(&harness).await,
            Program::Kill => kill::run(&harness, rounds, seed).await,
            Program::Rotation => rotation::run(&harness, rounds, seed).await,
            Program::Fairness => fairness::run(&harness, quick).await,
            Program::Stream => stream::run(&harness).await,
            Program::Busy => busy::run(&harness, quick).await,
            Program::Clients => clients::run(&harness, quick).await,
            Program::Memory => memory::run(&harness, quick).await,
            Program::Disk => disk::run(&harness, if quick { 3 } else { 20 }).await,
        });
    }
    for words in &broken {
        println!("\nBROKEN PROMISE {words}");
    }
    println!("\n{}", if broken.is_empty() { "Every promise was kept." } else { "A promise was broken." });
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
