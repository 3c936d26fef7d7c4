//! Who looks at the console: a browser that logged in with a token has a cookie, and a form of ours has its session's
//! CSRF token.
//!
//! What changes something is taken with the CSRF token alone (a field `csrf`, or for scripts the header `x-csrf-token`),
//! and never from a page of another site.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use cookie::{Cookie, SameSite};
use rusqlite::{OptionalExtension, params};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use super::page::{cookie_value, failed_page, forbidden_page, problem_page};
use super::queried;
use crate::api::{Problem, ProblemKind};
use crate::app::App;
use crate::database::StoreError;
use crate::tenants::{Principal, Tenant};
use crate::{clock, random};
use salesforce_runtime::egress::Origin;
use salesforce_runtime::secret::Secret;

const COOKIE: &str = "harness_session";
/// How long a session lives, in milliseconds.
const LIFETIME: i64 = 12 * 60 * 60 * 1000;
/// Browsers that one token is logged in with: one more ends the oldest session.
const MOST_OF_A_TOKEN: u32 = 20;
/// Header of a script's request.
const CSRF_HEADER: &str = "x-csrf-token";

/// A logged-in browser.
#[derive(Clone)]
pub(crate) struct Session {
    /// Whose things it sees: the token's tenant, or the one that an administrator looks at.
    pub(crate) tenant: Tenant,
    /// What its forms must bring.
    pub(crate) csrf: String,
    pub(crate) is_administrator: bool,
    /// Id of the token that opened it.
    pub(super) token: String,
}

/// A form of a logged-in browser that came from a page of ours.
pub(crate) struct Posted<T>(pub(crate) Session, pub(crate) T);

/// A request of our script, with any body.
pub(crate) struct Scripted(pub(crate) Session);

impl Session {
    /// Answers with what was made, or with a page that says what was wrong.
    pub(crate) async fn shown(&self, making: impl Future<Output = Result<Response, Problem>>) -> Response {
        making.await.unwrap_or_else(|problem| problem_page(self, &problem))
    }

    /// # Errors
    /// Somebody else is logged in.
    pub(super) fn require_administrator(&self) -> Result<(), Problem> {
        let words = "this page is for administrators: log in with an administrator's token";
        if self.is_administrator { Ok(()) } else { Err(Problem::new(ProblemKind::Forbidden, words)) }
    }

    fn takes(&self, csrf: &str) -> bool {
        self.csrf.as_bytes().ct_eq(csrf.as_bytes()).into()
    }
}

/// Opens a session for the holder of a token. Answers its cookie.
pub(super) async fn open(app: &App, token: String, principal: &Principal) -> Result<Cookie<'static>, StoreError> {
    let value = random::text();
    let (hash, csrf) = (random::hash(value.expose()), random::text());
    let tenant = match principal {
        Principal::Tenant(tenant) => Some(tenant.id.clone()),
        Principal::Administrator => None,
    };
    app.database
        .write(move |connection| {
            let now = clock::now();
            connection.execute("DELETE FROM console_session WHERE expires_at < ?1", [now])?;
            connection.execute(
                "INSERT INTO console_session (hash, token, tenant, csrf, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![hash, token, tenant, csrf.expose(), now + LIFETIME],
            )?;
            connection.execute(
                "DELETE FROM console_session WHERE token = ?1 AND rowid NOT IN
                 (SELECT rowid FROM console_session WHERE token = ?1 ORDER BY rowid DESC LIMIT ?2)",
                params![token, MOST_OF_A_TOKEN],
            )?;
            Ok(())
        })
        .await?;
    Ok(cookie(app, &value))
}

/// Ends the browser's session. Answers the cookie that replaces its own.
pub(super) async fn close(app: &App, headers: &HeaderMap) -> Result<Cookie<'static>, StoreError> {
    let hash = hash(headers);
    app.database
        .write(move |connection| Ok(connection.execute("DELETE FROM console_session WHERE hash = ?1", [hash])?))
        .await?;
    let mut gone = cookie(app, &Secret::from(String::new()));
    gone.set_max_age(cookie::time::Duration::ZERO);
    Ok(gone)
}

/// An administrator looks at another tenant from now on.
pub(super) async fn look_at(app: &App, headers: &HeaderMap, tenant: String) -> Result<(), StoreError> {
    let hash = hash(headers);
    let update = "UPDATE console_session SET tenant = ?2 WHERE hash = ?1";
    app.database.write(move |connection| Ok(connection.execute(update, params![hash, tenant])?)).await?;
    Ok(())
}

/// Whether a browser says that the request comes from a page of this server, or says nothing. Neither header can be set
/// by a page.
pub(super) fn is_from_here(headers: &HeaderMap, public_url: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let origin = |text: &str| text.parse::<Origin>().ok();
    match headers.get(header::ORIGIN).map(|value| value.to_str().ok().and_then(origin)) {
        None => true,
        Some(from) => from.is_some() && from == origin(public_url),
    }
}

fn cookie(app: &App, value: &Secret) -> Cookie<'static> {
    Cookie::build((COOKIE, value.expose().to_owned()))
        .path("/")
        .http_only(true)
        // Strict would lose the session on the way back from Salesforce.
        .same_site(SameSite::Lax)
        .secure(app.is_secure())
        .build()
}

/// What is kept of the browser's session.
pub(super) fn hash(headers: &HeaderMap) -> Option<[u8; 32]> {
    cookie_value(headers, COOKIE).map(|value| random::hash(&value))
}

