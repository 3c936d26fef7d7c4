//! `harness introspect`.

use clap::{Args, ValueEnum};

use super::App;
use super::failure::Failure;
use salesforce_actions::json::IntrospectionView;
use salesforce_runtime::bindings::oauth::TokenType;

/// Ask Salesforce whether the stored token is active
///
/// Needs a connected app with a client secret. Prints {"active":true,"scopes":[..],"username":..,"exp":..}; times are in
/// seconds since 1970. Does not refresh an expired session.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  harness introspect\n  harness introspect --of refresh")]
pub(crate) struct Introspect {
    /// Which of the stored tokens
    #[arg(long = "of", value_name = "TOKEN", value_enum, default_value_t = Which::Access)]
    which: Which,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Which {
    Access,
    Refresh,
}

impl Introspect {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        app.no_server("`harness introspect`")?;
        let file = app.connection_file()?;
        let document = file.read().map_err(Failure::Connection)?;
        let (token, kind) = match self.which {
            Which::Access => (Some(document.access_token()), TokenType::AccessToken),
            Which::Refresh => (document.refresh_token(), TokenType::RefreshToken),
        };
        let token = token.ok_or_else(|| Failure::LoggedOut {
            why: "this connection has no refresh token".to_owned(),
            has_refresh_token: false,
        })?;
        let stored = document.stored();
        let execution = app.oauth_connector()?.execution(stored.policy());
        let introspection = execution.introspect(&stored.app(), token.expose(), kind, app.call_options()).await;
        app.output
            .write(&IntrospectionView::new(&introspection.map_err(|error| Failure::reading(error).of_file(&file))?))
    }
}
