//! `oauth`.

use super::Connector;
use super::types::{answer, call, start};
use crate::core::error::Result;
use crate::core::oauth::{self, AuthorizationRequest, ConnectedApp, PendingAuthorization, TokenSet, TokenType};
use crate::core::secret::Secret;
use crate::transport::random_bytes;
use crate::world::exports::workflow::salesforce::oauth as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn begin_authorization(
        app: wit::ConnectedApp,
        request: wit::AuthorizationRequest,
    ) -> Result<wit::Authorization, Error> {
        answer(|| {
            let request = AuthorizationRequest::parse(
                &request.redirect_uri,
                &request.scopes,
                request.prompt.as_deref(),
                request.login_hint.as_deref(),
            )?;
            let authorization = oauth::begin_authorization(&connected_app(&app)?, &request, random_bytes())?;
            let pending = wit::PendingAuthorization {
                state: authorization.pending.state.expose().into(),
                code_verifier: authorization.pending.code_verifier.expose().into(),
                redirect_uri: authorization.pending.redirect_uri,
            };
            Ok(wit::Authorization { url: authorization.url, pending })
        })
    }

    fn complete_authorization(
        app: wit::ConnectedApp,
        pending: wit::PendingAuthorization,
        callback_query: String,
        options: wit::CallOptions,
    ) -> Result<wit::TokenSet, Error> {
        answer(|| {
            let (mut transport, options) = start(options)?;
            let pending = PendingAuthorization::parse(&pending.state, &pending.code_verifier, &pending.redirect_uri)?;
            let app = connected_app(&app)?;
            Ok(oauth::complete_authorization(&mut transport, &app, &pending, &callback_query, &options)?.into())
        })
    }

    fn refresh(
        app: wit::ConnectedApp,
        refresh_token: String,
        options: wit::CallOptions,
    ) -> Result<wit::TokenSet, Error> {
        answer(|| {
            let (mut transport, options) = start(options)?;
            let refresh_token = Secret::parse("refresh-token", &refresh_token)?;
            Ok(oauth::refresh(&mut transport, &connected_app(&app)?, &refresh_token, &options)?.into())
        })
    }

    fn client_credentials(app: wit::ConnectedApp, options: wit::CallOptions) -> Result<wit::TokenSet, Error> {
        answer(|| {
            let (mut transport, options) = start(options)?;
            Ok(oauth::client_credentials(&mut transport, &connected_app(&app)?, &options)?.into())
        })
    }

    fn jwt_bearer(
        app: wit::ConnectedApp,
        assertion: String,
        options: wit::CallOptions,
    ) -> Result<wit::TokenSet, Error> {
        answer(|| {
            let (mut transport, options) = start(options)?;
            let assertion = Secret::parse("assertion", &assertion)?;
            Ok(oauth::jwt_bearer(&mut transport, &connected_app(&app)?, &assertion, &options)?.into())
        })
    }

    fn revoke(app: wit::ConnectedApp, token: String, options: wit::CallOptions) -> Result<(), Error> {
        answer(|| {
            let (mut transport, options) = start(options)?;
            let token = Secret::parse("token", &token)?;
            oauth::revoke(&mut transport, &connected_app(&app)?, &token, &options)
        })
    }

    fn introspect(
        app: wit::ConnectedApp,
        token: String,
        token_type: wit::TokenType,
        options: wit::CallOptions,
    ) -> Result<wit::Introspection, Error> {
        answer(|| {
            let (mut transport, options) = start(options)?;
            let token = Secret::parse("token", &token)?;
            let token_type = match token_type {
                wit::TokenType::AccessToken => TokenType::AccessToken,
                wit::TokenType::RefreshToken => TokenType::RefreshToken,
            };
            let found = oauth::introspect(&mut transport, &connected_app(&app)?, &token, token_type, &options)?;
            Ok(wit::Introspection {
                active: found.active,
                scopes: found.scopes,
                client_id: found.client_id,
                username: found.username,
                sub: found.sub,
                exp: found.exp,
                iat: found.iat,
                nbf: found.nbf,
            })
        })
    }

    fn user_info(to: wit::Connection, options: wit::CallOptions) -> Result<wit::UserIdentity, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&to, options)?;
            let info = oauth::user_info(&mut transport, &connection, &options)?;
            Ok(wit::UserIdentity {
                user_id: info.user_id,
                organization_id: info.organization_id,
                username: info.username,
                name: info.name,
                email: info.email,
                claims: info.claims,
            })
        })
    }
}

fn connected_app(app: &wit::ConnectedApp) -> Result<ConnectedApp> {
    ConnectedApp::parse(&app.login_url, &app.client_id, app.client_secret.as_deref())
}

impl From<TokenSet> for wit::TokenSet {
    fn from(tokens: TokenSet) -> Self {
        let expose = |secret: Secret| secret.expose().to_string();
        Self {
            access_token: expose(tokens.access_token),
            refresh_token: tokens.refresh_token.map(expose),
            instance_url: tokens.instance.url(),
            scopes: tokens.scopes,
            identity_url: tokens.identity_url,
            issued_at_ms: tokens.issued_at_ms,
            id_token: tokens.id_token.map(expose),
            community_url: tokens.community_url,
            community_id: tokens.community_id,
            signature_verified: tokens.signature_verified,
        }
    }
}
