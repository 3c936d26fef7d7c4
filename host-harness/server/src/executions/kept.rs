//! What executions were asked and gave: encrypted, kept for a day, and within the place that a tenant has for it.
//!
//! The first piece of a text is in the execution's row; the others are written before it, one at a time in the tenant's
//! turns, so that nobody waits for the whole of a long one. Pieces that no row came to refer to go by their age. Where a
//! tenant's place is full, what is kept of its oldest executions is forgotten; the last one is always kept.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, ToSql, params};

use super::Executions;
use crate::database::{Database, StoreError};
use crate::running_time;
use crate::vault::Vault;

/// How long what was asked and given is kept, in milliseconds.
pub(super) const KEPT: i64 = 24 * 60 * 60 * 1000;
/// Pieces stay a little longer: they are written before their row.
const PIECES_KEPT: i64 = KEPT + 60 * 60 * 1000;

/// Bytes of the first piece, and of each other one.
pub(super) const FIRST: usize = 16 << 10;
const PIECE: usize = 256 << 10;
/// Pieces that are deleted in one transaction, and rows: what is deleted is overwritten.
const PIECES_AT_ONCE: u32 = 2;
const ROWS_AT_ONCE: u32 = 16;
/// Executions of which nothing is kept any more for what is kept of another one.
const FORGOTTEN_AT_ONCE: u32 = 100;

/// How long one write may take before the disk is taken for one that takes none.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Whose turn it is when nobody's texts are forgotten, but everybody's.
const UPKEEP: &str = "";

/// Which text of an execution.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Request,
    Result,
}

/// An execution's text as it is stored.
#[derive(Debug)]
pub(super) struct Encrypted {
    pub(super) first: Vec<u8>,
    others: Vec<Vec<u8>>,
}

/// What the first piece of an execution's result is encrypted for.
pub(crate) fn place(id: &str) -> String {
    format!("execution/result/{id}")
}

/// What the first piece of its request is encrypted for.
pub(crate) fn request_place(id: &str) -> String {
    format!("execution/request/{id}")
}

/// What another piece is encrypted for, by `id/what/number`.
pub(crate) fn piece_place(of: &str) -> String {
    format!("execution/piece/{of}")
}

/// The first piece of a text, and the others.
pub(super) fn split(text: &[u8]) -> (&[u8], impl Iterator<Item = &[u8]> + Send) {
    let (first, others) = text.split_at_checked(FIRST).unwrap_or((text, &[]));
    (first, others.chunks(PIECE))
}

impl What {
    fn as_str(self) -> &'static str {
        match self {
            What::Request => "request",
            What::Result => "result",
        }
    }

    fn first_place(self, id: &str) -> String {
        match self {
            What::Request => request_place(id),
            What::Result => place(id),
        }
    }
}

impl Encrypted {
    /// Reads the other pieces of a text whose first one is in the row. Both must be of the same moment.
    pub(super) fn read(
        connection: &Connection,
        id: &str,
        what: What,
        first: Option<Vec<u8>>,
    ) -> Result<Option<Encrypted>, StoreError> {
        let Some(first) = first else { return Ok(None) };
        let mut statement = connection.prepare_cached(
            "SELECT encrypted_piece FROM execution_piece WHERE execution = ?1 AND what = ?2 ORDER BY number",
        )?;
        let others = statement.query_map([id, what.as_str()], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Some(Encrypted { first, others }))
    }

    pub(super) fn len(&self) -> usize {
        self.first.len() + self.others.iter().map(Vec::len).sum::<usize>()
    }

    /// The text.
    pub(super) fn open(self, vault: &Vault, id: &str, what: What) -> Result<Vec<u8>, StoreError> {
        let mut text = vault.decrypt(&what.first_place(id), &self.first)?;
        text.reserve_exact(self.others.iter().map(Vec::len).sum());
        for (number, encrypted) in (1..).zip(self.others) {
            text.append(&mut vault.decrypt(&piece(id, what, number), &encrypted)?);
        }
        Ok(text)
    }
}

fn piece(id: &str, what: What, number: i64) -> String {
    piece_place(&format!("{id}/{}/{number}", what.as_str()))
}

