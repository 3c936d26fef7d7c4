//! The SOAP API's `login` with user name and password, which older clients start with. Nothing else of SOAP.
//!
//! Source: SOAP API Developer Guide, "login()". It is gone from version 65.0 on.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use maud::{Markup, PreEscaped, html};
use roxmltree::{Document, Node};

use crate::oauth::scopes::Scopes;
use crate::oauth::tokens::Bearer;
use crate::oauth::{DEMO_PASSWORD, OAuth};
use crate::org::User;

/// What a user may append to the password, as from outside the org's trusted network.
pub const SECURITY_TOKEN: &str = "MockSecurityToken";

const PARTNER: &str = "urn:partner.soap.sforce.com";
const ENTERPRISE: &str = "urn:enterprise.soap.sforce.com";
const VERSIONS: std::ops::RangeInclusive<u16> = 31..=64;

/// `/services/Soap/u/NN.N` (partner) and `/services/Soap/c/NN.N` (enterprise).
pub(crate) fn routes(oauth: Arc<OAuth>) -> Router {
    Router::new().route("/services/Soap/{flavour}/{version}", post(login)).with_state(oauth)
}

/// What a `login` request asks.
struct Login {
    username: String,
    password: String,
}

/// A SOAP fault.
struct Fault {
    code: &'static str,
    message: &'static str,
}

async fn login(
    State(oauth): State<Arc<OAuth>>,
    Path((flavour, version)): Path<(String, String)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let namespace = if flavour == "c" { ENTERPRISE } else { PARTNER };
    let answered = version_in_service(&version).and_then(|()| read(&body)).and_then(|login| user(&oauth, &login));
    let (status, content) = match answered {
        Ok(user) => {
            (StatusCode::OK, success(&oauth, &oauth.site.url_for(&headers), &user, &format!("{flavour}/{version}")))
        }
        Err(fault) => (StatusCode::INTERNAL_SERVER_ERROR, failure(&fault)),
    };
    let envelope = html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"))
        soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns=(namespace)
            xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {
            soapenv:Body { (content) }
        }
    };
    (status, [(header::CONTENT_TYPE, "text/xml; charset=utf-8")], envelope.into_string()).into_response()
}

fn version_in_service(version: &str) -> Result<(), Fault> {
    let number = version.strip_suffix(".0").and_then(|number| number.parse().ok());
    if number.is_some_and(|number| VERSIONS.contains(&number)) {
        return Ok(());
    }
    let message = "login() is in service from version 31.0 to 64.0: use OAuth";
    Err(Fault { code: "UNSUPPORTED_API_VERSION", message })
}

fn read(body: &str) -> Result<Login, Fault> {
    let malformed = Fault { code: "soapenv:Client", message: "the body must be a SOAP envelope with a login element" };
    let Ok(document) = Document::parse(body) else { return Err(malformed) };
    let is_login = |node: &Node<'_, '_>| {
        node.tag_name().name() == "login" && matches!(node.tag_name().namespace(), Some(PARTNER | ENTERPRISE))
    };
    let Some(login) = document.descendants().find(is_login) else { return Err(malformed) };
    let text = |name| {
        let child = login.children().find(|node| node.tag_name().name() == name);
        child.and_then(|node| node.text()).unwrap_or_default().to_owned()
    };
    Ok(Login { username: text("username"), password: text("password") })
}

fn user(oauth: &OAuth, login: &Login) -> Result<User, Fault> {
    let rest = login.password.strip_prefix(DEMO_PASSWORD);
    let user = oauth.site.user_named(&login.username).filter(|_| matches!(rest, Some("" | SECURITY_TOKEN)));
    let message = "Invalid username, password, security token; or user locked out.";
    user.ok_or(Fault { code: "INVALID_LOGIN", message })
}

fn success(oauth: &OAuth, url: &str, user: &User, endpoint: &str) -> Markup {
    // A session from a login may do what its user may; "full" is what OAuth calls that.
    let scopes = Scopes::parse("full").into_iter();
    let session = scopes.map(|scopes| {
        let bearer = Bearer { client_id: String::new(), user_id: user.id.clone(), scopes };
        oauth.grant(bearer).access_token
    });
    let organization = oauth.site.org().organization_id().to_owned();
    let short = organization.get(..15).unwrap_or_default();
    html! {
        loginResponse {
            result {
                metadataServerUrl { (url) "/services/Soap/m/" (endpoint.rsplit('/').next().unwrap_or_default()) "/" (short) }
                passwordExpired { "false" }
                sandbox { "false" }
                serverUrl { (url) "/services/Soap/" (endpoint) "/" (short) }
                @for session in session { sessionId { (session) } }
                userId { (user.id) }
                userInfo {
                    organizationId { (organization) }
                    userEmail { (user.email) }
                    userFullName { (user.name) }
                    userId { (user.id) }
                    userLanguage { (user.language) }
                    userLocale { (user.locale) }
                    userName { (user.username) }
                    userTimeZone { (user.time_zone) }
                    userType { "Standard" }
                }
            }
        }
    }
}

fn failure(fault: &Fault) -> Markup {
    html! {
        soapenv:Fault {
            faultcode { (fault.code) }
            faultstring { (fault.code) ": " (fault.message) }
            detail {
                sf:LoginFault xsi:type="sf:LoginFault" {
                    sf:exceptionCode { (fault.code) }
                    sf:exceptionMessage { (fault.message) }
                }
            }
        }
    }
}
