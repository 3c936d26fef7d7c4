//! Starting the authorization-code flow: state, PKCE verifier and the URL for the user's browser.

use sha2::{Digest, Sha256};

use super::connected_app::ConnectedApp;
use crate::core::base64;
use crate::core::encoding::form;
use crate::core::error::{Error, Result};
use crate::core::origin::Origin;
use crate::core::secret::Secret;
use crate::core::text::contains;

/// Random bytes that [`begin_authorization`] takes: 32 for the state, 32 for the verifier.
pub const RANDOM_BYTES: usize = 64;

/// What to ask the user for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    redirect_uri: String,
    scopes: Vec<String>,
    prompt: Option<String>,
    login_hint: Option<String>,
}

/// What the host keeps until the callback arrives.
#[derive(Debug, Clone)]
pub struct PendingAuthorization {
    /// Ties the callback to this authorization.
    pub state: Secret,
    /// Ties the code to whoever began.
    pub code_verifier: Secret,
    /// The callback URL.
    pub redirect_uri: String,
}

/// A started authorization.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// Where to send the browser.
    pub url: String,
    /// What to keep.
    pub pending: PendingAuthorization,
}

impl AuthorizationRequest {
    /// Parses `authorization-request` in `wit/oauth.wit`, and fills in the scopes.
    pub fn parse(
        redirect_uri: &str,
        scopes: &[String],
        prompt: Option<&str>,
        login_hint: Option<&str>,
    ) -> Result<Self> {
        // RFC 6749 appendix A.4, without quote and backslash.
        let is_scope = |scope: &String| {
            !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
        };
        if !scopes.iter().all(is_scope) {
            return Err(Error::invalid_argument(
                "scopes",
                "OAuth scopes such as api and refresh_token, one to an entry",
            ));
        }
        let scopes = if scopes.is_empty() { vec!["api".into(), "refresh_token".into()] } else { scopes.to_vec() };
        let is_prompt =
            |prompt: &str| prompt.split(' ').all(|word| matches!(word, "login" | "consent" | "select_account"));
        if prompt.is_some_and(|prompt| !is_prompt(prompt)) {
            return Err(Error::invalid_argument("prompt", "login, consent or select_account, separated by a space"));
        }
        if login_hint.is_some_and(|hint| hint.is_empty() || hint.len() > 255 || hint.chars().any(char::is_control)) {
            return Err(Error::invalid_argument("login-hint", "a user name of 1 to 255 characters"));
        }
        Ok(Self {
            redirect_uri: parse_redirect_uri(redirect_uri)?,
            scopes,
            prompt: prompt.map(Into::into),
            login_hint: login_hint.map(Into::into),
        })
    }
}

impl PendingAuthorization {
    /// Parses `pending-authorization` in `wit/oauth.wit`, as the host stored it.
    pub fn parse(state: &str, code_verifier: &str, redirect_uri: &str) -> Result<Self> {
        if state.len() < 22 {
            return Err(Error::invalid_argument("state", "the state that begin-authorization returned"));
        }
        // RFC 7636 section 4.1.
        let is_verifier = (43..=128).contains(&code_verifier.len())
            && code_verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        if !is_verifier {
            return Err(Error::invalid_argument("code-verifier", "43 to 128 letters, digits and -._~"));
        }
        Ok(Self {
            state: Secret::parse("state", state)?,
            code_verifier: Secret::parse("code-verifier", code_verifier)?,
            redirect_uri: parse_redirect_uri(redirect_uri)?,
        })
    }
}

/// Builds the URL. Sends nothing; `random` must come from a secure source and be used once.
pub fn begin_authorization(
    app: &ConnectedApp,
    request: &AuthorizationRequest,
    random: [u8; RANDOM_BYTES],
) -> Result<Authorization> {
    let (state, verifier) = random.split_at(RANDOM_BYTES / 2);
    let (state, verifier) = (base64::url(state), base64::url(verifier));
    let challenge = base64::url(&Sha256::digest(&verifier));
    let scopes: Vec<_> = request.scopes.iter().map(String::as_str).collect();
    let scopes = scopes.join(" ");
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", &app.client_id),
        ("redirect_uri", &request.redirect_uri),
        ("scope", &scopes),
        ("state", &state),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    pairs.extend(request.prompt.as_deref().map(|prompt| ("prompt", prompt)));
    pairs.extend(request.login_hint.as_deref().map(|hint| ("login_hint", hint)));
    let url = format!("{}/services/oauth2/authorize?{}", app.login.url(), form(&pairs));
    let pending = PendingAuthorization::parse(&state, &verifier, &request.redirect_uri)?;
    Ok(Authorization { url, pending })
}