async fn find(app: &App, headers: &HeaderMap) -> Result<Option<Session>, StoreError> {
    let Some(hash) = hash(headers) else { return Ok(None) };
    let now = clock::now();
    let found: Option<(String, Option<String>, Option<String>, String)> = app
        .database
        .read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT session.csrf, token.tenant, session.tenant, token.id FROM console_session session
                 JOIN api_token token ON token.id = session.token
                 WHERE session.hash = ?1 AND session.expires_at > ?2
                 AND session.expires_at <= ?3 AND token.revoked_at IS NULL",
            )?;
            let row = statement.query_row(params![hash, now, now + LIFETIME + clock::SKEW], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            });
            Ok(row.optional()?)
        })
        .await?;
    let Some((csrf, owner, looked_at, token)) = found else { return Ok(None) };
    let is_administrator = owner.is_none();
    let tenant = match owner.or(looked_at) {
        Some(id) => app.tenants.find(id).await?,
        None => app.tenants.list(None, 1).await?.into_iter().next(),
    };
    Ok(tenant.map(|tenant| Session { tenant, csrf, is_administrator, token }))
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
            Ok(None) => Err(forbidden_page("you are not logged in any more")),
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
                _ => wrong("expected the form to arrive whole, and it broke off".to_owned()),
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
    forbidden_page("the request did not come from a page of this console, or from one of an earlier login")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::options::ServerOptions;
    use crate::tenants::{NewTenant, TenantLimits};
    use salesforce_verify::CompilerCommand;

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

    async fn app(directory: &tempfile::TempDir) -> App {
        let compiler = CompilerCommand { program: "unused".into(), arguments: Vec::new() };
        let address = "127.0.0.1:0".parse().unwrap();
        let options = ServerOptions::new(address, directory.path().join("data"), compiler);
        App::open(&options, address).await.unwrap().0
    }

    async fn logged_in(app: &App, tenant: Option<String>) -> (HeaderMap, String) {
        let token = app.tenants.create_token(tenant, "test".to_owned()).await.unwrap();
        let id = token.id().to_owned();
        let principal = app.tenants.authenticate(token).await.unwrap().unwrap();
        let cookie = open(app, id.clone(), &principal).await.unwrap();
        assert!(cookie.http_only() == Some(true) && cookie.same_site() == Some(SameSite::Lax));
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(&format!("a=b; {}", cookie.stripped())).unwrap());
        (headers, id)
    }

    #[tokio::test]
    async fn a_session_ends_with_its_logout_its_token_or_its_time() {
        let directory = tempfile::tempdir().unwrap();
        let app = app(&directory).await;
        let tenant = app.tenants.list(None, 1).await.unwrap().remove(0);
        let ways: [&str; 3] = ["logout", "token", "time"];
        for way in ways {
            let (headers, token) = logged_in(&app, Some(tenant.id.clone())).await;
            let session = find(&app, &headers).await.unwrap().unwrap();
            assert!(session.tenant == tenant && !session.is_administrator);
            match way {
                "logout" => assert_eq!(close(&app, &headers).await.unwrap().value(), ""),
                "token" => assert!(app.tenants.revoke_token(tenant.id.clone(), token).await.unwrap()),
                _ => {
                    let past = clock::now();
                    let update = "UPDATE console_session SET expires_at = ?1";
                    app.database.write(move |database| Ok(database.execute(update, [past])?)).await.unwrap();
                }
            }
            assert!(find(&app, &headers).await.unwrap().is_none(), "{way}");
        }
        let forged = headers(&[("cookie", "harness_session=forged")]);
        assert!(find(&app, &forged).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn s09_one_login_more_than_a_token_may_have_ends_its_oldest_session() {
        let directory = tempfile::tempdir().unwrap();
        let app = app(&directory).await;
        let (other, _) = logged_in(&app, None).await;
        let (oldest, token) = logged_in(&app, None).await;
        for _ in 1..MOST_OF_A_TOKEN {
            open(&app, token.clone(), &Principal::Administrator).await.unwrap();
        }
        assert!(find(&app, &oldest).await.unwrap().is_some());
        open(&app, token, &Principal::Administrator).await.unwrap();
        assert!(find(&app, &oldest).await.unwrap().is_none() && find(&app, &other).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn only_an_administrator_looks_at_another_tenant() {
        let directory = tempfile::tempdir().unwrap();
        let app = app(&directory).await;
        let first = app.tenants.list(None, 1).await.unwrap().remove(0);
        let new = NewTenant { name: "other".to_owned(), limits: TenantLimits::default() };
        let other = app.tenants.create(new).await.unwrap().unwrap();
        let (administrator, _) = logged_in(&app, None).await;
        assert_eq!(find(&app, &administrator).await.unwrap().unwrap().tenant, first);
        let (tenant, _) = logged_in(&app, Some(first.id.clone())).await;
        for headers in [&administrator, &tenant] {
            look_at(&app, headers, other.id.clone()).await.unwrap();
        }
        let seen = find(&app, &administrator).await.unwrap().unwrap();
        assert!(seen.tenant == other && seen.is_administrator);
        assert_eq!(find(&app, &tenant).await.unwrap().unwrap().tenant, first);
    }

    #[test]
    fn only_the_sessions_own_csrf_token_is_taken() {
        let tenant = Tenant {
            id: "t".to_owned(),
            name: "t".to_owned(),
            limits: TenantLimits::default(),
            suspended_at: None,
            created_at: 0,
        };
        let session = Session { tenant, csrf: "right".to_owned(), is_administrator: false, token: String::new() };
        assert!(session.takes(&csrf_of(b"name=a&csrf=right")));
        for body in [&b""[..], b"csrf=", b"csrf=righ", b"csrf=rightx", b"csrf=wrong&csrf=right", b"CSRF=right"] {
            assert!(!session.takes(&csrf_of(body)), "{}", String::from_utf8_lossy(body));
        }
        assert!(session.require_administrator().is_err());
    }
}
