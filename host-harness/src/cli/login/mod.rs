//! `harness login`: from a connected app to a connection file.

mod callback;
mod flow;
mod jwt;

use std::path::PathBuf;

use clap::Args;
use salesforce_actions::bounded::Whole;
use salesforce_runtime::egress::LoginUrl;
use salesforce_runtime::secret::Secret;
use serde::Serialize;

use self::flow::Flow;
pub(crate) use self::flow::send_to;
use self::jwt::{Claims, SigningKey};
use super::app::{App, works_without_a_server_only};
use super::failure::Failure;
use super::input;
use super::remote::NewConnection;
use salesforce_connections::Document;
use salesforce_runtime::bindings::oauth::ConnectedApp;

const HELP: &str = r#"The connected app needs the callback URL
  http://localhost:8712/2017-09-01/integrations/salesforce/sso
(another --port means another callback URL) and the scopes "Manage user data via APIs (api)" and
"Perform requests at any time (refresh_token, offline_access)".

The client secret comes from --client-secret-file, from SALESFORCE_CLIENT_SECRET, or from a
prompt; a public app has none.

A connection made with a loopback --login-url (http://127.0.0.1:...) may reach loopback; no other
connection can.

With --server the connection is the server's, and the app needs the callback URL that
`harness serve` prints. If there is one of the same --connection-name and app, it takes the client
secret, scopes and API version that are given, and its user is asked again.

Examples:
  harness login --client-id 3MVG9...
  harness login --client-id 3MVG9... --login-url https://test.salesforce.com \
      --client-secret-file secret.txt
  harness login --client-id 3MVG9... --login-url https://example.my.salesforce.com \
      --client-credentials
  harness login --client-id 3MVG9... --jwt-key server.key --username ada@example.com
  harness login --client-id 3MVG9... --server http://127.0.0.1:8713 --connection-name acme"#;

/// Connect to an org and store the connection
///
/// Runs the OAuth authorization-code flow with PKCE in the component: opens the browser at Salesforce's login page, waits
/// on loopback for its callback, exchanges the code, and writes the connection file, readable by you alone. Prints who
/// has logged in; no token.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Login {
    /// Where users log in: https://login.salesforce.com, https://test.salesforce.com, the org's My Domain (its name
    /// will do, e.g. acme), or an Experience Cloud site with its path
    #[arg(long, value_name = "URL", value_parser = LoginUrl::from_typed, default_value = "https://login.salesforce.com")]
    login_url: LoginUrl,
    /// Consumer key of the connected app
    #[arg(long, value_name = "ID", env = "SALESFORCE_CLIENT_ID")]
    client_id: String,
    /// File that holds the consumer secret
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// API version to call, e.g. v67.0 [default: the component's]
    #[arg(long, value_name = "vNN.N")]
    api_version: Option<String>,
    #[command(flatten)]
    browser: BrowserOptions,
    /// Log in as the user that the app is set up with, without a browser (client-credentials flow)
    #[arg(long, conflicts_with_all = ["BrowserOptions", "jwt_key"])]
    client_credentials: bool,
    /// Log in with a JWT signed by this RSA key (PEM), without a browser (JWT bearer flow)
    #[arg(long, value_name = "FILE", requires = "username", conflicts_with = "BrowserOptions")]
    jwt_key: Option<PathBuf>,
    /// With --jwt-key: the user to log in as
    #[arg(long, value_name = "NAME", requires = "jwt_key")]
    username: Option<String>,
    /// With --jwt-key: the audience of the JWT [default: the login URL]
    #[arg(long, value_name = "URL", requires = "jwt_key")]
    audience: Option<String>,
}

/// Options of the authorization-code flow.
#[derive(Debug, Args)]
#[group(multiple = true)]
struct BrowserOptions {
    /// OAuth scope to ask for; repeat it for several [default: api and refresh_token]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// What to ask the user again: login, consent, select_account, or several separated by a space
    #[arg(long, value_name = "PROMPT")]
    prompt: Option<String>,
    /// User name to fill in on the login page
    #[arg(long, value_name = "NAME")]
    login_hint: Option<String>,
    /// Port of the callback on loopback: 0 to 65,535, where 0 is any free one [default: 8712]
    #[arg(long, value_name = "PORT")]
    port: Option<Whole<u16, 0, 65_535>>,
    /// Print the address instead of opening a browser
    #[arg(long)]
    no_browser: bool,
}