impl Executions {
    /// Writes all pieces of a text but the first; again changes nothing.
    pub(super) async fn keep_pieces(
        &self,
        tenant: &str,
        id: &str,
        what: What,
        pieces: impl Iterator<Item = &[u8]> + Send,
    ) -> Result<(), StoreError> {
        let mut pieces = (1_i64..).zip(pieces).peekable();
        if pieces.peek().is_none() {
            return Ok(());
        }
        let vault = self.vault.clone();
        let encryptor = self.database.read(move |connection| vault.encryptor(connection)).await?;
        for (number, text) in pieces {
            let (text, place): (Arc<[u8]>, _) = (text.into(), piece(id, what, number));
            let encrypting = {
                let (encryptor, text, place) = (encryptor.clone(), Arc::clone(&text), place.clone());
                self.compute(tenant, text.len(), move || encryptor.encrypt(&place, &text))
            };
            let encrypted = encrypting.await?.map_err(StoreError::Vault)?;
            let (vault, encryptor, id) = (self.vault.clone(), encryptor.clone(), id.to_owned());
            let writing = self.database.write_in_turn(tenant, move |connection| {
                // The key may have been changed since.
                let encrypted = if encryptor.encrypts(connection)? { encrypted } else { vault.encrypt(connection, &place, &text)? };
                connection
                    .prepare_cached(
                        "INSERT OR REPLACE INTO execution_piece (execution, what, number, encrypted_piece, written_at_running)
                         VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute(params![id, what.as_str(), number, encrypted, running_time::now(connection)?])?;
                Ok(())
            });
            patiently(writing).await?;
        }
        Ok(())
    }

    /// Removes the pieces of executions that [`forget_oldest`] has named, in the tenant's turns; nobody waits for it, and
    /// what does not come to it goes by its age.
    pub(super) fn remove_pieces(&self, tenant: &str, of: Vec<String>) {
        if of.is_empty() {
            return;
        }
        let (database, tenant) = (self.database.clone(), tenant.to_owned());
        tokio::spawn(async move {
            for id in of {
                let pieces = "execution = ?1";
                if let Err(error) = delete_pieces(&database, &tenant, pieces, id).await {
                    tracing::warn!(%error, "what was forgotten is not removed yet");
                    return;
                }
            }
        });
    }

    /// Forgets what is old, by the time for which servers have run.
    pub(super) async fn forget_old(&self) -> Result<(), StoreError> {
        let now = self.database.read(running_time::now).await?;
        forget_rows(&self.database, UPKEEP, "began_at_running < ?1", now - KEPT).await?;
        delete_pieces(&self.database, UPKEEP, "written_at_running < ?1", now - PIECES_KEPT).await
    }
}

/// Forgets what is kept of a tenant's executions.
pub(crate) async fn forget_all_of(database: &Database, tenant: &str) -> Result<(), StoreError> {
    let pieces = "execution IN (SELECT id FROM execution WHERE tenant = ?1 AND kept_bytes > 0)";
    delete_pieces(database, tenant, pieces, tenant.to_owned()).await?;
    forget_rows(database, tenant, "tenant = ?1", tenant.to_owned()).await
}

async fn forget_rows(
    database: &Database,
    tenant: &str,
    which: &str,
    value: impl ToSql + Clone + Send + 'static,
) -> Result<(), StoreError> {
    let forget = format!(
        "UPDATE execution SET encrypted_result = NULL, encrypted_request = NULL, kept_bytes = 0 WHERE rowid IN
         (SELECT rowid FROM execution WHERE kept_bytes > 0 AND {which} LIMIT {ROWS_AT_ONCE})"
    );
    until_nothing_is_left(database, tenant, forget, value).await
}

async fn delete_pieces(
    database: &Database,
    tenant: &str,
    which: &str,
    value: impl ToSql + Clone + Send + 'static,
) -> Result<(), StoreError> {
    let delete = format!(
        "DELETE FROM execution_piece WHERE rowid IN
         (SELECT rowid FROM execution_piece WHERE {which} LIMIT {PIECES_AT_ONCE})"
    );
    until_nothing_is_left(database, tenant, delete, value).await
}

/// Does it in the tenant's turns until it changes no row any more.
async fn until_nothing_is_left(
    database: &Database,
    tenant: &str,
    sql: String,
    value: impl ToSql + Clone + Send + 'static,
) -> Result<(), StoreError> {
    loop {
        let (sql, value) = (sql.clone(), value.clone());
        let change = move |connection: &Connection| Ok(connection.prepare_cached(&sql)?.execute([value])?);
        if database.write_in_turn(tenant, change).await? == 0 {
            return Ok(());
        }
    }
}

/// Makes room for what was just kept of an execution, as far as its tenant's place is full. Answers of which executions
/// there may be pieces to remove.
pub(super) fn forget_oldest(connection: &Connection, id: &str) -> Result<Vec<String>, StoreError> {
    let mut in_pieces = Vec::new();
    for _ in 0..FORGOTTEN_AT_ONCE {
        let oldest: Option<(String, i64)> = connection
            .prepare_cached(
                "SELECT execution.id, execution.kept_bytes FROM execution JOIN tenant ON tenant.id = execution.tenant
                 WHERE tenant.kept_bytes > tenant.kept_mib * 1048576
                 AND tenant.id = (SELECT tenant FROM execution WHERE id = ?1)
                 AND execution.kept_bytes > 0 AND execution.state != 'running' AND execution.id != ?1
                 ORDER BY execution.rowid LIMIT 1",
            )?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((oldest, bytes)) = oldest else { break };
        connection
            .prepare_cached(
                "UPDATE execution SET encrypted_result = NULL, encrypted_request = NULL, kept_bytes = 0 WHERE id = ?1",
            )?
            .execute([&oldest])?;
        if usize::try_from(bytes).is_ok_and(|bytes| bytes > FIRST) {
            in_pieces.push(oldest);
        }
    }
    Ok(in_pieces)
}

/// The write's answer, or an error if the disk does not come to it.
pub(super) async fn patiently<T>(writing: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let slow = || StoreError::Unwritable(format!("a write took longer than {PATIENCE:?}"));
    tokio::time::timeout(PATIENCE, writing).await.unwrap_or_else(|_| Err(slow()))
}
