//! `harness login --server`: a connection of the server, and its user's consent.

use std::time::Duration;

use salesforce_runtime::egress::LoginUrl;
use salesforce_runtime::secret::Secret;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Server;
use super::client::Call;
use super::connections::Connection;
use super::failure::ServerFailure;
use super::update::Change;
use crate::cli::failure::{Effect, Failure};
use crate::cli::login::send_to;

/// How often the server is asked whether the user has come back.
const LOOK: Duration = Duration::from_secs(1);

/// A connection to make.
pub(crate) struct NewConnection {
    pub(crate) login_url: LoginUrl,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) api_version: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) open_browser: bool,
}

#[derive(Serialize)]
struct Create<'a> {
    name: &'a str,
    login_url: String,
    client_id: &'a str,
    client_secret: Option<&'a str>,
    api_version: Option<&'a str>,
    scopes: &'a [String],
}

#[derive(Deserialize)]
struct Authorization {
    url: String,
    expires_at: String,
}

impl Server {
    /// Makes the connection, or, if there is one of its name for the same app, changes what is given of it; sends the user to
    /// Salesforce, and waits until it has tokens or the authorization has failed; the connection as JSON.
    ///
    /// # Errors
    /// The problem that the server told, or the user's refusal.
    pub(crate) async fn log_in(&self, new: NewConnection) -> Result<Box<RawValue>, Failure> {
        let before = self.made(&new).await?;
        let path = format!("/v1/connections/{}", before.id);
        let begin = format!("{path}/authorize");
        let authorization: Authorization = self.read(Call::post(&begin, "{}", Effect::Read)).await?;
        send_to(&authorization.url, new.open_browser);
        loop {
            let told: Box<RawValue> = self.read(Call::get(&path)).await?;
            let now: Connection =
                serde_json::from_str(told.get()).map_err(|error| self.client.strange(&error, Effect::Read))?;
            if now.is_active() && now.generation > before.generation {
                return Ok(told);
            }
            if now.refusal != before.refusal
                && let Some(refusal) = now.refusal
            {
                return Err(ServerFailure::not_allowed(refusal.reason).into());
            }
            if now.client_id != before.client_id || now.login_url != before.login_url {
                let changed = "the connection was changed to another app meanwhile";
                return Err(ServerFailure::not_allowed(changed.to_owned()).into());
            }
            let ends = authorization.expires_at.parse::<jiff::Timestamp>();
            if ends.is_ok_and(|ends| jiff::Timestamp::now() > ends) {
                let late = "nobody has allowed access in the time that the link was good";
                return Err(ServerFailure::not_allowed(late.to_owned()).into());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn made(&self, new: &NewConnection) -> Result<Connection, Failure> {
        let login_url = new.login_url.to_string();
        let host = login_url.split_once("://").map_or(login_url.as_str(), |(_, host)| host);
        let name = self.connection_name.as_deref().unwrap_or(host);
        let known = self.connections().await?.into_iter();
        match known.into_iter().find(|known| known.name == name || known.id == name) {
            Some(known) if known.client_id == new.client_id && known.login_url == login_url => {
                let change = Change {
                    client_secret: new.client_secret.as_ref().map(|secret| Some(secret.expose())),
                    api_version: new.api_version.as_deref(),
                    scopes: (!new.scopes.is_empty()).then_some(new.scopes.as_slice()),
                    ..Change::default()
                };
                if change.is_empty() {
                    return Ok(known);
                }
                let changed = self.change_connection(&known.id, &change).await?;
                serde_json::from_str(changed.get()).map_err(|error| self.client.strange(&error, Effect::Read))
            }
            Some(known) => Err(Failure::Usage(format!(
                "the server has a connection {} already, to {} with client id {}: choose another --connection-name, or \
                 change it with `harness connections update`",
                known.name, known.login_url, known.client_id
            ))),
            None => {
                let create = Create {
                    name,
                    login_url: login_url.clone(),
                    client_id: &new.client_id,
                    client_secret: new.client_secret.as_ref().map(Secret::expose),
                    api_version: new.api_version.as_deref(),
                    scopes: &new.scopes,
                };
                let body = serde_json::to_vec(&create).map_err(|error| Failure::Local(error.to_string()))?;
                self.read(Call::post("/v1/connections", body, Effect::Read)).await
            }
        }
    }
}
