//! Measures the connector beside its peers, all against one organisation whose answers are prepared: see
//! `cargo xtask bench`.

mod measurement;
mod process;
mod work;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Measures the connector beside its peers")]
enum Command {
    /// One row of the table of executions in flight, as a line of JSON.
    InFlight(work::in_flight::Options),
}

fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::InFlight(options) => work::in_flight::run(&options),
    }
}
