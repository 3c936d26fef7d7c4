//! From nothing to a stored connection: a mock org, a user with a browser, and the authorization in the component.

use std::path::Path;
use std::time::Instant;

use mock_salesforce::{ConnectedApp, DEMO_PASSWORD, MockSalesforce};
use salesforce_runtime::Connector;
use salesforce_runtime::egress::{EgressPolicy, Origin};

use super::browser::{Arrival, Browser};
use super::stage::{Stage, expect};
use crate::cli::Failure;
use salesforce_connections::{ConnectionFile, Document, Grant};
use salesforce_runtime::bindings::oauth::{self, Authorization, AuthorizationRequest};
use salesforce_runtime::bindings::types::CallOptions;

const CLIENT_ID: &str = "demo-workflow-service";
const CLIENT_SECRET: &str = "demo-secret-of-a-made-up-org";
/// Nobody listens there: the browser stops before it, and the host takes the query.
const CALLBACK: &str = "https://workflow.example.com/2017-09-01/integrations/salesforce/sso";
const USERNAME: &str = "alind@example.org";

/// Starts a mock with the demo's connected app.
///
/// # Errors
/// The mock, or standard output.
pub(super) async fn start_mock(stage: &mut Stage) -> Result<MockSalesforce, Failure> {
    stage.begin("A Salesforce in memory, with a connected app")?;
    let mock = MockSalesforce::builder()
        .connected_app(ConnectedApp {
            client_id: CLIENT_ID.to_owned(),
            client_secret: Some(CLIENT_SECRET.into()),
            callback_urls: vec![CALLBACK.to_owned()],
            scopes: ["api", "refresh_token", "id", "profile", "email"].map(str::to_owned).to_vec(),
            rotate_refresh_tokens: true,
            require_pkce: true,
            ..ConnectedApp::default()
        })
        .start()
        .await
        .map_err(|error| Failure::Local(error.to_string()))?;
    let accounts = mock.org(|org| org.count("Account"));
    stage.answered(&format!("{}, real HTTP; {accounts} accounts; PKCE required, refresh tokens rotate", mock.url()))?;
    stage.end()?;
    Ok(mock)
}

/// Connects: authorization request, login, consent, code exchange; the tokens end in `file`.
///
/// # Errors
/// Any step that does not do what it says.
pub(super) async fn connect(
    stage: &mut Stage,
    connector: &Connector,
    mock: &MockSalesforce,
    file: &Path,
    options: CallOptions,
) -> Result<ConnectionFile, Failure> {
    let app = oauth::ConnectedApp {
        login_url: mock.url().to_owned(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(CLIENT_SECRET.to_owned()),
    };
    let origin: Origin = mock.url().parse().map_err(|error| Failure::Demo(format!("the mock's address: {error}")))?;
    let policy = EgressPolicy::origins([origin]).allow_loopback();
    let authorization = begin(stage, connector, &app).await?;
    let callback = log_in(stage, mock.url(), &authorization.url).await?;

    stage.begin("The component exchanges the code for tokens; the host stores them")?;
    let (_, query) = callback.split_once('?').ok_or_else(|| Failure::Demo("the callback has no query".to_owned()))?;
    stage.asked("oauth.complete-authorization  state, PKCE verifier and client secret checked on the way")?;
    let file = ConnectionFile::at(file);
    let (execution, query, stored) = (connector.execution(policy), query.to_owned(), file.clone());
    let start = Instant::now();
    let exchange = async move {
        let tokens = execution.complete_authorization(&app, &authorization.pending, &query, options).await;
        let tokens = tokens.map_err(Failure::writing)?;
        let document =
            Document::new(Grant { app: &app, tokens: &tokens, api_version: None }).map_err(Failure::NotStored)?;
        stored.write(&document).map_err(Failure::Connection)?;
        Ok::<_, Failure>(tokens)
    };
    let tokens = salesforce_connections::uninterrupted(exchange).await?;
    stage.count(1, start.elapsed());
    let document = file.read().map_err(Failure::Connection)?;
    expect(tokens.signature_verified, "a token answer whose signature is right")?;
    expect(document.refresh_token().is_some(), "a refresh token")?;
    stage.answered(&format!(
        "scopes {}; Salesforce's signature verified; stored in {}, mode 0600",
        tokens.scopes.join(", "),
        file.path().display()
    ))?;
    stage.end()?;
    Ok(file)
}

async fn begin(stage: &mut Stage, connector: &Connector, app: &oauth::ConnectedApp) -> Result<Authorization, Failure> {
    stage.begin("The component begins an authorization")?;
    stage.asked(&format!("oauth.begin-authorization  app {CLIENT_ID}\ncallback {CALLBACK}"))?;
    let request = AuthorizationRequest {
        redirect_uri: CALLBACK.to_owned(),
        scopes: Vec::new(),
        prompt: None,
        login_hint: Some(USERNAME.to_owned()),
    };
    let start = Instant::now();
    // It sends nothing, so it may reach nothing.
    let execution = connector.execution(EgressPolicy::origins([]));
    let authorization = execution.begin_authorization(app, &request).await.map_err(Failure::reading)?;
    stage.count(1, start.elapsed());
    let (address, query) = authorization.url.split_once('?').unwrap_or((&authorization.url, ""));
    let names: Vec<_> = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned()).collect();
    expect(names.iter().any(|name| name == "code_challenge"), "a PKCE challenge in the address")?;
    stage.answered(&format!("{address}\nwith {}", names.join(", ")))?;
    stage.end()?;
    Ok(authorization)
}

async fn log_in(stage: &mut Stage, origin: &str, url: &str) -> Result<String, Failure> {
    stage.begin("A user's browser logs in and allows access")?;
    let lost = |error: String| Failure::Demo(format!("the browser is lost: {error}"));
    let mut browser = Browser::new(origin);
    let Arrival::Page(login) = browser.open(url).await.map_err(lost)? else {
        return Err(lost("expected the login page".to_owned()));
    };
    let credentials = [("username", USERNAME), ("password", DEMO_PASSWORD)];
    let Arrival::Page(consent) = browser.submit(&login, &credentials, "Login").await.map_err(lost)? else {
        return Err(lost("expected the consent page".to_owned()));
    };
    let Arrival::Elsewhere(callback) = browser.submit(&consent, &[], "oaapprove").await.map_err(lost)? else {
        return Err(lost("expected to be sent to the callback".to_owned()));
    };
    expect(callback.starts_with(&format!("{CALLBACK}?")), "to be sent to the registered callback")?;
    stage.asked(&browser.trail().join("\n"))?;
    stage.answered(&format!("sent back to {CALLBACK} with code and state"))?;
    stage.end()?;
    Ok(callback)
}
