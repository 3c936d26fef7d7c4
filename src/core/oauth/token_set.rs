//! The answer of the token endpoint.
//! <https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm>

use ctutils::CtEq;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::connected_app::ConnectedApp;
use super::oauth_error;
use crate::core::base64;
use crate::core::error::{Error, ErrorKind, Outcome, Result, printable};
use crate::core::http::Response;
use crate::core::json::{Json, Object};
use crate::core::origin::InstanceOrigin;
use crate::core::secret::Secret;

/// Everything a host must store. See `token-set` in `wit/oauth.wit`.
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// The access token.
    pub access_token: Secret,
    /// The refresh token to store from now on.
    pub refresh_token: Option<Secret>,
    /// The org.
    pub instance: InstanceOrigin,
    /// Scopes granted.
    pub scopes: Vec<String>,
    /// Identity URL of the user.
    pub identity_url: Option<String>,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub issued_at_ms: Option<u64>,
    /// OpenID Connect id token.
    pub id_token: Option<Secret>,
    /// Experience Cloud site.
    pub community_url: Option<String>,
    /// Its Id.
    pub community_id: Option<String>,
    /// Whether Salesforce's signature was there and matched.
    pub signature_verified: bool,
}

impl TokenSet {
    /// Reads what is needed, and of the rest what can be read: a token set is not thrown away for an oddity, since the
    /// refresh token before it may be of no more use.
    pub(super) fn read(response: &Response, app: &ConnectedApp) -> Result<Self> {
        let answer = Object::parse(&response.body, "a token answer")?;
        if answer.text("error")?.is_some() {
            return Err(oauth_error::from_response(response));
        }
        if !answer.text("token_type")?.is_some_and(|kind| kind.eq_ignore_ascii_case("Bearer")) {
            return Err(Error::invalid_response("expected token_type Bearer"));
        }
        let id = answer.find("id", Json::text);
        let issued_at = answer.find("issued_at", text_or_number);
        let signed = [id.as_deref().unwrap_or_default(), issued_at.as_deref().unwrap_or_default()].concat();
        let signature_verified = check_signature(answer.text("signature")?, &signed, app)?;
        let instance = InstanceOrigin::from_response(&answer.text("instance_url")?.unwrap_or_default())
            // A public login host has no business sending tokens to this machine.
            .filter(|instance| !instance.is_loopback() || app.login.is_loopback())
            .ok_or_else(|| {
                Error::invalid_response("expected instance_url to be an https origin on a Salesforce domain")
            })?;
        let secret = |name: &str| answer.find(name, |value| Secret::parse(name, &value.text()?).ok());
        let access_token = secret("access_token")
            .ok_or_else(|| Error::invalid_response("expected access_token to be a text of visible ASCII"))?;
        Ok(Self {
            access_token,
            refresh_token: secret("refresh_token"),
            instance,
            scopes: scopes(answer.find("scope", Json::text).as_deref()),
            identity_url: id.map(|url| printable(&url, 500)),
            issued_at_ms: issued_at.and_then(|text| text.parse().ok()),
            id_token: secret("id_token"),
            community_url: answer.printable("sfdc_community_url", 500),
            community_id: answer.printable("sfdc_community_id", 500),
            signature_verified,
        })
    }
}

/// Salesforce writes a number of milliseconds as text.
fn text_or_number(value: Json<'_>) -> Option<String> {
    value.text().or_else(|| value.number().map(|_| value.as_str().into()))
}

/// A space-separated `scope` value.
pub(super) fn scopes(scope: Option<&str>) -> Vec<String> {
    scope.unwrap_or_default().split_ascii_whitespace().map(|scope| printable(scope, 200)).collect()
}

