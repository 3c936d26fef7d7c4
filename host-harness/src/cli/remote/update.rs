//! `harness connections update`: a connection of the server is changed and keeps its id.

use std::path::PathBuf;

use clap::Args;
use salesforce_runtime::egress::LoginUrl;
use salesforce_runtime::secret::Secret;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Server;
use super::client::Call;
use crate::cli::failure::Failure;
use crate::cli::input;

/// Change a connection of a server; it keeps its id
///
/// By its name or id. A new client secret is used by the next refresh, so it mends a connection whose secret was
/// changed in Salesforce. A new client id ends the connection's tokens: its user has to allow access again. Prints the
/// connection as JSON; no secret.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    harness connections update acme --client-secret-file new.txt --server http://127.0.0.1:8713\n  \
    harness connections update acme --name 'ACME, production'")]
pub(super) struct Update {
    /// The connection; --connection-name names it as well
    #[arg(value_name = "NAME_OR_ID")]
    which: Option<String>,
    /// New name
    #[arg(long)]
    name: Option<String>,
    /// File with the new consumer secret; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "no_client_secret")]
    client_secret_file: Option<PathBuf>,
    /// Forget the consumer secret: the app has none
    #[arg(long)]
    no_client_secret: bool,
    /// Consumer key of another connected app; the secret must come with it
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Where users log in; only of a connection that is not active
    #[arg(long, value_name = "URL", value_parser = LoginUrl::from_typed)]
    login_url: Option<LoginUrl>,
    /// OAuth scope to ask for from the next authorization on; repeat it for several
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Option<Vec<String>>,
    /// API version to call, e.g. v67.0
    #[arg(long, value_name = "vNN.N")]
    api_version: Option<String>,
    /// Whether executions may call Apex REST with it: true or false
    #[arg(long, value_name = "BOOL")]
    apex_rest: Option<bool>,
}

/// What to change; none: it stays.
#[derive(Default, Serialize)]
pub(super) struct Change<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
    /// None within: the app has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_secret: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) login_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scopes: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) api_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) apex_rest: Option<bool>,
}

impl Update {
    pub(super) async fn run(self, server: &Server) -> Result<Box<RawValue>, Failure> {
        let secret = match &self.client_secret_file {
            None => None,
            Some(path) => Some(Secret::from(input::text(path).await?.trim_end_matches(['\r', '\n']).to_owned())),
        };
        let given = secret.as_ref().map(|secret| Some(secret.expose()));
        let change = Change {
            name: self.name.as_deref(),
            client_secret: if self.no_client_secret { Some(None) } else { given },
            client_id: self.client_id.as_deref(),
            login_url: self.login_url.as_ref().map(ToString::to_string),
            scopes: self.scopes.as_deref(),
            api_version: self.api_version.as_deref(),
            apex_rest: self.apex_rest,
        };
        if change.is_empty() {
            return Err(Failure::Usage("say what to change: see harness connections update --help".to_owned()));
        }
        let named = match (&self.which, &server.connection_name) {
            (Some(_), Some(_)) => Err("name the connection once: as NAME_OR_ID or with --connection-name"),
            (None, None) => Err("say which connection to change: harness connections update NAME_OR_ID"),
            (Some(name), None) | (None, Some(name)) => Ok(name),
        };
        let name = named.map_err(|words| Failure::Usage(words.to_owned()))?;
        server.change_connection(&server.connection_named(name).await?.id, &change).await
    }
}

impl Change<'_> {
    pub(super) fn is_empty(&self) -> bool {
        let Change { name, client_secret, client_id, login_url, scopes, api_version, apex_rest } = self;
        name.is_none()
            && client_secret.is_none()
            && client_id.is_none()
            && login_url.is_none()
            && scopes.is_none()
            && api_version.is_none()
            && apex_rest.is_none()
    }
}

impl Server {
    /// Changes a connection; the connection as JSON.
    ///
    /// # Errors
    /// The problem that the server told.
    pub(super) async fn change_connection(&self, id: &str, change: &Change<'_>) -> Result<Box<RawValue>, Failure> {
        let body = serde_json::to_vec(change).map_err(|error| Failure::Local(error.to_string()))?;
        self.read(Call::patch(&format!("/v1/connections/{id}"), body)).await
    }
}
