//! What a logged-in browser asks for.
//!
//! What changes something is taken with the session's CSRF token alone (a field `csrf`, or for scripts the header
//! `x-csrf-token`), and never from a page of another site.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::de::DeserializeOwned;

use super::page::{failed_page, forbidden_page, problem_page};
use super::queried;
use super::session::{Session, find};
use crate::api::{Problem, ProblemKind};
use crate::app::App;
use salesforce_runtime::egress::Origin;

/// Header of a script's request.
const CSRF_HEADER: &str = "x-csrf-token";

/// A form of a logged-in browser that came from a page of ours.
pub(crate) struct Posted<T>(pub(crate) Session, pub(crate) T);

/// A request of our script, with any body.
pub(crate) struct Scripted(pub(crate) Session);

/// Whether a browser says that the request comes from a page of this server, or says nothing. Neither header can be set
/// by a page.
pub(crate) fn is_from_here(headers: &HeaderMap, public_url: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let origin = |text: &str| text.parse::<Origin>().ok();
    match headers.get(header::ORIGIN).map(|value| value.to_str().ok().and_then(origin)) {
        None => true,
        Some(from) => from.is_some() && from == origin(public_url),
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Session, Response> {
        match find(app, &parts.headers).await {
            Ok(Some(session)) if session.tenant.suspended_at.is_some() && !session.is_administrator => {
                Err(failed_page(&Problem::suspended()))
            }
            Ok(Some(session)) => match app.transit.admit(&session.tenant, &parts.extensions).await {
                Ok(()) => Ok(session),
                Err(too_many) => Err(failed_page(&too_many.into())),
            },
            Ok(None) if parts.method == Method::GET => {
                let here = parts.uri.path_and_query().map_or("/", |here| here.as_str());
                let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", here).finish();
                Err(Redirect::to(&format!("/console/login?{query}")).into_response())
            }
            Ok(None) => Err(forbidden_page("Your session has ended.")),
            Err(error) => Err(failed_page(&error.into())),
        }
    }
}

impl FromRequestParts<App> for Scripted {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Scripted, Response> {
        let session = Session::from_request_parts(parts, app).await?;
        let csrf = parts.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !admits(&session, app, &parts.headers, csrf) {
            return Err(not_admitted());
        }
        Ok(Scripted(session))
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Posted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Posted<T>, Response> {
        let (mut parts, body) = request.into_parts();
        let session = Session::from_request_parts(&mut parts, app).await?;
        let wrong = |words: String| problem_page(&session, &Problem::invalid(words));
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), app).await.map_err(|rejection| {
            match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => {
                    problem_page(&session, &Problem::new(ProblemKind::TooLarge, "the form is larger than allowed"))
                }
                _ => wrong("the form did not arrive completely".to_owned()),
            }
        })?;
        let header = parts.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
        let csrf = header.map_or_else(|| csrf_of(&body), str::to_owned);
        if !admits(&session, app, &parts.headers, &csrf) {
            return Err(not_admitted());
        }
        match queried::form(&parts.headers, &body) {
            Ok(form) => Ok(Posted(session, form)),
            Err(words) => Err(wrong(words)),
        }
    }
}

fn csrf_of(body: &[u8]) -> String {
    let field = form_urlencoded::parse(body).find(|(name, _)| name == "csrf");
    field.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn admits(session: &Session, app: &App, headers: &HeaderMap, csrf: &str) -> bool {
    session.takes(csrf) && is_from_here(headers, app.public_url())
}

fn not_admitted() -> Response {
    forbidden_page("The request did not come from this console, or its page is older than your login.")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::tenants::{Tenant, TenantLimits};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_request_of_another_page_is_told_by_what_browsers_say() {
        let here = |pairs: &[_]| is_from_here(&headers(pairs), "https://harness.example");
        assert!(here(&[]) && here(&[("sec-fetch-site", "same-origin")]) && here(&[("sec-fetch-site", "none")]));
        assert!(!here(&[("sec-fetch-site", "cross-site")]));
        // Another port of this machine is the same site, and somebody else's.
        assert!(!here(&[("sec-fetch-site", "same-site")]));
        assert!(here(&[("origin", "https://harness.example")]) && here(&[("origin", "https://harness.example:443")]));
        for other in
            ["null", "https://evil.example", "https://harness.example:444", "https://harness.example.evil.example"]
        {
            assert!(!here(&[("origin", other)]), "{other}");
        }
        // What the browser says of the site counts: behind a name of loopback the origin is another one.
        assert!(here(&[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:1")]));
    }

    #[test]
    fn only_the_sessions_own_csrf_token_is_taken() {
        let tenant = Tenant::of_test("t", TenantLimits::default());
        let session = Session { tenant, csrf: "right".to_owned(), is_administrator: false, token: String::new() };
        assert!(session.takes(&csrf_of(b"name=a&csrf=right")));
        for body in [&b""[..], b"csrf=", b"csrf=righ", b"csrf=rightx", b"csrf=wrong&csrf=right", b"CSRF=right"] {
            assert!(!session.takes(&csrf_of(body)), "{}", String::from_utf8_lossy(body));
        }
        assert!(session.require_administrator().is_err());
    }
}
