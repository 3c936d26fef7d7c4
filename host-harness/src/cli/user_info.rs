//! `harness user-info`.

use clap::Args;

use super::App;
use super::failure::{Effect, Failure};
use salesforce_actions::json::UserIdentityView;

/// Show who the connection belongs to
///
/// Prints {"user_id":..,"organization_id":..,"username":..,"name":..,"email":..,"claims":{..}}.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  harness user-info")]
pub(crate) struct UserInfo {}

impl UserInfo {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        app.no_server("`harness user-info`")?;
        let options = app.call_options();
        let user = app
            .session()?
            .call(&(), async |execution, connection| execution.user_info(&connection, options).await)
            .await
            .map_err(Failure::session(Effect::Read))?;
        app.output.write(&UserIdentityView::new(&user)?)
    }
}
