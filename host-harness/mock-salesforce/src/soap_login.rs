//! The SOAP API's `login` with user name and password, which older clients start with. Nothing else of SOAP.
//!
//! Source: SOAP API Developer Guide, "login()". It is gone from version 65.0 on.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use maud::{Markup, PreEscaped, html};
use roxmltree::{Document, Node};
use serde::Deserialize;

use crate::oauth::OAuth;
use crate::oauth::scopes::Scopes;
use crate::oauth::tokens::Bearer;
use crate::org::User;

const PARTNER: &str = "urn:partner.soap.sforce.com";
const ENTERPRISE: &str = "urn:enterprise.soap.sforce.com";
const VERSIONS: std::ops::RangeInclusive<u16> = 31..=64;

/// What else Salesforce has in SOAP and the mock does not.
pub(crate) const UNKNOWN: &[(&str, &str)] = &[
    ("/services/Soap/T", "Tooling API in SOAP"),
    ("/services/Soap/class", "web services in Apex"),
    ("/services/Soap/m", "Metadata API in SOAP"),
    ("/services/Soap/s", "Apex in SOAP"),
];

/// `/services/Soap/u/NN.N` (partner) and `/services/Soap/c/NN.N` (enterprise), with or without the organization's Id behind it.
pub(crate) fn routes(oauth: Arc<OAuth>) -> Router {
    let known = Router::new()
        .route("/services/Soap/{flavour}/{version}", post(login))
        .route("/services/Soap/{flavour}/{version}/{organization}", post(login))
        .with_state(oauth);
    UNKNOWN.iter().fold(known, |router, &(path, what)| {
        let message = format!("The mock does not know the resource {path} ({what}): its page lists what it knows");
        let fault = Fault { code: "UNKNOWN_TO_THE_MOCK", message: message.into() };
        let handler =
            any(move || async move { envelope(StatusCode::INTERNAL_SERVER_ERROR, PARTNER, &failure(&fault)) });
        router.route(&format!("{path}/{{*below}}"), handler)
    })
}

/// What a `login` request asks.
struct Login {
    username: String,
    password: String,
}

/// A SOAP fault.
#[derive(Clone)]
struct Fault {
    code: &'static str,
    message: Cow<'static, str>,
}

/// What a path says.
#[derive(Deserialize)]
struct Endpoint {
    flavour: String,
    version: String,
}

async fn login(
    State(oauth): State<Arc<OAuth>>,
    Path(Endpoint { flavour, version }): Path<Endpoint>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let namespace = if flavour == "c" { ENTERPRISE } else { PARTNER };
    let asked = read(&body).and_then(|login| version_in_service(&version).map(|()| login));
    match asked.and_then(|login| user(&oauth, &login)) {
        Ok(user) => {
            let url = oauth.site.url_for(&headers);
            envelope(StatusCode::OK, namespace, &success(&oauth, &url, &user, &format!("{flavour}/{version}")))
        }
        Err(fault) => envelope(StatusCode::INTERNAL_SERVER_ERROR, namespace, &failure(&fault)),
    }
}

fn envelope(status: StatusCode, namespace: &str, content: &Markup) -> Response {
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
    Err(Fault { code: "UNSUPPORTED_API_VERSION", message: message.into() })
}

fn read(body: &str) -> Result<Login, Fault> {
    let message = "the body must be a SOAP envelope with a login element";
    let malformed = Fault { code: "soapenv:Client", message: message.into() };
    let Ok(document) = Document::parse(body) else { return Err(malformed) };
    let is_login = |node: &Node<'_, '_>| {
        node.tag_name().name() == "login" && matches!(node.tag_name().namespace(), Some(PARTNER | ENTERPRISE))
    };
    let Some(login) = document.descendants().find(is_login) else {
        return Err(operation(&document).map_or(malformed, |operation| Fault {
            code: "UNKNOWN_TO_THE_MOCK",
            message: format!("The mock knows login() alone of the SOAP API, not {operation}(): use REST").into(),
        }));
    };
    let text = |name| {
        let child = login.children().find(|node| node.tag_name().name() == name);
        child.and_then(|node| node.text()).unwrap_or_default().to_owned()
    };
    Ok(Login { username: text("username"), password: text("password") })
}

/// What an envelope asks for.
fn operation<'a>(document: &'a Document<'_>) -> Option<&'a str> {
    let body = document.root_element().children().find(|node| node.tag_name().name() == "Body")?;
    Some(body.first_element_child()?.tag_name().name())
}

fn user(oauth: &OAuth, login: &Login) -> Result<User, Fault> {
    let user = oauth.user_with_password(&login.username, &login.password);
    let message = "Invalid username, password, security token; or user locked out.";
    user.ok_or(Fault { code: "INVALID_LOGIN", message: message.into() })
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
