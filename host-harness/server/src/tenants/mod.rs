//! Who may use the server, with what, and how much: tenants, their limits, and the tokens of the API.

mod agents;
mod life;
mod store;
mod token;
mod tokens;

use std::time::Duration;

use salesforce_actions::json::whole_number;

use super::field::FieldErrors;
pub(crate) use life::{Deletion, is_suspended};
pub(crate) use store::{NewTenant, Tenants};
pub(crate) use token::ApiToken;
pub(crate) use tokens::{Renewed, Revocation};

/// Somebody whose executions, connections and components are their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) limits: TenantLimits,
    /// Whether its agents may write, beside reading.
    pub(crate) agents_write: bool,
    /// Since when it may begin nothing.
    pub(crate) suspended_at: Option<i64>,
    pub(crate) created_at: i64,
}

#[cfg(test)]
impl Tenant {
    /// One that no database has.
    pub(crate) fn of_test(id: &str, limits: TenantLimits) -> Tenant {
        let (id, name) = (id.to_owned(), id.to_owned());
        Tenant { id, name, limits, agents_write: false, suspended_at: None, created_at: 0 }
    }
}

/// What a tenant uses of what it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TenantUsage {
    pub(crate) connections: u32,
    pub(crate) components: u32,
    pub(crate) component_bytes: u64,
    /// Of what executions were asked and gave.
    pub(crate) kept_bytes: u64,
    pub(crate) executions_running: u32,
}

/// What a tenant may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TenantLimits {
    /// Executions at the same moment; as many again may wait for their turn.
    pub(crate) executions_at_once: u32,
    /// Executions begun in a minute.
    pub(crate) executions_a_minute: u32,
    /// Linear memory of one execution, in MiB.
    pub(crate) memory_mib: u32,
    /// Time of one execution, in seconds. A stream has it for each page.
    pub(crate) seconds: u32,
    /// What one execution may give, in KiB of JSON. A stream has it for each page.
    pub(crate) result_kib: u32,
    /// Disk for uploaded components, their compiled code included, in MiB.
    pub(crate) storage_mib: u32,
    /// Disk for what executions were asked and gave, in MiB. The oldest makes room for the newest.
    pub(crate) kept_mib: u32,
    /// Connections that it may have.
    pub(crate) connections: u32,
}

/// Who a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    /// Makes tenants and tokens, and sees everything but tokens.
    Administrator,
    /// Works with what is its own.
    Tenant(Tenant),
}

/// A token as lists show it.
#[derive(Clone, Debug)]
pub(crate) struct TokenRecord {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created_at: i64,
    pub(crate) revoked_at: Option<i64>,
}

impl Default for TenantLimits {
    fn default() -> Self {
        Self {
            executions_at_once: 16,
            executions_a_minute: 6_000,
            memory_mib: 64,
            seconds: 60,
            result_kib: 8_192,
            storage_mib: 256,
            kept_mib: 256,
            connections: 100,
        }
    }
}

impl TenantLimits {
    /// The limits, if each is one that a tenant may have.
    pub(crate) fn checked(self) -> Result<TenantLimits, FieldErrors> {
        let mut errors = FieldErrors::default();
        for (field, value, most) in [
            ("executions_at_once", self.executions_at_once, 1_000),
            ("executions_a_minute", self.executions_a_minute, 1_000_000),
            ("memory_mib", self.memory_mib, 4_096),
            ("seconds", self.seconds, 600),
            ("result_kib", self.result_kib, 65_536),
            ("storage_mib", self.storage_mib, 65_536),
            ("kept_mib", self.kept_mib, 65_536),
            ("connections", self.connections, 10_000),
        ] {
            if !(1..=most).contains(&value) {
                errors.add(field, format!("expected {}", whole_number(1, most)));
            }
        }
        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }

    pub(crate) fn deadline(self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    pub(crate) fn memory_bytes(self) -> usize {
        usize::try_from(self.memory_mib).unwrap_or(usize::MAX).saturating_mul(1 << 20)
    }

    pub(crate) fn result_bytes(self) -> usize {
        usize::try_from(self.result_kib).unwrap_or(usize::MAX).saturating_mul(1 << 10)
    }

    pub(crate) fn storage_bytes(self) -> u64 {
        u64::from(self.storage_mib) << 20
    }
}
