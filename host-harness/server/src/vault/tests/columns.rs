//! No encrypted column is forgotten, and none takes what an old key encrypted.

use std::collections::BTreeSet;

use super::{Site, encrypt, place, table};
use crate::database::StoreError;
use crate::vault::columns::ENCRYPTED;

#[tokio::test]
async fn s02_every_encrypted_column_of_the_schema_is_reencrypted_and_guarded() {
    let site = Site::new().await;
    let (columns, guards) = site
        .database
        .read(|connection| {
            let mut columns = connection.prepare(
                "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND c.name LIKE '%encrypted%'",
            )?;
            let columns = columns.query_map([], |row| row.get(0))?.collect::<Result<BTreeSet<String>, _>>()?;
            let mut guards = connection.prepare("SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'index')")?;
            let guards = guards.query_map([], |row| row.get(0))?.collect::<Result<BTreeSet<String>, _>>()?;
            Ok((columns, guards))
        })
        .await
        .unwrap();
    let known = ENCRYPTED.iter().map(|column| format!("{}.{}", column.table, column.name)).collect();
    assert_eq!(
        columns, known,
        "add the column to ENCRYPTED in vault/columns.rs, and a value of it to the tests of rotation"
    );
    for column in ENCRYPTED {
        for guard in ["inserted", "updated", "key"] {
            let name = format!("{}_{}_{guard}", column.table, column.name);
            assert!(guards.contains(&name), "{name}");
        }
    }
}

#[tokio::test]
async fn s02_no_value_of_a_key_that_does_not_encrypt_is_committed() {
    let site = Site::new().await;
    let vault = site.start().await.unwrap();
    site.store(&vault, "a").await.unwrap();
    let old = encrypt(&site, &vault, "connection/access_token/a", b"old").await;
    site.database
        .write(|connection| {
            table::replace_state(connection, table::KeyState::Encrypting, table::KeyState::Retiring)?;
            let other = super::Key::generate();
            table::insert(connection, &other, table::KeyState::Encrypting)
        })
        .await
        .unwrap();
    let refused = async |sql: &'static str| {
        let old = old.clone();
        let write = site.database.write(move |connection| Ok(connection.execute(sql, [old])?));
        let error = write.await.unwrap_err().to_string();
        assert!(error.contains("a key that does not encrypt now"), "{sql}: {error}");
    };
    refused("UPDATE connection SET encrypted_access_token = ?1").await;
    refused("UPDATE OR IGNORE connection SET name = 'x', encrypted_access_token = ?1").await;
    for or in [
        "INSERT OR IGNORE INTO authorization VALUES (x'01', x'01', NULL, 'a', '', ?1, '', 1)",
        "INSERT OR REPLACE INTO authorization VALUES (x'01', x'01', NULL, 'a', '', ?1, '', 1)",
    ] {
        refused(or).await;
    }
    // What is there already stays, whatever else of its row is written, and it can be removed.
    let kept = site.database.write(|connection| {
        connection
            .execute("UPDATE connection SET name = 'b', encrypted_client_secret = encrypted_client_secret", [])?;
        Ok(connection.execute("UPDATE connection SET encrypted_client_secret = NULL", [])?)
    });
    assert_eq!(kept.await.unwrap(), 1);
    // A process without the key that encrypts is told so by the vault, before it writes.
    let error = site.store(&vault, "c").await.unwrap_err();
    assert!(matches!(&error, StoreError::Vault(_)) && error.to_string().contains("does not fit"), "{error}");
    assert_eq!(place("client_secret", "a"), "connection/client_secret/a");
}
