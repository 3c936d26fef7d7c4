//! The authorization endpoint: checks the request, then sends the browser to the login page, the consent page or back.
//!
//! Source: Salesforce help, "OAuth 2.0 Web Server Flow"; RFC 6749 section 4.1; RFC 7636 section 4.3.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::apps::App;
use super::browser::{AuthorizationRequest, SESSION_COOKIE};
use super::codes::{Allowed, Challenge};
use super::error::OAuthError;
use super::parameters::Parameters;
use super::{DEMO_PASSWORD, OAuth, pages};
use crate::lock::lock;

/// `GET /services/oauth2/authorize`.
pub(crate) async fn authorize(State(oauth): State<Arc<OAuth>>, headers: HeaderMap, given: Parameters) -> Response {
    let Some(app) = given.get("client_id").and_then(|id| lock(&oauth.apps).find(id)) else {
        return pages::error("invalid_client_id", "client identifier invalid");
    };
    let Some(redirect_uri) = given.get("redirect_uri") else {
        return pages::error("redirect_uri_missing", "redirect_uri not provided");
    };
    if !app.callback_urls.iter().any(|url| url == redirect_uri) {
        return pages::error("redirect_uri_mismatch", "redirect_uri must match configuration");
    }
    let request = match request(&app, redirect_uri, &given) {
        Ok(request) => request,
        Err(error) => return refuse(redirect_uri, given.get("state"), &error),
    };
    let source = lock(&oauth.browsers).wait(request, oauth.site.now());
    proceed(&oauth, &headers, &source)
}

