//! The functions of `oauth`, which take tokens to where a sealed component may not go.

use super::super::bench::{Mode, TOKEN};
use super::super::expect::{Checked, Miss, expect, expect_error};
use super::super::material::{pick, small};
use super::super::needles::Kind;
use super::super::shown::Shown;
use super::{Seen, Trial};
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::oauth::{Authorization, AuthorizationRequest, TokenType};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

impl Trial<'_> {
    /// Of a call that takes tokens to where a sealed one may not go: its result, if it is not sealed.
    fn settle<T: Shown>(&self, call: &str, result: Result<T, ExecutionError>) -> Checked<Option<T>> {
        match self.mode {
            Mode::Open => self.bench.done(call, result).map(Some),
            Mode::Sealed => {
                let error = self.bench.refused(call, result)?;
                expect_error(&error, ErrorKind::DeniedByHost, Outcome::NotSent, "where the host refuses the request")?;
                Ok(None)
            }
        }
    }

    /// What is seen of a call to OAuth that has this path.
    fn at_oauth(&self, path: &str) -> Seen {
        let sent = [("POST", path.to_owned())].into_iter().filter(|_| self.mode == Mode::Open).collect();
        Seen { sent, gave: String::new() }
    }

    async fn begin(&self) -> Checked<Authorization> {
        let request = AuthorizationRequest {
            redirect_uri: self.bench.material.callback.clone(),
            scopes: ["api", "refresh_token"].map(str::to_owned).to_vec(),
            prompt: pick(&[None, Some("login"), Some("consent")]).map(str::to_owned),
            login_hint: Some(self.bench.material.username.clone()),
        };
        let app = self.bench.app_at(self.bench.login_url());
        let begun = self.execution().begin_authorization(&app, &request).await;
        self.bench.done("begin-authorization", begun)
    }

    /// Tokens of a session of their own: access and refresh.
    fn issue(&self) -> Checked<(String, String)> {
        let material = &self.bench.material;
        let issued = self.bench.mock.issue_tokens(&material.client_id, &material.username);
        let issued = issued.map_err(|error| Miss(error.to_string()))?;
        let access = issued.access_token.expose().to_owned();
        let refresh = issued.refresh_token.map(|token| token.expose().to_owned()).unwrap_or_default();
        self.bench.keep_secret(Kind::AccessToken, &access);
        self.bench.keep_secret(Kind::RefreshToken, &refresh);
        Ok((access, refresh))
    }
}

pub(super) async fn begin_authorization(trial: &Trial<'_>) -> Checked<Seen> {
    let begun = trial.begin().await?;
    let login = trial.bench.login_url();
    expect(begun.url.starts_with(&login), || format!("an authorization URL that begins with {login}"))?;
    Ok(Seen { sent: Vec::new(), gave: String::new() })
}

pub(super) async fn complete_authorization(trial: &Trial<'_>) -> Checked<Seen> {
    let begun = trial.begin().await?;
    let (callback, app) = (trial.bench.callback(&begun)?, trial.bench.app_at(trial.bench.login_url()));
    let options = trial.arguments.options;
    let completed = trial.execution().complete_authorization(&app, &begun.pending, &callback, options).await;
    trial.settle("complete-authorization", completed)?;
    Ok(trial.at_oauth(TOKEN))
}

pub(super) async fn refresh(trial: &Trial<'_>) -> Checked<Seen> {
    let (app, (_, token)) = (trial.bench.app_at(trial.bench.login_url()), trial.issue()?);
    let refreshed = trial.execution().refresh(&app, &token, trial.arguments.options).await;
    trial.settle("refresh", refreshed)?;
    Ok(trial.at_oauth(TOKEN))
}

pub(super) async fn client_credentials(trial: &Trial<'_>) -> Checked<Seen> {
    let given = trial.execution().client_credentials(&trial.bench.app(), trial.arguments.options).await;
    trial.settle("client-credentials", given)?;
    Ok(trial.at_oauth(TOKEN))
}

pub(super) async fn jwt_bearer(trial: &Trial<'_>) -> Checked<Seen> {
    let (bench, login) = (trial.bench, trial.bench.login_url());
    let assertion = bench.material.assertion(&login, bench.mock.now().as_second());
    bench.keep_secret(Kind::Assertion, &assertion);
    let trusted = bench.mock.trust_assertion(&bench.material.client_id, &assertion);
    trusted.map_err(|error| Miss(error.to_string()))?;
    let given = trial.execution().jwt_bearer(&bench.app_at(login), &assertion, trial.arguments.options).await;
    if let Some(tokens) = trial.settle("jwt-bearer", given)? {
        expect(tokens.instance_url == bench.mock.url(), || "tokens for the org's own URL".to_owned())?;
        expect(tokens.refresh_token.is_none(), || "no refresh token for an assertion".to_owned())?;
    }
    Ok(trial.at_oauth(TOKEN))
}

pub(super) async fn revoke(trial: &Trial<'_>) -> Checked<Seen> {
    let (app, (access, refresh)) = (trial.bench.app_at(trial.bench.login_url()), trial.issue()?);
    let token = if small(2) == 0 { access } else { refresh };
    let revoked = trial.execution().revoke(&app, &token, trial.arguments.options).await;
    trial.settle("revoke", revoked)?;
    Ok(trial.at_oauth("/services/oauth2/revoke"))
}

pub(super) async fn introspect(trial: &Trial<'_>) -> Checked<Seen> {
    let (app, (access, refresh)) = (trial.bench.app_at(trial.bench.login_url()), trial.issue()?);
    let (token, kind) =
        if small(2) == 0 { (access, TokenType::AccessToken) } else { (refresh, TokenType::RefreshToken) };
    let asked = trial.execution().introspect(&app, &token, kind, trial.arguments.options).await;
    if let Some(known) = trial.settle("introspect", asked)? {
        expect(known.username.as_ref() == Some(&trial.bench.material.username), || "the token's own user".to_owned())?;
    }
    Ok(trial.at_oauth("/services/oauth2/introspect"))
}
