//! Authorization, refresh, and what can be done with tokens.

use form_urlencoded::parse;

use super::bench::{Bench, DEFAULTS, TOKEN};
use super::expect::{Checked, Miss, expect, expect_error};
use super::needles::Kind;
use salesforce_runtime::bindings::oauth::{Authorization, AuthorizationRequest, TokenSet, TokenType};
use salesforce_runtime::bindings::types::{Connection, ErrorKind, Outcome};

impl Bench<'_> {
    pub(super) async fn begin(&self) -> Checked<Authorization> {
        let request = AuthorizationRequest {
            redirect_uri: self.material.callback.clone(),
            scopes: Vec::new(),
            prompt: Some("consent".to_owned()),
            login_hint: None,
        };
        let begun = self.execution().begin_authorization(&self.app(), &request).await;
        self.done("begin-authorization", begun)
    }

    /// The callback of a user who allows it.
    pub(super) fn callback(&self, authorization: &Authorization) -> Checked<String> {
        let callback = self.mock.allow(&authorization.url, &self.material.username);
        let callback =
            callback.map_err(|why| Miss(format!("Salesforce does not take the authorization URL: {why}")))?;
        let code = parse(callback.as_bytes()).find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
        self.keep_secret(Kind::Code, &code.unwrap_or_default());
        Ok(callback)
    }

    pub(super) async fn refresh(&self) -> Checked<TokenSet> {
        let refreshed = self.execution().refresh(&self.app(), &self.refresh_token, DEFAULTS).await;
        self.done("refresh", refreshed)
    }

    /// Whose token it is, according to the component.
    async fn username(&self, access_token: &str) -> Checked<Option<String>> {
        let connection = Connection { access_token: access_token.to_owned(), ..self.connection.clone() };
        let user = self.execution().user_info(&connection, DEFAULTS).await;
        Ok(self.done("user-info", user)?.username)
    }

    fn expect_tokens(&self, tokens: &TokenSet, what: &str) -> Checked {
        expect(tokens.instance_url == self.mock.url(), || format!("{what} for the org's own URL"))?;
        expect(tokens.signature_verified, || format!("the signature of {what} to be verified"))?;
        let identity = format!("{}/id/00D", self.mock.url());
        let named = tokens.identity_url.as_ref().is_some_and(|url| url.starts_with(&identity));
        expect(named && tokens.issued_at_ms.is_some(), || format!("the identity URL and issue time of {what}"))
    }
}

pub(super) async fn begin(bench: &Bench<'_>) -> Checked {
    let (first, second) = (bench.begin().await?, bench.begin().await?);
    expect(bench.requests() == 0, || "begin-authorization to send nothing".to_owned())?;
    let login = format!("{}/services/oauth2/authorize?", bench.mock.url());
    let query =
        first.url.strip_prefix(&login).ok_or_else(|| Miss(format!("expected a URL that begins with {login}")))?;
    let asked =
        |name: &str| parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", &bench.material.client_id),
        ("redirect_uri", &bench.material.callback),
        ("scope", "api refresh_token"),
        ("state", &first.pending.state),
        ("code_challenge_method", "S256"),
        ("prompt", "consent"),
    ] {
        expect(asked(name).as_deref() == Some(value), || format!("{name} in the URL to be what was asked for"))?;
    }
    let verifier = &first.pending.code_verifier;
    expect((43..=128).contains(&verifier.len()), || "a code verifier of 43 to 128 characters".to_owned())?;
    expect(first.pending.state.len() >= 22, || "a state of at least 128 bits".to_owned())?;
    expect(first.pending.redirect_uri == bench.material.callback, || {
        "the pending callback URL to be the one given".to_owned()
    })?;
    expect(!first.url.contains(verifier.as_str()), || "the verifier to stay out of the URL".to_owned())?;
    let differ = first.pending.state != second.pending.state && *verifier != second.pending.code_verifier;
    expect(differ, || "a new state and a new verifier each time".to_owned())
}

