//! demo
use crate::cli::{App, Failure};
use clap::Args;
/// x
#[derive(Debug, Args)]
#[command(after_help = "harness demo")]
pub(crate) struct Demo {}
impl Demo {
    pub(crate) async fn run(self, _app: &App) -> Result<(), Failure> {
        Ok(())
    }
}
