//! Tokens of the API in the database. Without a tenant a token is an administrator's.

use rusqlite::{Connection, OptionalExtension, params};

use super::store::find;
use super::{ApiToken, Principal, Tenants, TokenRecord};
use crate::clock;
use crate::database::StoreError;

/// Ended tokens that are kept of a tenant, and of administrators, for their list.
const ENDED_KEPT: u32 = 100;

/// A token that took the place of another.
pub(crate) struct Renewed {
    pub(crate) token: ApiToken,
    pub(crate) name: String,
}

/// What became of an administrator's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revocation {
    Revoked,
    NoSuch,
    /// It is the only one: without it nobody could make another.
    LastOne,
}

impl Tenants {
    /// Makes a token: of a tenant, or an administrator's. Its text is shown this once.
    pub(crate) async fn create_token(&self, tenant: Option<String>, name: String) -> Result<ApiToken, StoreError> {
        let token = ApiToken::generate();
        self.database
            .write(move |connection| {
                insert(connection, &token, tenant.as_deref(), &name)?;
                Ok(token)
            })
            .await
    }

    /// The tokens of a tenant, or of administrators, without their texts.
    pub(crate) async fn tokens(&self, tenant: Option<String>) -> Result<Vec<TokenRecord>, StoreError> {
        self.database
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT id, name, created_at, revoked_at FROM api_token WHERE tenant IS ?1 ORDER BY id",
                )?;
                let tokens = statement.query_map([tenant], |row| {
                    Ok(TokenRecord {
                        id: row.get(0)?,
                        name: row.get(1)?,
                        created_at: row.get(2)?,
                        revoked_at: row.get(3)?,
                    })
                })?;
                Ok(tokens.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// Puts a new token in the place of one that is good, and ends that. Its console sessions end, but for the one with this
    /// hash. None if there is no such token, or it has ended.
    pub(crate) async fn renew_token(
        &self,
        tenant: Option<String>,
        id: String,
        keep_session: Option<[u8; 32]>,
    ) -> Result<Option<Renewed>, StoreError> {
        let token = ApiToken::generate();
        self.database
            .write(move |connection| {
                let name: Option<String> = connection
                    .query_row(
                        "SELECT name FROM api_token WHERE id = ?1 AND tenant IS ?2 AND revoked_at IS NULL",
                        params![id, tenant],
                        |row| row.get(0),
                    )
                    .optional()?;
                let Some(name) = name else { return Ok(None) };
                insert(connection, &token, tenant.as_deref(), &name)?;
                connection.execute(
                    "UPDATE console_session SET token = ?3 WHERE token = ?1 AND hash = ?2",
                    params![id, keep_session, token.id()],
                )?;
                end(connection, tenant.as_deref(), &id)?;
                Ok(Some(Renewed { token, name }))
            })
            .await
    }

    /// Ends a tenant's token, and the console sessions that it opened. False if there is no such token.
    pub(crate) async fn revoke_token(&self, tenant: String, id: String) -> Result<bool, StoreError> {
        self.database.write(move |connection| end(connection, Some(&tenant), &id)).await
    }

    /// Ends an administrator's token, unless it is the only one that is good.
    pub(crate) async fn revoke_administrator_token(&self, id: String) -> Result<Revocation, StoreError> {
        self.database
            .write(move |connection| {
                let others: bool = connection.query_row(
                    "SELECT EXISTS (SELECT 1 FROM api_token WHERE tenant IS NULL AND revoked_at IS NULL AND id <> ?1)",
                    [&id],
                    |row| row.get(0),
                )?;
                let is_good = "SELECT revoked_at IS NULL FROM api_token WHERE id = ?1 AND tenant IS NULL";
                match connection.query_row(is_good, [&id], |row| row.get(0)).optional()? {
                    None => Ok(Revocation::NoSuch),
                    Some(true) if !others => Ok(Revocation::LastOne),
                    Some(_) => end(connection, None, &id).map(|_| Revocation::Revoked),
                }
            })
            .await
    }

    /// Whose token this is; none if it is nobody's or was revoked.
    pub(crate) async fn authenticate(&self, token: ApiToken) -> Result<Option<Principal>, StoreError> {
        self.database
            .read(move |connection| {
                let kept: Option<(Vec<u8>, Option<String>)> = connection
                    .prepare_cached("SELECT hash, tenant FROM api_token WHERE id = ?1 AND revoked_at IS NULL")?
                    .query_row([token.id()], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                let Some((hash, tenant)) = kept else { return Ok(None) };
                if !token.is_kept_as(&hash) {
                    return Ok(None);
                }
                match tenant {
                    None => Ok(Some(Principal::Administrator)),
                    Some(id) => Ok(find(connection, &id)?.map(Principal::Tenant)),
                }
            })
            .await
    }
}

fn insert(connection: &Connection, token: &ApiToken, tenant: Option<&str>, name: &str) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO api_token (id, tenant, name, hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![token.id(), tenant, name, token.hash(), clock::now()],
    )?;
    Ok(())
}

/// False if there is no such token.
fn end(connection: &Connection, tenant: Option<&str>, id: &str) -> Result<bool, StoreError> {
    let ended = connection.execute(
        "UPDATE api_token SET revoked_at = coalesce(revoked_at, ?3) WHERE id = ?1 AND tenant IS ?2",
        params![id, tenant, clock::now()],
    )?;
    if ended == 1 {
        connection.execute("DELETE FROM console_session WHERE token = ?1", [id])?;
        connection.execute(
            "DELETE FROM api_token WHERE tenant IS ?1 AND revoked_at IS NOT NULL AND id NOT IN (SELECT id FROM api_token
             WHERE tenant IS ?1 AND revoked_at IS NOT NULL ORDER BY revoked_at DESC, id DESC LIMIT ?2)",
            params![tenant, ENDED_KEPT],
        )?;
    }
    Ok(ended == 1)
}