/// What is printed.
#[derive(Serialize)]
struct LoggedIn<'a> {
    connection: String,
    instance_url: &'a str,
    username: Option<String>,
    name: Option<String>,
    organization_id: Option<String>,
    scopes: &'a [String],
    refreshable: bool,
    signature_verified: bool,
}

/// The callback URL that a connected app registers for this program.
pub(crate) fn default_callback_url() -> String {
    callback::url(flow::DEFAULT_PORT)
}

impl Login {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        if let Some(server) = app.server()? {
            let new = self.at_server().await?;
            return app.output.write(&server.log_in(new).await?);
        }
        if !self.login_url.is_salesforce() && !self.login_url.is_loopback() {
            let host = self.login_url.origin().authority();
            anstream::eprintln!(
                "warning: {host} is not a host of Salesforce's; the consumer secret and the login go there"
            );
        }
        let secret = input::client_secret(self.client_secret_file.as_deref(), self.jwt_key.is_none()).await?;
        let connector = app.oauth_connector()?;
        let flow = Flow {
            connector: connector.clone(),
            login_url: self.login_url.clone(),
            app: self.connected_app(secret),
            api_version: self.api_version.clone(),
            file: app.connection_file()?,
            options: app.call_options(),
        };
        let file = flow.file.path().display().to_string();
        let (document, signature_verified) = self.log_in(flow).await?;
        let stored = document.stored();
        let user = connector.execution(stored.policy()).user_info(&stored.connection(), app.call_options()).await;
        let user = user
            .inspect_err(|error| {
                anstream::eprintln!("warning: the login is stored, but who it is cannot be read: {error}")
            })
            .ok();
        app.output.write(&LoggedIn {
            connection: file,
            instance_url: &document.instance_url().to_string(),
            username: user.as_ref().and_then(|user| user.username.clone()),
            name: user.as_ref().and_then(|user| user.name.clone()),
            organization_id: user.map(|user| user.organization_id),
            scopes: document.scopes(),
            refreshable: document.refresh_token().is_some(),
            signature_verified,
        })
    }

    /// The connection to make at a server, which has a callback of its own.
    async fn at_server(self) -> Result<NewConnection, Failure> {
        let browser = self.browser;
        works_without_a_server_only(
            &[
                ("--client-credentials", self.client_credentials),
                ("--jwt-key", self.jwt_key.is_some()),
                ("--prompt", browser.prompt.is_some()),
                ("--login-hint", browser.login_hint.is_some()),
                ("--port", browser.port.is_some()),
            ],
            "a server sends its users to Salesforce",
        )?;
        Ok(NewConnection {
            client_secret: input::client_secret(self.client_secret_file.as_deref(), true).await?,
            login_url: self.login_url,
            client_id: self.client_id,
            api_version: self.api_version,
            scopes: browser.scopes,
            open_browser: !browser.no_browser,
        })
    }

    async fn log_in(self, flow: Flow) -> Result<(Document, bool), Failure> {
        if self.client_credentials {
            return flow.client_credentials().await;
        }
        let (Some(key), Some(username)) = (&self.jwt_key, &self.username) else {
            return flow.authorization_code(self.browser).await;
        };
        let key = SigningKey::read(key).map_err(Failure::Local)?;
        let audience = self.audience.unwrap_or_else(|| self.login_url.to_string());
        let claims = Claims { issuer: &self.client_id, subject: username, audience: &audience };
        flow.jwt_bearer(key.assertion(claims).map_err(Failure::Local)?).await
    }

    fn connected_app(&self, secret: Option<Secret>) -> ConnectedApp {
        ConnectedApp {
            login_url: self.login_url.to_string(),
            client_id: self.client_id.clone(),
            client_secret: secret.map(|secret| secret.expose().to_owned()),
        }
    }
}
