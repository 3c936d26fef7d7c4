//! `harness next-page`.

use clap::Args;
use salesforce_actions::Action;

use super::App;
use super::failure::Failure;
use super::page::PageOptions;

/// Fetch the page behind a cursor
///
/// The cursor is the `next` of a page of `soql-query` or of one of its `children`. It is good for two days and only for
/// the org that gave it; those of `children` end when the next page of their query is fetched. Prints a page as soql-query
/// does.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  harness next-page CURSOR")]
pub(crate) struct NextPage {
    /// The cursor
    cursor: String,
    #[command(flatten)]
    page: PageOptions,
}

impl NextPage {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        self.page.print(app, &Action::NextPage(self.cursor)).await
    }
}
