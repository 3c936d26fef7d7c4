//! `harness completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::failure::Failure;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  harness completions bash > ~/.local/share/bash-completion/completions/harness")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<(), Failure> {
        // Into memory first: clap_complete panics if its writer fails, and a pipe may close.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::Cli::command(), "harness", &mut script);
        std::io::Write::write_all(&mut std::io::stdout().lock(), &script).map_err(Failure::Output)
    }
}
