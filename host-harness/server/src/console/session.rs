//! Who looks at the console: a browser that logged in with a token has a cookie, and its session is in the database.

use axum::http::{HeaderMap, header};
use cookie::{Cookie, SameSite};
use rusqlite::{OptionalExtension, params};
use subtle::ConstantTimeEq;

use crate::api::{Problem, ProblemKind};
use crate::app::App;
use crate::database::StoreError;
use crate::tenants::{Principal, Tenant};
use crate::{clock, random};
use salesforce_runtime::secret::Secret;

const COOKIE: &str = "harness_session";
/// How long a session lives, in milliseconds.
const LIFETIME: i64 = 12 * 60 * 60 * 1000;
/// Browsers that one token is logged in with: one more ends the oldest session.
const MOST_OF_A_TOKEN: u32 = 20;

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

impl Session {
    /// # Errors
    /// Somebody else is logged in.
    pub(super) fn require_administrator(&self) -> Result<(), Problem> {
        let words = "this page is for administrators: log in with an administrator's token";
        if self.is_administrator { Ok(()) } else { Err(Problem::new(ProblemKind::Forbidden, words)) }
    }

    /// Whether this is what its forms bring.
    pub(super) fn takes(&self, csrf: &str) -> bool {
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
    let found = cookies(headers).find(|cookie| cookie.name() == COOKIE);
    found.map(|cookie| random::hash(cookie.value()))
}

/// All cookies of a request.
pub(crate) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(Cookie::split_parse).filter_map(Result::ok)
}

/// The browser's session, as long as it lasts.
pub(super) async fn find(app: &App, headers: &HeaderMap) -> Result<Option<Session>, StoreError> {
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

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::options::ServerOptions;
    use crate::tenants::{NewTenant, TenantLimits};
    use salesforce_verify::CompilerCommand;

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
        let mut forged = HeaderMap::new();
        forged.insert(header::COOKIE, HeaderValue::from_static("harness_session=forged"));
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
}
