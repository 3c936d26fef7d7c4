//! What a tenant's agents may do.

use rusqlite::params;

use super::store::find;
use super::{Tenant, Tenants};
use crate::database::StoreError;

impl Tenants {
    /// Lets a tenant's agents write, or read only; none if there is no such tenant.
    pub(crate) async fn let_agents_write(&self, id: String, writes: bool) -> Result<Option<Tenant>, StoreError> {
        let tenant = self
            .database
            .write(move |connection| {
                connection.execute("UPDATE tenant SET agents_write = ?2 WHERE id = ?1", params![id, writes])?;
                find(connection, &id)
            })
            .await?;
        if let Some(tenant) = &tenant {
            tracing::warn!(tenant = tenant.id, writes, "what a tenant's agents may do was set");
        }
        Ok(tenant)
    }
}
