//! The change of a connection: it keeps its id, so nothing that uses it has to change.
//!
//! What becomes of its tokens:
//!
//! | changed | tokens | authorizations that wait |
//! |---|---|---|
//! | `name`, `scopes`, `api_version`, `apex_rest` | stay | go on |
//! | `client_secret` | stay; the next refresh is made with the new secret | go on with the new secret |
//! | `client_id` | end here: they are another app's | end |
//! | `login_url` (only of a connection that is not active) | there are none | end |

use rusqlite::{Connection, params};

use super::draft::Change;
use super::store::{find, place};
use super::{ConnectionError, ConnectionRecord, ConnectionState, Connections};
use crate::database::StoreError;
use crate::vault::Vault;
use crate::webhook::Event;
use crate::{clock, webhook};
use salesforce_runtime::secret::Secret;

impl Connections {
    /// Changes what is given of a tenant's connection.
    pub(crate) async fn update(
        &self,
        tenant: &str,
        id: &str,
        change: Change,
    ) -> Result<ConnectionRecord, ConnectionError> {
        if let Some(login_url) = &change.login_url {
            self.login_hosts.allow(login_url)?;
        }
        let (vault, tenant, id) = (self.vault.clone(), tenant.to_owned(), id.to_owned());
        let updated = self.database.write(move |connection| update(connection, &vault, &tenant, &id, &change));
        let updated = updated.await??;
        tracing::info!(connection = updated.id, tenant = updated.tenant, "a connection was changed");
        Ok(updated)
    }
}

/// The outer error is the database's, the inner one the connection's: then nothing was written.
fn update(
    connection: &Connection,
    vault: &Vault,
    tenant: &str,
    id: &str,
    change: &Change,
) -> Result<Result<ConnectionRecord, ConnectionError>, StoreError> {
    let Some(record) = find(connection, tenant, id)? else { return Ok(Err(ConnectionError::NotFound)) };
    let login_url = change.login_url.as_ref().map(ToString::to_string).filter(|url| *url != record.login_url);
    let client_id = change.client_id.as_ref().filter(|client_id| **client_id != record.client_id);
    if login_url.is_some() && record.state == ConnectionState::Active {
        return Ok(Err(ConnectionError::StillConnected));
    }
    let is_another_app = login_url.is_some() || client_id.is_some();
    if is_another_app && record.has_client_secret && change.client_secret.is_none() {
        return Ok(Err(ConnectionError::SecretOfAnotherApp));
    }
    if let Some(name) = &change.name {
        let taken = "SELECT EXISTS (SELECT 1 FROM connection WHERE tenant = ?1 AND name = ?2 AND id <> ?3)";
        if connection.query_row(taken, [tenant, name, id], |row| row.get(0))? {
            return Ok(Err(ConnectionError::NameTaken));
        }
    }
    let encrypt = |secret: &Secret| vault.encrypt(connection, &place("client_secret", id), secret.expose().as_bytes());
    let client_secret = change.client_secret.as_ref().and_then(Option::as_ref).map(encrypt).transpose()?;
    let scopes = change.scopes.as_ref().map(|scopes| scopes.join(" "));
    connection.execute(
        "UPDATE connection SET name = coalesce(?2, name), client_id = coalesce(?3, client_id),
         login_url = coalesce(?4, login_url), requested_scopes = coalesce(?5, requested_scopes),
         apex_rest = coalesce(?11, apex_rest),
         api_version = CASE WHEN ?6 THEN ?7 ELSE api_version END,
         encrypted_client_secret = CASE WHEN ?8 THEN ?9 ELSE encrypted_client_secret END, updated_at = ?10 WHERE id = ?1",
        params![
            id,
            change.name,
            client_id,
            login_url,
            scopes,
            change.api_version.is_some(),
            change.api_version.as_ref().and_then(Option::as_ref),
            change.client_secret.is_some(),
            client_secret,
            clock::now(),
            change.apex_rest
        ],
    )?;
    if is_another_app {
        forget_the_other_app(connection, &record, login_url.is_some())?;
    }
    Ok(find(connection, tenant, id)?.ok_or(ConnectionError::NotFound))
}

/// What belongs to the app and the host that a connection had before.
fn forget_the_other_app(
    connection: &Connection,
    before: &ConnectionRecord,
    other_host: bool,
) -> Result<(), StoreError> {
    connection.execute("DELETE FROM authorization WHERE connection = ?1", [&before.id])?;
    let (state, reason) = match before.state {
        _ if other_host => (ConnectionState::Authorizing, None),
        ConnectionState::Active | ConnectionState::NeedsReauthorization => {
            (ConnectionState::NeedsReauthorization, Some("the consumer key of the connected app was changed"))
        }
        other => (other, None),
    };
    connection.execute(
        "UPDATE connection SET state = ?2, reason = ?3, encrypted_access_token = NULL, encrypted_refresh_token = NULL,
         refresh_begun_at = NULL, refusal = NULL, refused_at = NULL WHERE id = ?1",
        params![before.id, state.as_str(), reason],
    )?;
    if state == ConnectionState::NeedsReauthorization && before.state != state {
        webhook::put(connection, &before.tenant, &Event::NeedsReauthorization { connection: &before.id })?;
    }
    if other_host {
        connection.execute(
            "UPDATE connection SET instance_url = NULL, scopes = '', username = NULL, organization_id = NULL,
             api_used = NULL, api_allowed = NULL, api_seen_at = NULL, allowance_told = NULL WHERE id = ?1",
            [&before.id],
        )?;
    }
    Ok(())
}