pub(super) async fn complete(bench: &Bench<'_>) -> Checked {
    let authorization = bench.begin().await?;
    let callback = bench.callback(&authorization)?;
    let completed =
        bench.execution().complete_authorization(&bench.app(), &authorization.pending, &callback, DEFAULTS).await;
    let tokens = bench.done("complete-authorization", completed)?;
    bench.expect_tokens(&tokens, "the tokens of an authorization")?;
    expect(tokens.scopes == ["api", "refresh_token"], || "the scopes api and refresh_token".to_owned())?;
    expect(tokens.refresh_token.is_some(), || "a refresh token".to_owned())?;
    expect(bench.username(&tokens.access_token).await?.as_ref() == Some(&bench.material.username), || {
        "an access token of the user who allowed it".to_owned()
    })?;
    let again =
        bench.execution().complete_authorization(&bench.app(), &authorization.pending, &callback, DEFAULTS).await;
    let error = bench.refused("complete-authorization", again)?;
    expect_error(&error, ErrorKind::ReauthorizationRequired, Outcome::Rejected, "for a code that was used")
}

pub(super) async fn refresh(bench: &Bench<'_>) -> Checked {
    let tokens = bench.refresh().await?;
    bench.expect_tokens(&tokens, "the tokens of a refresh")?;
    let rotated = tokens.refresh_token.as_ref().is_some_and(|token| *token != bench.refresh_token);
    expect(rotated, || "the rotated refresh token".to_owned())?;
    bench.mock.set_rotation(&bench.material.client_id, false).map_err(|error| Miss(error.to_string()))?;
    let kept = tokens.refresh_token.unwrap_or_default();
    let same = bench.execution().refresh(&bench.app(), &kept, DEFAULTS).await;
    let same = bench.done("refresh", same)?;
    expect(same.refresh_token.as_deref() == Some(&*kept), || {
        "the refresh token that was passed in, where Salesforce sends none".to_owned()
    })?;
    let gone = bench.execution().refresh(&bench.app(), bench.plant(), DEFAULTS).await;
    let error = bench.refused("refresh", gone)?;
    expect_error(&error, ErrorKind::ReauthorizationRequired, Outcome::Rejected, "for a refresh token that is gone")
}

pub(super) async fn client_credentials(bench: &Bench<'_>) -> Checked {
    let tokens = bench.execution().client_credentials(&bench.app(), DEFAULTS).await;
    let tokens = bench.done("client-credentials", tokens)?;
    bench.expect_tokens(&tokens, "the app's tokens")?;
    expect(tokens.refresh_token.is_none(), || "no refresh token of an app".to_owned())?;
    let mut app = bench.app();
    app.client_secret = Some(bench.plant().to_owned());
    let wrong = bench.execution().client_credentials(&app, DEFAULTS).await;
    let error = bench.refused("client-credentials", wrong)?;
    expect_error(&error, ErrorKind::InvalidClient, Outcome::Rejected, "for a wrong client secret")?;
    expect(bench.mock.ledger().requests("POST", TOKEN) == 2, || "one request for each call".to_owned())
}

pub(super) async fn tokens(bench: &Bench<'_>) -> Checked {
    let (app, token) = (bench.app(), &bench.connection.access_token);
    let asked = bench.execution().introspect(&app, token, TokenType::AccessToken, DEFAULTS).await;
    let known = bench.done("introspect", asked)?;
    let described = known.active && known.username.as_ref() == Some(&bench.material.username);
    expect(described && known.client_id.as_ref() == Some(&bench.material.client_id), || {
        "a live token to be described".to_owned()
    })?;
    expect(bench.username(token).await?.as_ref() == Some(&bench.material.username), || {
        "the user's own name".to_owned()
    })?;
    let revoked = bench.execution().revoke(&app, token, DEFAULTS).await;
    bench.done("revoke", revoked)?;
    let gone = bench.execution().user_info(&bench.connection, DEFAULTS).await;
    let error = bench.refused("user-info", gone)?;
    expect_error(&error, ErrorKind::SessionExpired, Outcome::Rejected, "for a revoked session")?;
    let asked = bench.execution().introspect(&app, token, TokenType::AccessToken, DEFAULTS).await;
    expect(!bench.done("introspect", asked)?.active, || "a revoked token to be inactive".to_owned())
}