/// `POST /login`: the login page's form.
pub(crate) async fn login(State(oauth): State<Arc<OAuth>>, form: Parameters) -> Response {
    let now = oauth.site.now();
    let source = form.get("source").unwrap_or_default();
    if lock(&oauth.browsers).waiting(source, now).is_none() {
        return expired();
    }
    let username = form.get("username").unwrap_or_default();
    let user = oauth.site.user_named(username);
    let Some(user) = user.filter(|_| form.get("password") == Some(DEMO_PASSWORD)) else {
        let complaint = "Please check your username and password. If you still can't log in, contact your Salesforce administrator.";
        return pages::login(source, username, Some(complaint));
    };
    let session = lock(&oauth.browsers).log_in(&user.id, source, now);
    let secure = if oauth.site.url.starts_with("https:") { "; Secure" } else { "" };
    let cookie = format!("{SESSION_COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax{secure}");
    let mut response = found(&format!("{}?source={source}", pages::CONSENT_PATH));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// `GET` of the consent page.
pub(crate) async fn consent(State(oauth): State<Arc<OAuth>>, headers: HeaderMap, given: Parameters) -> Response {
    proceed(&oauth, &headers, given.get("source").unwrap_or_default())
}

/// `POST` of the consent page: the user's decision.
pub(crate) async fn decide(State(oauth): State<Arc<OAuth>>, headers: HeaderMap, form: Parameters) -> Response {
    let now = oauth.site.now();
    let source = form.get("source").unwrap_or_default();
    let (request, user) = {
        let browsers = lock(&oauth.browsers);
        (browsers.waiting(source, now), browsers.user(&headers, now))
    };
    let Some(request) = request else { return expired() };
    let Some(user_id) = user.filter(|_| !request.log_in_again) else {
        return pages::login(source, request.login_hint.as_deref().unwrap_or_default(), None);
    };
    match form.get("decision") {
        Some("allow") => allow(&oauth, source, request, user_id),
        Some("deny") => {
            lock(&oauth.browsers).decided(source);
            let denied = OAuthError::new("access_denied", "end-user denied authorization");
            refuse(&request.redirect_uri, request.state.as_deref(), &denied)
        }
        _ => pages::error("invalid_request", "decision must be allow or deny"),
    }
}

/// What the browser brings back to the callback URL if this user logs in and allows all that the authorization URL asks
/// for: the query string. An error in words if the request would be refused.
pub(crate) fn allowed(oauth: &OAuth, url: &str, user_id: String) -> Result<String, String> {
    let query = url.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let given = Parameters::parse(query.as_bytes()).map_err(|error| error.description.to_owned())?;
    let app = given.get("client_id").and_then(|id| lock(&oauth.apps).find(id));
    let app = app.ok_or("client identifier invalid")?;
    let redirect_uri = given.get("redirect_uri").filter(|uri| app.callback_urls.iter().any(|known| known == uri));
    let redirect_uri = redirect_uri.ok_or("redirect_uri must match configuration")?;
    let request = request(&app, redirect_uri, &given).map_err(|error| error.description.to_owned())?;
    let state = request.state.clone();
    let code = code(oauth, request, user_id);
    Ok(parameters(&[("code", Some(code.as_str())), ("state", state.as_deref())]))
}

fn request(app: &App, redirect_uri: &str, given: &Parameters) -> Result<AuthorizationRequest, OAuthError> {
    if given.get("response_type") != Some("code") {
        return Err(OAuthError::new("unsupported_response_type", "response_type not supported"));
    }
    // Salesforce knew only S256 before it knew the parameter, so that is what leaving it out means.
    if given.get("code_challenge_method").is_some_and(|method| method != "S256") {
        return Err(OAuthError::new("invalid_request", "code_challenge_method must be S256"));
    }
    let challenge = match given.get("code_challenge") {
        Some(text) => {
            let challenge = Challenge::parse(text);
            Some(challenge.ok_or(OAuthError::new("invalid_request", "invalid code challenge"))?)
        }
        None if app.require_pkce => return Err(OAuthError::new("invalid_request", "missing required code challenge")),
        None => None,
    };
    let prompts: Vec<&str> = given.get("prompt").unwrap_or_default().split_ascii_whitespace().collect();
    if !prompts.iter().all(|prompt| matches!(*prompt, "login" | "consent" | "select_account")) {
        return Err(OAuthError::new("invalid_request", "prompt must be some of login, consent, select_account"));
    }
    Ok(AuthorizationRequest {
        client_id: app.client_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        scopes: app.grant_scopes(given.get("scope"))?,
        state: given.get("state").map(str::to_owned),
        challenge,
        login_hint: given.get("login_hint").map(str::to_owned),
        log_in_again: prompts.iter().any(|prompt| matches!(*prompt, "login" | "select_account")),
        ask_again: prompts.contains(&"consent"),
    })
}

/// The next page for a request that waits: login, consent, or back to the app when there is nothing left to ask.
fn proceed(oauth: &OAuth, headers: &HeaderMap, source: &str) -> Response {
    let now = oauth.site.now();
    let (request, user) = {
        let browsers = lock(&oauth.browsers);
        (browsers.waiting(source, now), browsers.user(headers, now))
    };
    let Some(request) = request else { return expired() };
    let user = user.filter(|_| !request.log_in_again).and_then(|id| oauth.site.user(&id));
    let Some(user) = user else {
        return pages::login(source, request.login_hint.as_deref().unwrap_or_default(), None);
    };
    let approved = lock(&oauth.tokens).approved(&request.client_id, &user.id, &request.scopes);
    if approved && !request.ask_again {
        return allow(oauth, source, request, user.id);
    }
    match lock(&oauth.apps).find(&request.client_id) {
        Some(app) => pages::consent(source, &app, &request, &user),
        None => expired(),
    }
}

fn allow(oauth: &OAuth, source: &str, request: AuthorizationRequest, user_id: String) -> Response {
    lock(&oauth.browsers).decided(source);
    let (redirect_uri, state) = (request.redirect_uri.clone(), request.state.clone());
    let code = code(oauth, request, user_id);
    back(&redirect_uri, &[("code", Some(code.as_str())), ("state", state.as_deref())])
}

fn code(oauth: &OAuth, request: AuthorizationRequest, user_id: String) -> String {
    let allowed = Allowed {
        client_id: request.client_id,
        redirect_uri: request.redirect_uri,
        scopes: request.scopes,
        user_id,
        challenge: request.challenge,
    };
    lock(&oauth.codes).issue(allowed, oauth.site.now())
}

fn refuse(redirect_uri: &str, state: Option<&str>, error: &OAuthError) -> Response {
    let parameters = [("error", Some(error.code)), ("error_description", Some(error.description)), ("state", state)];
    back(redirect_uri, &parameters)
}

/// Back to the app's callback URL with these parameters added to those it has.
fn back(redirect_uri: &str, given: &[(&str, Option<&str>)]) -> Response {
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    found(&format!("{redirect_uri}{joint}{}", parameters(given)))
}

fn parameters(given: &[(&str, Option<&str>)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in given {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

fn found(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(_) => pages::error("invalid_request", "the callback URL cannot stand in a header"),
    }
}

fn expired() -> Response {
    pages::error("invalid_request", "this authorization was decided already or has expired")
}
