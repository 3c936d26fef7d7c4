//! The tables, and how a database of an earlier version becomes one of this.
//!
//! Columns named `encrypted_*` hold ciphertext of the [vault](crate::vault). Times are milliseconds since 1970-01-01 UTC.

mod steps;

use rusqlite::Connection;

use super::StoreError;
use crate::vault;
use steps::STEPS;

/// Brings a database up to date.
///
/// # Errors
/// [`StoreError::Newer`], or SQLite's.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    // Two processes may start at once: the version is read inside of the transaction that changes it.
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found = check_version(&transaction)?;
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or_default()) {
        transaction.execute_batch(step)?;
    }
    vault::guard(&transaction)?;
    transaction.pragma_update(None, "user_version", STEPS.len() as i64)?;
    Ok(transaction.commit()?)
}

/// The version of a database that this program can bring up to date.
///
/// # Errors
/// [`StoreError::Newer`], or SQLite's.
pub(crate) fn check_version(connection: &Connection) -> Result<i64, StoreError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = STEPS.len() as i64;
    if found > known { Err(StoreError::Newer { found, known }) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::steps::ENCRYPTED_COLUMNS;
    use super::*;

    #[test]
    fn values_and_keys_of_an_earlier_version_are_kept_under_the_new_names() {
        let mut connection = Connection::open_in_memory().unwrap();
        let before = STEPS.iter().position(|step| *step == ENCRYPTED_COLUMNS).unwrap();
        for step in &STEPS[..before] {
            connection.execute_batch(step).unwrap();
        }
        connection
            .execute_batch(
                "INSERT INTO vault_key (id, check_value, state, created_at) VALUES (x'00000001', x'01', 'sealing', 0);
                 INSERT INTO tenant (id, name, executions_at_once, executions_a_minute, memory_mib, seconds, created_at)
                     VALUES ('t', 't', 1, 1, 1, 1, 0);
                 INSERT INTO connection (id, tenant, name, state, login_url, client_id, requested_scopes,
                     sealed_access_token, created_at, updated_at) VALUES ('c', 't', 'c', 'active', '', '', '', x'0000000102', 0, 0);
                 CREATE INDEX connection_sealed_access_token_key ON connection (substr(sealed_access_token, 1, 4));
                 CREATE TRIGGER connection_sealed_access_token_updated BEFORE UPDATE OF sealed_access_token ON connection
                     WHEN substr(NEW.sealed_access_token, 1, 4) IS NOT (SELECT id FROM vault_key WHERE state = 'sealing')
                     BEGIN SELECT RAISE(ABORT, 'guarded'); END;",
            )
            .unwrap();
        connection.pragma_update(None, "user_version", before as i64).unwrap();

        migrate(&mut connection).unwrap();
        let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(one("SELECT hex(encrypted_access_token) FROM connection"), "0000000102");
        assert_eq!(one("SELECT state FROM vault_key"), "encrypting");
        assert_eq!(one("SELECT apex_rest || '' FROM connection"), "0", "nobody has switched it on");
        assert_eq!(one("SELECT count(*) || '' FROM webhook, webhook_event"), "0", "nobody has set one");
        assert_eq!(
            one("SELECT (allowance_told IS NULL) || '' FROM connection"),
            "1",
            "nobody was told of its allowance"
        );
        assert_eq!(
            one(
                "SELECT count(*) || '' FROM sqlite_master WHERE name LIKE '%sealed%' OR sql LIKE '%sealed!_%' ESCAPE '!'"
            ),
            "0"
        );
        connection.execute("UPDATE connection SET encrypted_access_token = x'0000000103'", []).unwrap();
        let refused = connection.execute("UPDATE connection SET encrypted_access_token = x'0000000203'", []);
        assert!(refused.unwrap_err().to_string().contains("does not encrypt now"));
    }
}
