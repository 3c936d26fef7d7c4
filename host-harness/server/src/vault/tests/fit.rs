//! Keys that do not fit the database, at the start and while a server runs.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::{ONE, Site, THREE, TWO, given, table::KeyState};
use crate::database::Database;
use crate::vault::{KeySource, Vault};

#[tokio::test]
async fn the_key_file_is_made_once_and_its_owners_alone() {
    let site = Site::new().await;
    let vault = site.start().await.unwrap();
    site.store(&vault, "a").await.unwrap();
    assert_eq!(fs::metadata(site.key_file()).unwrap().mode() & 0o777, 0o600);
    assert!(!site.data.path().join("key.new").exists());
    let again = site.start().await.unwrap();
    assert_eq!(site.open_all(&again).await.unwrap(), 1);
    assert_eq!((site.keys().await, site.lines()), (vec![KeyState::Encrypting], 1));
}

#[tokio::test]
async fn a_key_file_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    let site = Site::new().await;
    site.start().await.unwrap();
    fs::set_permissions(site.key_file(), fs::Permissions::from_mode(0o640)).unwrap();
    let error = site.start().await.err().unwrap().to_string();
    assert!(error.contains("chmod 600"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s03_many_first_starts_at_once_make_one_key() {
    let site = Site::new().await;
    let starting = (0..8).map(|_| {
        // A database of its own, as a process has.
        let database = Database::open(&site.data.path().join("harness.sqlite")).unwrap();
        let source = KeySource::in_directory(site.data.path());
        tokio::spawn(async move { Vault::open(source, &database, None).await.unwrap().held() })
    });
    let mut held = Vec::new();
    for start in starting.collect::<Vec<_>>() {
        held.push(start.await.unwrap());
    }
    assert!(held.iter().all(|keys| keys.len() == 1 && keys == &held[0]));
    assert_eq!((site.keys().await, site.lines()), (vec![KeyState::Encrypting], 1));
}

#[tokio::test]
async fn s03_a_missing_key_file_is_not_made_anew_over_old_data() {
    let site = Site::new().await;
    let vault = site.start().await.unwrap();
    let file = KeySource::in_directory(site.data.path());
    // Even before anything was encrypted: a copy of the file may be what encrypts next.
    for stored in [false, true] {
        if stored {
            site.store(&vault, "a").await.unwrap();
        }
        let kept = fs::read(site.key_file()).unwrap();
        fs::remove_file(site.key_file()).unwrap();
        let words = site.refused(file.clone()).await;
        assert!(words.contains("is missing") && words.contains("put it back"), "{words}");
        fs::write(site.key_file(), &kept).unwrap();
        fs::set_permissions(site.key_file(), fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(site.open_all(&site.start().await.unwrap()).await.unwrap(), usize::from(stored));
    }
}

#[tokio::test]
async fn s03_another_directorys_key_is_refused() {
    let (site, other) = (Site::new().await, Site::new().await);
    site.store(&site.start().await.unwrap(), "a").await.unwrap();
    other.start().await.unwrap();
    fs::copy(other.key_file(), site.key_file()).unwrap();
    let words = site.refused(KeySource::in_directory(site.data.path())).await;
    assert!(
        words.contains("does not fit the data") && words.contains("put the file of this directory back"),
        "{words}"
    );
    fs::write(site.key_file(), "").unwrap();
    let words = site.refused(KeySource::in_directory(site.data.path())).await;
    assert!(words.contains("is empty"), "{words}");
}

#[tokio::test]
async fn s03_another_given_key_is_refused_and_not_shown() {
    let site = Site::new().await;
    site.store(&site.start_with(given(ONE, None)).await.unwrap(), "a").await.unwrap();
    for (current, previous) in [(TWO, None), (TWO, Some(THREE))] {
        let words = site.refused(given(current, previous)).await;
        assert!(words.contains("HARNESS_PREVIOUS_KEY") && words.contains("rotate-key"), "{words}");
        assert!(![ONE, TWO, THREE].iter().any(|key| words.contains(key)), "{words}");
    }
    assert!(site.refused(KeySource::in_directory(site.data.path())).await.contains("is missing"));
    let words = site.refused(given("sentinel", None)).await;
    assert!(words.contains("32 bytes in base64") && !words.contains("sentinel"), "{words}");
    // With both, it starts; until the rotation the old key encrypts.
    let both = site.start_with(given(TWO, Some(ONE))).await.unwrap();
    site.store(&both, "b").await.unwrap();
    assert_eq!(site.open_all(&site.start_with(given(ONE, None)).await.unwrap()).await.unwrap(), 2);
}

#[tokio::test]
async fn s03_a_database_of_an_earlier_version_is_adopted_by_the_key_that_opens_it_alone() {
    let site = Site::new().await;
    let vault = site.start().await.unwrap();
    site.store(&vault, "a").await.unwrap();
    site.execute("DELETE FROM vault_key; DELETE FROM vault_holder").await;
    let kept = fs::read_to_string(site.key_file()).unwrap();
    fs::remove_file(site.key_file()).unwrap();
    let file = KeySource::in_directory(site.data.path());
    assert!(site.refused(file.clone()).await.contains("is missing"));
    assert!(!site.key_file().exists());
    assert!(site.refused(given(ONE, None)).await.contains("HARNESS_KEY"));
    let put = |text: &str| {
        fs::write(site.key_file(), text).unwrap();
        fs::set_permissions(site.key_file(), fs::Permissions::from_mode(0o600)).unwrap();
    };
    put(&format!("{ONE}\n"));
    assert!(site.refused(file.clone()).await.contains("put the file of this directory back"));
    // A rotation of the earlier version that was cut off: the first key encrypted, both open.
    put(&format!("{ONE}\n{kept}"));
    let vault = site.start().await.unwrap();
    assert_eq!(site.open_all(&vault).await.unwrap(), 1);
    let mut states = site.keys().await;
    states.sort_by_key(|state| *state == KeyState::Retiring);
    assert_eq!(states, [KeyState::Encrypting, KeyState::Retiring]);
    site.store(&vault, "b").await.unwrap();
    put(&format!("{ONE}\n"));
    assert!(site.refused(file).await.contains("some of this directory's data is still encrypted"));
}

#[tokio::test]
async fn s03_a_damaged_sample_is_no_proof_of_the_key() {
    let site = Site::new().await;
    let vault = site.start().await.unwrap();
    site.store(&vault, "a").await.unwrap();
    // The id of the key, and nothing that it encrypted.
    site.execute(
        "UPDATE connection SET encrypted_client_secret = CAST(substr(encrypted_client_secret, 1, 4) || zeroblob(60) AS BLOB);
         DELETE FROM vault_key",
    )
    .await;
    assert!(site.refused(KeySource::in_directory(site.data.path())).await.contains("damaged"));
}

#[tokio::test]
async fn s03_a_running_server_keeps_its_keys_whatever_becomes_of_the_file_and_says_so() {
    let site = Site::new().await;
    let vault = site.start().await.unwrap();
    vault.look(&site.database).await.unwrap();
    assert_eq!(vault.trouble(), None);
    let kept = fs::read(site.key_file()).unwrap();
    let put = |text: &[u8], mode| {
        fs::write(site.key_file(), text).unwrap();
        fs::set_permissions(site.key_file(), fs::Permissions::from_mode(mode)).unwrap();
    };
    let spoil: [(&dyn Fn(), &str); 5] = [
        (&|| fs::remove_file(site.key_file()).unwrap(), "is missing"),
        (&|| put(b"", 0o600), "is empty"),
        (&|| put(b"no key", 0o600), "32 bytes in base64"),
        (&|| put(ONE.as_bytes(), 0o600), "does not fit the data"),
        (&|| put(&kept, 0o644), "chmod 600"),
    ];
    let names = ["a", "b", "c", "d", "e"];
    for (number, (spoil, words)) in (1..).zip(spoil) {
        spoil();
        vault.look(&site.database).await.unwrap();
        let told = vault.trouble().unwrap();
        assert!(told.words.contains(words) && told.encrypts, "{told:?}");
        site.store(&vault, names[number - 1]).await.unwrap();
        assert_eq!(site.open_all(&vault).await.unwrap(), number);
        assert!(site.start().await.is_err(), "{words}");
        put(&kept, 0o600);
        vault.look(&site.database).await.unwrap();
        assert_eq!(vault.trouble(), None);
        assert_eq!(site.open_all(&site.start().await.unwrap()).await.unwrap(), number);
    }
}