/// An https URL, or http on loopback, without user or fragment (RFC 6749 section 3.1.2).
fn parse_redirect_uri(text: &str) -> Result<String> {
    // The port of a callback is the operator's choice.
    let end = text.match_indices(['/', '?']).nth(2).map_or(text.len(), |(at, _)| at);
    let origin = text.get(..end).and_then(|origin| Origin::parse(origin, true));
    let fits = text.len() <= 2000 && text.bytes().all(|byte| byte.is_ascii_graphic()) && !contains(text, "#");
    if origin.is_some() && fits {
        Ok(text.into())
    } else {
        Err(Error::invalid_argument(
            "redirect-uri",
            "the callback URL of the connected app: https, or http on loopback, without user or fragment",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::encoding::parse_form;

    const CALLBACK: &str = "https://workflow.example.com/2017-09-01/integrations/salesforce/sso";

    fn app() -> ConnectedApp {
        ConnectedApp::parse("https://login.salesforce.com", "3MVG9.KEY", None).unwrap()
    }

    #[test]
    fn the_url_asks_for_a_code_with_pkce() {
        let request = AuthorizationRequest::parse(CALLBACK, &[], Some("login consent"), Some("a@example.com")).unwrap();
        let mut random = [0; RANDOM_BYTES];
        random[32..].fill(1);
        let authorization = begin_authorization(&app(), &request, random).unwrap();
        let (endpoint, query) = authorization.url.split_once('?').unwrap();
        assert_eq!(endpoint, "https://login.salesforce.com/services/oauth2/authorize");
        let pairs = parse_form(query).unwrap();
        let value = |name: &str| pairs.iter().find(|(key, _)| key == name).unwrap().1.as_str();
        assert_eq!(value("scope"), "api refresh_token");
        assert_eq!((value("response_type"), value("code_challenge_method")), ("code", "S256"));
        assert_eq!(
            (value("redirect_uri"), value("prompt"), value("login_hint")),
            (CALLBACK, "login consent", "a@example.com")
        );
        assert_eq!(value("state"), "A".repeat(43));
        let verifier = authorization.pending.code_verifier.expose();
        assert_eq!(verifier, base64::url(&[1; 32]));
        assert_eq!(value("code_challenge"), base64::url(&Sha256::digest(verifier)));
        assert!(!authorization.url.contains(verifier));
    }

    /// RFC 7636 appendix B.
    #[test]
    fn the_challenge_is_the_one_of_the_standard() {
        let digest = Sha256::digest("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(base64::url(&digest), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn callback_urls_are_https_or_loopback() {
        for text in [
            CALLBACK,
            "http://localhost:8712/x",
            "http://127.0.0.1:1",
            "https://a.example.com:8443/x?y=1",
            "http://[::1]:80/x",
        ] {
            assert!(parse_redirect_uri(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "/x",
            "http://example.com/x",
            "https://u@example.com/x",
            "https://example.com/#x",
            "javascript:alert(1)",
            "https://exa mple.com",
            "https://",
            "https://example.com:443:9/x",
            "http://127.0.0.1:8080:9/x",
            "https://example.com:99999/x",
            "https://example.com:/x",
        ] {
            assert!(parse_redirect_uri(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_salesforce_does_not_know_is_refused() {
        let refused = [
            AuthorizationRequest::parse(CALLBACK, &["api refresh_token".into()], None, None),
            AuthorizationRequest::parse(CALLBACK, &["".into()], None, None),
            AuthorizationRequest::parse(CALLBACK, &[], Some("none"), None),
            AuthorizationRequest::parse(CALLBACK, &[], None, Some("")),
        ];
        assert!(refused.iter().all(std::result::Result::is_err));
    }

    #[test]
    fn a_verifier_has_43_to_128_characters() {
        let state = "s".repeat(43);
        for (length, fits) in [(42, false), (43, true), (128, true), (129, false)] {
            assert_eq!(PendingAuthorization::parse(&state, &"v".repeat(length), CALLBACK).is_ok(), fits, "{length}");
        }
        assert!(PendingAuthorization::parse("", &"v".repeat(43), CALLBACK).is_err());
        assert!(PendingAuthorization::parse(&state, &"=".repeat(43), CALLBACK).is_err());
    }
}
