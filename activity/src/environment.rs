//! The settings that an engine gives in the environment: `wit/activity/types.wit` has their names.

use salesforce_connector::core::call_options::CallOptions;
use salesforce_connector::core::connection::Connection;
use salesforce_connector::core::error::{Error, Result};
use salesforce_connector::core::oauth::ConnectedApp;
use salesforce_connector::core::secret::Secret;

/// How a call gets its connection.
#[derive(Debug)]
pub enum Access {
    /// It is there.
    Connection(Connection),
    /// A token is asked for first.
    ClientCredentials(ConnectedApp),
    /// A token is asked for first, with a refresh token that must stay the same.
    Refresh(ConnectedApp, Secret),
}

/// All that a call needs beside its arguments.
#[derive(Debug)]
pub struct Settings {
    /// How it gets its connection.
    pub access: Access,
    /// API version, of a connection that is still to be made.
    pub api_version: Option<String>,
    /// Its limits.
    pub options: CallOptions,
}

impl Settings {
    /// Reads them. Variables with other names are left alone.
    ///
    /// # Errors
    /// `invalid-argument`, with the name of the variable and what was expected of it.
    pub fn parse(variables: &[(String, String)]) -> Result<Self> {
        let value = |name: &str| {
            let (_, value) = variables.iter().find(|(key, value)| key == name && !value.is_empty())?;
            Some(value.as_str())
        };
        let api_version = value("SF_API_VERSION");
        let access = match (value("SF_ACCESS_TOKEN"), value("SF_CLIENT_ID")) {
            (Some(token), None) => {
                let instance_url = required("SF_INSTANCE_URL", value("SF_INSTANCE_URL"))?;
                Access::Connection(Connection::parse(instance_url, token, api_version)?)
            }
            (None, Some(client_id)) => {
                let login_url = required("SF_LOGIN_URL", value("SF_LOGIN_URL"))?;
                let app = ConnectedApp::parse(login_url, client_id, value("SF_CLIENT_SECRET"))?.with_placeholders();
                match value("SF_REFRESH_TOKEN") {
                    Some(token) => Access::Refresh(app, Secret::parse("SF_REFRESH_TOKEN", token)?),
                    None => Access::ClientCredentials(app),
                }
            }
            (Some(_), Some(_)) => {
                return Err(expected("either SF_ACCESS_TOKEN or SF_CLIENT_ID, and both are set"));
            }
            (None, None) => {
                return Err(expected(
                    "SF_INSTANCE_URL and SF_ACCESS_TOKEN, or SF_LOGIN_URL and SF_CLIENT_ID with SF_CLIENT_SECRET or \
                     SF_REFRESH_TOKEN",
                ));
            }
        };
        let options = CallOptions::parse(
            number("SF_DEADLINE_MS", value("SF_DEADLINE_MS"))?,
            number("SF_MAX_RESPONSE_BYTES", value("SF_MAX_RESPONSE_BYTES"))?,
            None,
        )?;
        Ok(Self { access, api_version: api_version.map(Into::into), options })
    }
}

fn required<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str> {
    value.ok_or_else(|| expected(&[name, ", and it is missing"].concat()))
}

fn number<N: std::str::FromStr>(name: &str, value: Option<&str>) -> Result<Option<N>> {
    value.map(str::parse).transpose().map_err(|_| expected(&[name, " to be a number"].concat()))
}

fn expected(what: &str) -> Box<Error> {
    Error::invalid_argument("the activity's environment", what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(variables: &[(&str, &str)]) -> Result<Settings> {
        let variables: Vec<_> = variables.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        Settings::parse(&variables)
    }

    #[test]
    fn the_environment_says_how_a_call_gets_its_connection() {
        let url = ("SF_INSTANCE_URL", "https://x.my.salesforce.com");
        let login = ("SF_LOGIN_URL", "https://x.my.salesforce.com");
        let connection = parse(&[url, ("SF_ACCESS_TOKEN", "00D!PLACEHOLDER"), ("SF_DEADLINE_MS", "500")]).unwrap();
        assert!(matches!(connection.access, Access::Connection(_)));
        assert_eq!(connection.options.deadline_ms, 500);
        let credentials = parse(&[login, ("SF_CLIENT_ID", "KEY"), ("SF_CLIENT_SECRET", "S"), ("SF_ACCESS_TOKEN", "")]);
        assert!(matches!(credentials.unwrap().access, Access::ClientCredentials(_)));
        let refresh = parse(&[login, ("SF_CLIENT_ID", "KEY"), ("SF_REFRESH_TOKEN", "5Aep"), ("PATH", "/bin")]);
        assert!(matches!(refresh.unwrap().access, Access::Refresh(..)));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let url = ("SF_INSTANCE_URL", "https://x.my.salesforce.com");
        let token = ("SF_ACCESS_TOKEN", "SENTINEL");
        for (variables, named) in [
            (&[][..], "SF_INSTANCE_URL and SF_ACCESS_TOKEN, or"),
            (&[token], "SF_INSTANCE_URL, and it is missing"),
            (&[url, token, ("SF_CLIENT_ID", "KEY")], "both are set"),
            (&[("SF_CLIENT_ID", "KEY")], "SF_LOGIN_URL, and it is missing"),
            (&[url, token, ("SF_DEADLINE_MS", "soon")], "SF_DEADLINE_MS to be a number"),
            (&[url, token, ("SF_DEADLINE_MS", "0")], "deadline-ms"),
            (&[url, token, ("SF_API_VERSION", "67")], "api-version"),
            (&[("SF_INSTANCE_URL", "https://example.com"), token], "instance-url"),
        ] {
            let error = parse(variables).unwrap_err();
            assert!(error.message.contains(named), "{}", error.message);
            assert!(!error.message.contains("SENTINEL"));
        }
    }
}
