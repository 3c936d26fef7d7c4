//! `harness mock`.
use super::{App, failure::Failure};
use clap::Args;
/// x
#[derive(Debug, Args)]
#[command(after_help = "harness mock")]
pub(crate) struct Mock {}
impl Mock {
    pub(crate) async fn run(self, _app: &App) -> Result<(), Failure> {
        std::future::pending().await
    }
}
