//! `harness next-page`.

use clap::Args;

use super::App;
use super::failure::{Effect, Failure};
use host_harness::json::PageView;

/// Fetch the page behind a cursor
///
/// The cursor is the `next` of a page of `soql-query` or of one of its `children`. It is good for two days and only for
/// the org that gave it. Prints a page as soql-query does.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  harness next-page CURSOR")]
pub(crate) struct NextPage {
    /// The cursor
    cursor: String,
}

impl NextPage {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let options = app.call_options();
        let page = app
            .session()?
            .call(async |execution, document| execution.next_page(&document.connection(), &self.cursor, options).await)
            .await
            .map_err(Failure::session(Effect::Read))?;
        app.output.write(&PageView::new(&page)?)
    }
}
