//! A tenant is renamed, suspended, and deleted with all that is its own.
//!
//! A suspended tenant begins nothing: its tokens and its console are refused, what runs may finish, a stream ends at its next
//! page. Only a suspended tenant is deleted, and only once nothing of it runs.

use rusqlite::{Connection, ErrorCode, params};

use super::store::find;
use super::{Tenant, Tenants};
use crate::clock;
use crate::database::StoreError;
use crate::executions::forget_all_of;

/// Tables with rows of a tenant, each before what it refers to. Uploaded files are collected by the upkeep.
const OF_A_TENANT: [&str; 6] = ["execution", "component", "webhook_event", "webhook", "connection", "api_token"];
/// Rows deleted in one transaction: others write in between.
const AT_ONCE: u32 = 500;

/// What became of a tenant that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deletion {
    Deleted,
    NoSuch,
    NotSuspended,
    /// So many executions of it run.
    Running(u32),
    /// A server has at least one tenant.
    LastOne,
}

impl Tenants {
    /// Gives a tenant another name; none within if another tenant has it.
    pub(crate) async fn rename(&self, id: String, name: String) -> Result<Option<Option<Tenant>>, StoreError> {
        self.database
            .write(move |connection| {
                match connection.execute("UPDATE tenant SET name = ?2 WHERE id = ?1", params![id, name]) {
                    Ok(0) => Ok(None),
                    Ok(_) => Ok(Some(find(connection, &id)?)),
                    Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(Some(None)),
                    Err(error) => Err(error.into()),
                }
            })
            .await
    }

    /// Suspends a tenant, or lets it go on; none if there is no such tenant.
    pub(crate) async fn suspend(&self, id: String, suspended: bool) -> Result<Option<Tenant>, StoreError> {
        let tenant = self
            .database
            .write(move |connection| {
                connection.execute(
                    "UPDATE tenant SET suspended_at = CASE WHEN ?2 THEN coalesce(suspended_at, ?3) END WHERE id = ?1",
                    params![id, suspended, clock::now()],
                )?;
                find(connection, &id)
            })
            .await?;
        if let Some(tenant) = &tenant {
            tracing::warn!(tenant = tenant.id, suspended, "a tenant was suspended or resumed");
        }
        Ok(tenant)
    }

    /// Deletes a suspended tenant with its tokens, connections, components and executions. If the process ends meanwhile, the
    /// tenant is still there and suspended, and can be deleted again.
    pub(crate) async fn delete(&self, id: String) -> Result<Deletion, StoreError> {
        let this = self.clone();
        let deleting = tokio::spawn(async move { this.delete_in_pieces(id).await });
        deleting.await.map_err(|_| StoreError::Closed)?
    }

    async fn delete_in_pieces(&self, id: String) -> Result<Deletion, StoreError> {
        let tenant = id.clone();
        let refused = self.database.write(move |connection| {
            let refused = why_not(connection, &tenant)?;
            if refused.is_none() {
                forget_sessions(connection, &tenant)?;
            }
            Ok(refused)
        });
        if let Some(refused) = refused.await? {
            return Ok(refused);
        }
        forget_all_of(&self.database, &id).await?;
        for table in OF_A_TENANT {
            let piece = format!(
                "DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE tenant = ?1 LIMIT {AT_ONCE})"
            );
            loop {
                let (tenant, piece) = (id.clone(), piece.clone());
                if self.database.write(move |connection| Ok(connection.execute(&piece, [tenant])?)).await? == 0 {
                    break;
                }
            }
        }
        let tenant = id.clone();
        let deleted = self.database.write(move |connection| {
            // Somebody may have let it go on meanwhile.
            let refused = why_not(connection, &tenant)?;
            if refused.is_none() {
                forget_sessions(connection, &tenant)?;
                connection.execute("DELETE FROM tenant WHERE id = ?1", [tenant])?;
            }
            Ok(refused.unwrap_or(Deletion::Deleted))
        });
        let deleted = deleted.await?;
        if deleted == Deletion::Deleted {
            tracing::warn!(tenant = id, "a tenant was deleted");
        }
        Ok(deleted)
    }
}

/// Whether a tenant may begin nothing, since it is suspended or gone.
pub(crate) fn is_suspended(connection: &Connection, id: &str) -> Result<bool, StoreError> {
    let active = "SELECT EXISTS (SELECT 1 FROM tenant WHERE id = ?1 AND suspended_at IS NULL)";
    let active: bool = connection.prepare_cached(active)?.query_row([id], |row| row.get(0))?;
    Ok(!active)
}

