//! Many executions at once, for a long time, with everything going wrong: `cargo xtask soak --minutes N --seed S`.
//!
//! Two tenants, each with an org of its own, call all actions through the real component in one runtime. Faults of HTTP
//! and of the wire strike at random, sessions expire, refresh tokens rotate. The time is cut into rounds; after each, the
//! orgs' ledgers are held against what callers were told, and only the runtime stays, so that the memory which is left is
//! the runtime's. It ends in a report, and with exit code 1 if a promise was broken.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a program for tests: what cannot go on stops it"
)]

mod balance;
mod calls;
mod chaos;
mod report;
mod round;
mod tenant;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use salesforce_runtime::component;
use salesforce_runtime::{Connector, Runtime, RuntimeOptions};

use report::Report;

const USAGE: &str = "Usage: soak --minutes N --seed S (N may be a fraction)";

/// How long one round takes. What it makes in the orgs is forgotten with it.
const ROUND: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    let Some((duration, seed)) = arguments() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let connector = connector();
    let mut report = Report::new(seed);
    let start = Instant::now();
    for number in 0.. {
        let left = duration.saturating_sub(start.elapsed());
        if left.is_zero() {
            break;
        }
        let round = round::run(&connector, seed, number, left.min(ROUND));
        let interrupted = tokio::select! {
            biased;
            done = round => { report.add(done); false }
            _ = tokio::signal::ctrl_c() => true,
        };
        report.print_progress(start.elapsed());
        if interrupted {
            eprintln!("interrupted: the last round is not in the report");
            break;
        }
    }
    report.print(start.elapsed());
    if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn connector() -> Connector {
    // Beside this program, so that the component is compiled once.
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("soak-compiled")));
    let options = RuntimeOptions { code_cache: beside, ..RuntimeOptions::default() };
    Runtime::new(options).unwrap().load(component::CONNECTOR).unwrap()
}

fn arguments() -> Option<(Duration, u64)> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [minutes_flag, minutes, seed_flag, seed] = arguments.as_slice() else { return None };
    let minutes: f64 = minutes.parse().ok().filter(|minutes| (0.0..=100_000.0).contains(minutes))?;
    let flags = minutes_flag == "--minutes" && seed_flag == "--seed";
    flags.then_some((Duration::from_secs_f64(minutes * 60.0), seed.parse().ok()?))
}
