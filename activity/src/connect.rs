//! From the environment to a connection, and from a failed action to the error that the engine gets.

use salesforce_connector::core::call_options::CallOptions;
use salesforce_connector::core::connection::Connection;
use salesforce_connector::core::error::{Error, ErrorKind, Outcome, Result};
use salesforce_connector::core::http::Transport;
use salesforce_connector::core::oauth::{self, TokenSet};
use salesforce_connector::transport::HttpTransport;

use crate::environment::{Access, Settings};
use crate::types::failed;
use crate::verdict::{Action, Token, Verdict};
use crate::world::exports::workflow::salesforce_activity::types as wit;
use crate::world::wasi::cli::environment::get_environment;

/// Runs an action with the connection and the limits of the environment. The limits hold for the grant and the action
/// together.
pub(crate) fn run<T>(
    action: Action,
    call: impl FnOnce(&mut HttpTransport, &Connection, &CallOptions) -> Result<T>,
) -> Result<T, wit::Error> {
    let mut session = Session::open()?;
    call(&mut session.transport, &session.connection, &session.options).map_err(|error| session.failed(*error, action))
}

/// What an action is run with. Not generic, so that all functions share the code.
struct Session {
    transport: HttpTransport,
    connection: Connection,
    options: CallOptions,
    token: Token,
}

impl Session {
    fn open() -> Result<Self, wit::Error> {
        let Settings { access, api_version, options } =
            Settings::parse(&get_environment()).map_err(|error| failed(*error, Verdict::Permanent))?;
        let mut transport = HttpTransport::start(&options);
        let (connection, token) = match access {
            Access::Connection(connection) => (connection, Token::Given),
            grant => {
                let connection = ask(&mut transport, &grant, api_version.as_deref(), &options).map_err(|error| {
                    let verdict = Verdict::of_grant(&error);
                    // What a caller needs to know is what became of the action.
                    failed(Error { outcome: Outcome::NotSent, ..*error }, verdict)
                })?;
                (connection, Token::Fresh)
            }
        };
        Ok(Self { transport, connection, options, token })
    }

    fn failed(&self, error: Error, action: Action) -> wit::Error {
        let verdict = Verdict::of(&error, action, self.token);
        failed(error, verdict)
    }
}

fn ask(
    transport: &mut dyn Transport,
    grant: &Access,
    api_version: Option<&str>,
    options: &CallOptions,
) -> Result<Connection> {
    let tokens = match grant {
        Access::Connection(connection) => return Ok(connection.clone()),
        Access::ClientCredentials(app) => oauth::client_credentials(transport, app, options)?,
        Access::Refresh(app, refresh_token) => {
            let tokens = oauth::refresh(transport, app, refresh_token, options)?;
            if tokens.refresh_token.as_ref().is_some_and(|new| new.expose() != refresh_token.expose()) {
                return Err(rotated());
            }
            tokens
        }
    };
    let TokenSet { instance, access_token, .. } = tokens;
    Connection::parse(&instance.url(), access_token.expose(), api_version)
}

fn rotated() -> Box<Error> {
    Error::new(
        ErrorKind::ReauthorizationRequired,
        Outcome::Rejected,
        "Salesforce rotated the refresh token, and an activity cannot store the new one: turn rotation off in the connected \
         app and authorize again, or use client credentials",
    )
}
