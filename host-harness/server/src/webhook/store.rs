//! Webhooks in the database.

use rusqlite::{Connection, OptionalExtension, params};

use super::signature::SigningSecret;
use super::{LastAttempt, NewWebhook, Percent, Set, USUAL_PERCENT, Webhook, Webhooks};
use crate::clock;
use crate::database::StoreError;
use crate::vault::Vault;
use salesforce_runtime::secret::Secret;

impl Webhooks {
    /// Sets a tenant's webhook. It has a new secret if it is new, its URL is another, or that was asked for. One that was disabled
    /// goes on.
    pub(crate) async fn set(&self, tenant: &str, new: NewWebhook) -> Result<Set, StoreError> {
        let (tenant, vault) = (tenant.to_owned(), self.vault.clone());
        let of = tenant.clone();
        let set = self.database.write(move |connection| set(connection, &vault, &of, &new)).await?;
        tracing::warn!(tenant, new_secret = set.secret.is_some(), "a webhook was set");
        Ok(set)
    }

    /// A tenant's webhook.
    pub(crate) async fn find(&self, tenant: &str) -> Result<Option<Webhook>, StoreError> {
        let (tenant, vault) = (tenant.to_owned(), self.vault.clone());
        self.database.read(move |connection| find(connection, &vault, &tenant)).await
    }

    /// Removes a tenant's webhook with the events that wait; false if there is none.
    pub(crate) async fn delete(&self, tenant: &str) -> Result<bool, StoreError> {
        let of = tenant.to_owned();
        let deleted = self.database.write(move |connection| {
            arm(connection, &of)?;
            Ok(connection.execute("DELETE FROM webhook WHERE tenant = ?1", [of])?)
        });
        let deleted = deleted.await? == 1;
        if deleted {
            tracing::warn!(tenant, "a webhook was deleted");
        }
        Ok(deleted)
    }
}

/// What an encrypted value is encrypted for.
pub(crate) fn place(kind: &str, tenant: &str) -> String {
    format!("webhook/{kind}/{tenant}")
}

fn set(connection: &Connection, vault: &Vault, tenant: &str, new: &NewWebhook) -> Result<Set, StoreError> {
    let NewWebhook { url, allowance, new_secret } = new;
    let (url, percent) = (url.0.expose(), allowance.map_or(USUAL_PERCENT, Percent::get));
    let now = clock::now();
    let before = find(connection, vault, tenant)?;
    let is_another = before.as_ref().is_none_or(|before| before.url.expose() != url);
    let secret = if is_another || *new_secret {
        let secret = SigningSecret::make();
        let encrypt = |kind, text: &str| vault.encrypt(connection, &place(kind, tenant), text.as_bytes());
        let (encrypted_url, encrypted) = (encrypt("url", url)?, encrypt("secret", secret.text().expose())?);
        connection.execute(
            "INSERT INTO webhook (tenant, version, encrypted_url, encrypted_secret, allowance_percent, created_at)
             VALUES (?1, 1, ?2, ?3, ?4, ?5) ON CONFLICT (tenant) DO UPDATE SET version = version + 1,
             encrypted_url = excluded.encrypted_url, encrypted_secret = excluded.encrypted_secret",
            params![tenant, encrypted_url, encrypted, percent, now],
        )?;
        Some(secret.text().clone())
    } else {
        None
    };
    if is_another {
        arm(connection, tenant)?;
        // It was another receiver's.
        connection.execute(
            "UPDATE webhook SET last_at = NULL, last_type = NULL, last_status = NULL, last_failure = NULL WHERE tenant = ?1",
            [tenant],
        )?;
    }
    connection.execute(
        "UPDATE webhook SET allowance_percent = ?2, disabled_at = NULL WHERE tenant = ?1",
        params![tenant, percent],
    )?;
    let webhook = find(connection, vault, tenant)?.ok_or(StoreError::Foreign("a webhook"))?;
    Ok(Set { webhook, secret })
}

/// Who is told is another from now on: every allowance that is passed is news.
fn arm(connection: &Connection, tenant: &str) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE connection SET allowance_told = NULL WHERE tenant = ?1 AND allowance_told IS NOT NULL",
        [tenant],
    )?;
    Ok(())
}

fn find(connection: &Connection, vault: &Vault, tenant: &str) -> Result<Option<Webhook>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT encrypted_url, allowance_percent, dropped, disabled_at, last_at, last_type, last_status, last_failure, created_at,
         (SELECT count(*) FROM webhook_event WHERE tenant = ?1) AS waiting FROM webhook WHERE tenant = ?1",
    )?;
    let found = statement.query_row([tenant], |row| {
        let last_attempt = match (row.get("last_at")?, row.get("last_type")?) {
            (Some(at), Some(event)) => {
                Some(LastAttempt { at, event, status: row.get("last_status")?, failure: row.get("last_failure")? })
            }
            _ => None,
        };
        let webhook = Webhook {
            url: Secret::from(String::new()),
            allowance_percent: row.get("allowance_percent")?,
            waiting: row.get("waiting")?,
            dropped: row.get("dropped")?,
            disabled_at: row.get("disabled_at")?,
            last_attempt,
            created_at: row.get("created_at")?,
        };
        Ok((webhook, row.get::<_, Vec<u8>>("encrypted_url")?))
    });
    let Some((webhook, encrypted)) = found.optional()? else { return Ok(None) };
    Ok(Some(Webhook { url: vault.decrypt_secret(&place("url", tenant), &encrypted)?, ..webhook }))
}
