//! OAuth 2.0.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use form_urlencoded::Serializer;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};
use waki::{Client, Method};

use crate::Connector;
use crate::oauth_wit::{
    Authorization, AuthorizationRequest, ConnectedApp, Guest, Introspection, PendingAuthorization, TokenSet, TokenType,
    UserIdentity,
};
use crate::rest::{argument, failed, invalid, limited, request, send, text};
use crate::types::{CallOptions, Connection, Error, ErrorKind, Outcome};

impl Guest for Connector {
    fn begin_authorization(app: ConnectedApp, request: AuthorizationRequest) -> Result<Authorization, Error> {
        let (state, code_verifier) = (random()?, random()?);
        let scopes = if request.scopes.is_empty() { "api refresh_token".into() } else { request.scopes.join(" ") };
        let query = Serializer::new(String::new())
            .extend_pairs([
                ("response_type", "code"),
                ("client_id", &app.client_id),
                ("redirect_uri", &request.redirect_uri),
                ("scope", &scopes),
                ("state", &state),
                ("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(&code_verifier))),
                ("code_challenge_method", "S256"),
            ])
            .extend_pairs(request.prompt.map(|prompt| ("prompt", prompt)))
            .extend_pairs(request.login_hint.map(|hint| ("login_hint", hint)))
            .finish();
        Ok(Authorization {
            url: format!("{}/services/oauth2/authorize?{query}", app.login_url),
            pending: PendingAuthorization { state, code_verifier, redirect_uri: request.redirect_uri },
        })
    }

    fn complete_authorization(
        app: ConnectedApp,
        pending: PendingAuthorization,
        callback_query: String,
        options: CallOptions,
    ) -> Result<TokenSet, Error> {
        let value = |wanted: &str| {
            form_urlencoded::parse(callback_query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value)
        };
        if value("state").as_deref() != Some(&pending.state) {
            let message = "the callback's state is not the one this authorization began with";
            return Err(failed(ErrorKind::UntrustedAuthorization, Outcome::NotSent, message));
        }
        if let Some(error) = value("error") {
            return Err(failed(
                ErrorKind::AccessDenied,
                Outcome::Rejected,
                format!("the user was not let in: {error}"),
            ));
        }
        let code = value("code").ok_or_else(|| argument("callback-query: expected a code"))?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &pending.redirect_uri),
            ("code_verifier", &pending.code_verifier),
        ];
        tokens(&app, &form, &options)
    }

    fn refresh(app: ConnectedApp, refresh_token: String, options: CallOptions) -> Result<TokenSet, Error> {
        let set = tokens(&app, &[("grant_type", "refresh_token"), ("refresh_token", &refresh_token)], &options)?;
        Ok(TokenSet { refresh_token: set.refresh_token.or(Some(refresh_token)), ..set })
    }

    fn client_credentials(app: ConnectedApp, options: CallOptions) -> Result<TokenSet, Error> {
        tokens(&app, &[("grant_type", "client_credentials")], &options)
    }

    fn jwt_bearer(app: ConnectedApp, assertion: String, options: CallOptions) -> Result<TokenSet, Error> {
        let grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        tokens(&app, &[("grant_type", grant_type), ("assertion", &assertion)], &options)
    }

    fn revoke(app: ConnectedApp, token: String, options: CallOptions) -> Result<(), Error> {
        post(&app, "revoke", &[("token", &token)], &options).map(|_| ())
    }

    fn introspect(
        app: ConnectedApp,
        token: String,
        token_type: TokenType,
        options: CallOptions,
    ) -> Result<Introspection, Error> {
        let hint = match token_type {
            TokenType::AccessToken => "access_token",
            TokenType::RefreshToken => "refresh_token",
        };
        let answer = post(&app, "introspect", &[("token", &token), ("token_type_hint", hint)], &options)?;
        let time = |name| answer.get(name).and_then(Value::as_u64);
        Ok(Introspection {
            active: answer.get("active").and_then(Value::as_bool).ok_or_else(|| invalid("expected active"))?,
            scopes: scopes(&answer),
            client_id: text(&answer, "client_id"),
            username: text(&answer, "username"),
            sub: text(&answer, "sub"),
            exp: time("exp"),
            iat: time("iat"),
            nbf: time("nbf"),
        })
    }

    fn user_info(on: Connection, options: CallOptions) -> Result<UserIdentity, Error> {
        let claims = send(request(&on, Method::Get, "/services/oauth2/userinfo", &options))?.body;
        Ok(UserIdentity {
            user_id: needed(&claims, "user_id")?,
            organization_id: needed(&claims, "organization_id")?,
            username: text(&claims, "preferred_username"),
            name: text(&claims, "name"),
            email: text(&claims, "email"),
            claims: claims.to_string(),
        })
    }
}

fn tokens(app: &ConnectedApp, form: &[(&str, &str)], options: &CallOptions) -> Result<TokenSet, Error> {
    let set = post(app, "token", form, options)?;
    let signature_verified = match (&app.client_secret, text(&set, "signature")) {
        (Some(secret), Some(signature)) => {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(invalid)?;
            mac.update(format!("{}{}", needed(&set, "id")?, needed(&set, "issued_at")?).as_bytes());
            mac.verify_slice(&STANDARD.decode(signature).map_err(invalid)?).map_err(|_| {
                failed(ErrorKind::UntrustedAuthorization, Outcome::Unknown, "the tokens' signature does not match")
            })?;
            true
        }
        _ => false,
    };
    Ok(TokenSet {
        access_token: needed(&set, "access_token")?,
        refresh_token: text(&set, "refresh_token"),
        instance_url: needed(&set, "instance_url")?,
        scopes: scopes(&set),
        identity_url: text(&set, "id"),
        issued_at_ms: text(&set, "issued_at").and_then(|time| time.parse().ok()),
        id_token: text(&set, "id_token"),
        community_url: text(&set, "sfdc_community_url"),
        community_id: text(&set, "sfdc_community_id"),
        signature_verified,
    })
}

fn post(app: &ConnectedApp, path: &str, form: &[(&str, &str)], options: &CallOptions) -> Result<Value, Error> {
    let own = [("client_id", Some(app.client_id.as_str())), ("client_secret", app.client_secret.as_deref())];
    let own = own.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let form: Vec<_> = form.iter().copied().chain(own).collect();
    let url = format!("{}/services/oauth2/{path}", app.login_url);
    Ok(send(limited(Client::new().post(&url), options).form(form))?.body)
}

fn needed(object: &Value, name: &str) -> Result<String, Error> {
    text(object, name).ok_or_else(|| invalid(format!("expected {name}")))
}

fn scopes(object: &Value) -> Vec<String> {
    text(object, "scope").unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

fn random() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| argument("the host has no randomness"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
