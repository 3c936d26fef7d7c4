//! Failures of calls and refreshes with a stored connection.

use salesforce_connections::{ConnectionError, ConnectionFile, HealingError, SessionError};

use super::{Effect, Failure};
use salesforce_runtime::bindings::types::{Error, ErrorKind};

impl Failure {
    /// Of a call with a stored connection.
    pub(crate) fn session(effect: Effect) -> impl Fn(SessionError<ConnectionError>) -> Failure {
        move |error| match error {
            SessionError::Store(error) => Failure::Connection(error),
            SessionError::Call(error) => Failure::Call(error, effect),
            SessionError::NotHealed(refused, why) => match Failure::healing(*why) {
                // No refresh was sent: the refusal is all that Salesforce has said.
                Failure::LoggedOut { why, has_refresh_token } => {
                    let why = format!("the session has expired, and {why} ({refused})");
                    Failure::LoggedOut { why, has_refresh_token }
                }
                Failure::Refresh { error, .. } => Failure::Refresh { error, of_a_call: true },
                failure => failure,
            },
        }
    }

    /// The same of a call with the connection in this file: what the component does not take of the connection is no argument of
    /// the user's.
    pub(crate) fn of_file(self, file: &ConnectionFile) -> Failure {
        const MEMBERS: [(&str, &str); 7] = [
            ("instance-url: ", "instance_url"),
            ("access-token: ", "access_token"),
            ("api-version: ", "api_version"),
            ("login-url: ", "login_url"),
            ("client-id: ", "client_id"),
            ("client-secret: ", "client_secret"),
            ("refresh-token: ", "refresh_token"),
        ];
        let refused = self.connector_error().filter(|error| error.kind == ErrorKind::InvalidArgument);
        let of_member = |error: &Error| {
            let named = |(name, member)| Some((member, error.message.strip_prefix(name)?.to_owned()));
            MEMBERS.into_iter().find_map(named)
        };
        match refused.and_then(of_member) {
            Some((member, problem)) => {
                let path = file.path().to_owned();
                Failure::Connection(ConnectionError::Unusable { path, member, problem })
            }
            None => self,
        }
    }

    /// Of a refresh.
    pub(crate) fn healing(error: HealingError<ConnectionError>) -> Failure {
        let why = error.to_string();
        match error {
            HealingError::Store(error) => Failure::Connection(error),
            HealingError::Refresh(error) | HealingError::Refused(error) => Failure::Refresh { error, of_a_call: false },
            HealingError::NotStored(_) => Failure::NotStored(why),
            HealingError::NoRefreshToken | HealingError::AnswerLost => {
                Failure::LoggedOut { why, has_refresh_token: false }
            }
            HealingError::Unfinished => Failure::LoggedOut { why, has_refresh_token: true },
            HealingError::Busy | HealingError::Panicked => Failure::Local(why),
        }
    }
}