/// `signature` = base64(HMAC-SHA256(client secret, `id` + `issued_at`)). Some flows send none.
fn check_signature(signature: Option<String>, signed: &str, app: &ConnectedApp) -> Result<bool> {
    let (Some(secret), Some(signature), false) = (&app.client_secret, signature, app.has_placeholders) else {
        return Ok(false);
    };
    let matches = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).is_ok_and(|mut mac| {
        mac.update(signed.as_bytes());
        let expected = base64::standard(&mac.finalize().into_bytes());
        expected.as_bytes().ct_eq(signature.as_bytes()).into()
    });
    if matches {
        return Ok(true);
    }
    Err(Error::new(
        ErrorKind::UntrustedAuthorization,
        Outcome::Unknown,
        "the signature of the token answer does not match the client secret; check the secret and begin again",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::script::answer;
    use serde_json::{Value, json};

    fn app(login: &str, secret: Option<&str>) -> ConnectedApp {
        ConnectedApp::parse(login, "KEY", secret).unwrap()
    }

    fn full() -> Value {
        json!({
            "access_token": "00D!ACCESS", "refresh_token": "5Aep.REFRESH", "token_type": "Bearer",
            "instance_url": "https://x.my.salesforce.com", "scope": "refresh_token api",
            "id": "https://login.salesforce.com/id/00D/005", "issued_at": "1278448101416",
            // python3: hmac.new(b"SECRET", (id + issued_at).encode(), "sha256"), base64
            "signature": "Cx3rIFBqLZlzdJaZlgE3HBR2dv0q3QpRVK4wGU+ESVA=",
            "sfdc_community_url": "https://x.my.site.com", "sfdc_community_id": "0DB",
        })
    }

    fn read(change: impl Fn(&mut Value), login: &str, secret: Option<&str>) -> Result<TokenSet> {
        let mut body = full();
        change(&mut body);
        TokenSet::read(&answer(200, &body.to_string()), &app(login, secret))
    }

    #[test]
    fn a_full_answer_is_read() {
        let tokens = read(|_| (), "https://login.salesforce.com", Some("SECRET")).unwrap();
        assert_eq!(
            (tokens.access_token.expose(), tokens.refresh_token.unwrap().expose()),
            ("00D!ACCESS", "5Aep.REFRESH")
        );
        assert_eq!(
            (tokens.instance.url(), tokens.scopes),
            ("https://x.my.salesforce.com".into(), vec!["refresh_token".into(), "api".into()])
        );
        assert_eq!((tokens.issued_at_ms, tokens.signature_verified), (Some(1_278_448_101_416), true));
        assert!(!read(|_| (), "https://login.salesforce.com", None).unwrap().signature_verified);
    }

    #[test]
    fn a_signature_that_does_not_match_is_not_trusted() {
        for (key, value) in [
            ("signature", json!("AAAA")),
            ("signature", json!("?")),
            ("id", json!("https://evil/id")),
            ("issued_at", Value::Null),
        ] {
            let error =
                read(|body| body[key] = value.clone(), "https://login.salesforce.com", Some("SECRET")).unwrap_err();
            assert_eq!(error.kind, ErrorKind::UntrustedAuthorization, "{key}");
        }
    }

    #[test]
    fn f105_a_harmless_oddity_throws_no_token_away() {
        let login = "https://login.salesforce.com";
        for (key, value) in [
            ("instance_url", json!("https://x.my.salesforce.com/")),
            ("instance_url", json!("HTTPS://X.My.Salesforce.COM:443//")),
            ("issued_at", json!(1_278_448_101_416_u64)),
            ("scope", json!(["api"])),
            ("id", json!(7)),
            ("issued_at", json!("yesterday")),
            ("id_token", json!({})),
            ("sfdc_community_url", json!(false)),
            ("sfdc_community_id", json!([])),
        ] {
            let tokens = read(|body| body[key] = value.clone(), login, None)
                .unwrap_or_else(|error| panic!("{key} {value}: {error:?}"));
            assert_eq!(tokens.refresh_token.unwrap().expose(), "5Aep.REFRESH", "{key}");
            assert_eq!(tokens.instance.url(), "https://x.my.salesforce.com");
        }
        let number = read(|body| body["issued_at"] = json!(1_278_448_101_416_u64), login, Some("SECRET")).unwrap();
        assert_eq!((number.issued_at_ms, number.signature_verified), (Some(1_278_448_101_416), true));
        for odd in [json!(""), json!(1), json!("a b")] {
            assert!(read(|body| body["refresh_token"] = odd.clone(), login, None).unwrap().refresh_token.is_none());
        }
    }

    #[test]
    fn what_a_token_answer_must_have_is_required() {
        let missing = |key: &'static str| move |body: &mut Value| drop(body.as_object_mut().unwrap().remove(key));
        let changed = |key: &'static str, value: Value| move |body: &mut Value| body[key] = value.clone();
        for (index, result) in [
            read(missing("access_token"), "https://login.salesforce.com", None),
            read(changed("access_token", json!("")), "https://login.salesforce.com", None),
            read(changed("access_token", json!("a\r\nb")), "https://login.salesforce.com", None),
            read(missing("token_type"), "https://login.salesforce.com", None),
            read(changed("token_type", json!("mac")), "https://login.salesforce.com", None),
            read(missing("instance_url"), "https://login.salesforce.com", None),
            read(changed("instance_url", json!("https://evil.com")), "https://login.salesforce.com", None),
            read(changed("instance_url", json!("http://127.0.0.1:80")), "https://login.salesforce.com", None),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(result.unwrap_err().kind, ErrorKind::InvalidResponse, "case {index}");
        }
        assert!(read(changed("instance_url", json!("http://127.0.0.1:80")), "http://127.0.0.1:80", None).is_ok());
        let error = read(changed("error", json!("invalid_client")), "https://login.salesforce.com", None).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidClient, "an error under status 200");
    }
}