fn why_not(connection: &Connection, id: &str) -> Result<Option<Deletion>, StoreError> {
    let Some(tenant) = find(connection, id)? else { return Ok(Some(Deletion::NoSuch)) };
    if tenant.suspended_at.is_none() {
        return Ok(Some(Deletion::NotSuspended));
    }
    let others = "SELECT EXISTS (SELECT 1 FROM tenant WHERE id <> ?1)";
    let others: bool = connection.query_row(others, [id], |row| row.get(0))?;
    if !others {
        return Ok(Some(Deletion::LastOne));
    }
    let running = "SELECT count(*) FROM execution WHERE tenant = ?1 AND state = 'running'";
    let running: u32 = connection.query_row(running, [id], |row| row.get(0))?;
    Ok((running > 0).then_some(Deletion::Running(running)))
}

/// Its own sessions end; an administrator who looks at it looks at another tenant.
fn forget_sessions(connection: &Connection, id: &str) -> Result<(), StoreError> {
    connection
        .execute("DELETE FROM console_session WHERE token IN (SELECT id FROM api_token WHERE tenant = ?1)", [id])?;
    connection.execute("UPDATE console_session SET tenant = NULL WHERE tenant = ?1", [id])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;
    use crate::tenants::{NewTenant, TenantLimits};

    async fn tenants(directory: &tempfile::TempDir) -> Tenants {
        Tenants::new(Database::open(&directory.path().join("test.sqlite")).unwrap())
    }

    async fn create(tenants: &Tenants, name: &str) -> Tenant {
        let new = NewTenant { name: name.to_owned(), limits: TenantLimits::default() };
        tenants.create(new).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn s09_every_table_that_names_a_tenant_is_emptied_of_it() {
        let directory = tempfile::tempdir().unwrap();
        let tenants = tenants(&directory).await;
        let naming = tenants.database.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT tables.name FROM pragma_table_list tables, pragma_table_info(tables.name) columns
                 WHERE tables.schema = 'main' AND columns.name = 'tenant' ORDER BY tables.name",
            )?;
            let names = statement.query_map([], |row| row.get(0))?;
            Ok(names.collect::<Result<Vec<String>, _>>()?)
        });
        let mut known: Vec<_> = OF_A_TENANT.into_iter().chain(["console_session"]).collect();
        known.sort_unstable();
        assert_eq!(naming.await.unwrap(), known, "a table with rows of tenants is not emptied when one is deleted");
    }

    #[tokio::test]
    async fn only_a_suspended_tenant_of_which_nothing_runs_is_deleted_and_never_the_last_one() {
        let directory = tempfile::tempdir().unwrap();
        let tenants = tenants(&directory).await;
        let (first, other) = (create(&tenants, "first").await, create(&tenants, "other").await);
        assert_eq!(tenants.delete("none".to_owned()).await.unwrap(), Deletion::NoSuch);
        assert_eq!(tenants.delete(other.id.clone()).await.unwrap(), Deletion::NotSuspended);
        tenants.suspend(other.id.clone(), true).await.unwrap().unwrap();
        for (tenant, suspended) in [(first.id.clone(), false), (other.id.clone(), true)] {
            let looked_up = tenants.database.read(move |connection| is_suspended(connection, &tenant)).await;
            assert_eq!(looked_up.unwrap(), suspended);
        }
        let (run, tenant) = ("UPDATE execution SET state = ?1", other.id.clone());
        let begin = move |connection: &Connection| {
            Ok(connection.execute(
                "INSERT INTO execution (id, tenant, connection, action, request_digest, state, process, started_at)
                 VALUES ('e', ?1, 'c', 'explain', x'00', 'running', 'p', 0)",
                [tenant],
            )?)
        };
        tenants.database.write(begin).await.unwrap();
        assert_eq!(tenants.delete(other.id.clone()).await.unwrap(), Deletion::Running(1));
        tenants.database.write(move |connection| Ok(connection.execute(run, ["succeeded"])?)).await.unwrap();
        tenants.create_token(Some(other.id.clone()), "t".to_owned()).await.unwrap();
        assert_eq!(tenants.delete(other.id.clone()).await.unwrap(), Deletion::Deleted);
        assert_eq!(tenants.delete(other.id).await.unwrap(), Deletion::NoSuch);
        tenants.suspend(first.id.clone(), true).await.unwrap().unwrap();
        assert_eq!(tenants.delete(first.id).await.unwrap(), Deletion::LastOne);
    }

    #[tokio::test]
    async fn a_name_is_one_tenants() {
        let directory = tempfile::tempdir().unwrap();
        let tenants = tenants(&directory).await;
        let (first, _) = (create(&tenants, "first").await, create(&tenants, "other").await);
        let rename = async |name: &str| tenants.rename(first.id.clone(), name.to_owned()).await.unwrap();
        assert_eq!(rename("renamed").await.unwrap().unwrap().name, "renamed");
        assert!(rename("other").await.unwrap().is_none());
        assert!(tenants.rename("none".to_owned(), "x".to_owned()).await.unwrap().is_none());
    }
}
