//! Rotations: cut off after every step, at the same time, and beside servers that lack the new key.

use std::fs;
use std::sync::Arc;

use super::table::KeyState;
use super::{ONE, Site, TWO, given};
use crate::database::StoreError;
use crate::vault::rotation::{Rotation, Step};
use crate::vault::{Holder, KeySource, Vault};

impl Site {
    /// One step in a transaction, which is undone if the power is cut in the middle of it.
    async fn step(&self, rotation: &mut Rotation, vault: &Arc<Vault>, power_cut: bool) -> Result<Step, StoreError> {
        let (vault, processes, mut taken) = (vault.clone(), self.processes(), std::mem::take(rotation));
        let write = self.database.write(move |connection| {
            let step = taken.step(connection, &vault, &processes)?;
            if power_cut { Err(StoreError::Closed) } else { Ok((taken, step)) }
        });
        let (after, step) = write.await?;
        *rotation = after;
        Ok(step)
    }

    /// An operator's command, to its end. Each step is followed by what a server does meanwhile.
    async fn rotate(&self, source: KeySource, server: Option<&Arc<Vault>>) -> Step {
        let vault = Arc::new(Vault::open(source, &self.database, None).await.unwrap());
        let mut rotation = Rotation::default();
        for _ in 0..1000 {
            let step = self.step(&mut rotation, &vault, false).await.unwrap();
            if let Some(server) = server {
                server.look(&self.database).await.unwrap();
                self.open_all(server).await.unwrap();
            }
            match step {
                Step::Going => {}
                Step::Waiting(late) if late.is_empty() => {}
                Step::Waiting(late) if late.iter().all(|holder| holder.learns) && server.is_some() => {}
                end => return end,
            }
        }
        panic!("it does not end");
    }

    fn file(&self) -> KeySource {
        KeySource::in_directory(self.data.path())
    }
}

#[tokio::test]
async fn s02_a_rotation_that_was_cut_off_after_any_step_is_gone_on_with() {
    for power_cut in [false, true] {
        for steps in 1..50 {
            let site = Site::new().await;
            let server = site.start().await.unwrap();
            site.store(&server, "a").await.unwrap();
            let vault = Arc::new(Vault::open(site.file(), &site.database, None).await.unwrap());
            let mut rotation = Rotation::default();
            let mut ended = false;
            for step in 1..=steps {
                server.look(&site.database).await.unwrap();
                let cut = power_cut && step == steps;
                ended |= matches!(site.step(&mut rotation, &vault, cut).await, Ok(Step::Done(_)));
            }
            // The server goes on, and another one starts; both write.
            site.store(&server, "b").await.unwrap();
            let another = site.start().await.unwrap();
            site.store(&another, "c").await.unwrap();
            for vault in [&server, &another] {
                assert_eq!(site.open_all(vault).await.unwrap(), 3, "after {steps} steps");
            }
            drop(another);
            assert!(matches!(site.rotate(site.file(), Some(&server)).await, Step::Done(_)), "after {steps} steps");
            assert_eq!((site.keys().await, site.lines()), (vec![KeyState::Encrypting], 1), "after {steps} steps");
            drop(server);
            assert_eq!(site.open_all(&site.start().await.unwrap()).await.unwrap(), 3);
            if ended {
                assert!(steps > 5, "{steps}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn s02_two_rotations_at_once_share_the_work() {
    let site = Site::new().await;
    let server = site.start().await.unwrap();
    site.store(&server, "a").await.unwrap();
    let vaults = [(); 2].map(|()| Vault::open(site.file(), &site.database, None));
    let [one, two] = vaults;
    let (one, two) = (Arc::new(one.await.unwrap()), Arc::new(two.await.unwrap()));
    let (mut first, mut second) = (Rotation::default(), Rotation::default());
    let mut done = [false; 2];
    for _ in 0..200 {
        server.look(&site.database).await.unwrap();
        for (number, (rotation, vault)) in [(&mut first, &one), (&mut second, &two)].into_iter().enumerate() {
            if !done[number] {
                done[number] = matches!(site.step(rotation, vault, false).await.unwrap(), Step::Done(_));
            }
        }
        site.open_all(&server).await.unwrap();
        if done == [true; 2] {
            break;
        }
    }
    assert_eq!(done, [true; 2]);
    assert_eq!((site.keys().await, site.lines()), (vec![KeyState::Encrypting], 1));
}

#[tokio::test]
async fn s02_a_server_with_the_old_key_alone_keeps_it_encrypting() {
    let site = Site::new().await;
    let old = site.start_with(given(ONE, None)).await.unwrap();
    site.store(&old, "a").await.unwrap();
    let late = site.rotate(given(TWO, Some(ONE)), Some(&old)).await;
    let Step::Waiting(late) = late else { panic!("{late:?}") };
    assert_eq!(late, [Holder { pid: Some(std::process::id()), learns: false }]);
    site.store(&old, "b").await.unwrap();
    assert_eq!(site.open_all(&old).await.unwrap(), 2);

    let both = site.start_with(given(TWO, Some(ONE))).await.unwrap();
    site.store(&both, "c").await.unwrap();
    assert_eq!(site.open_all(&old).await.unwrap(), 3);
    drop(old);
    let ended = site.rotate(given(TWO, Some(ONE)), Some(&both)).await;
    assert!(matches!(ended, Step::Done(3)), "{ended:?}");
    site.store(&both, "d").await.unwrap();
    assert!(site.refused(given(ONE, None)).await.contains("HARNESS_KEY"));
    assert_eq!(site.open_all(&site.start_with(given(TWO, None)).await.unwrap()).await.unwrap(), 4);
    // Once more with the same two has nothing to do; without a new key it says so.
    assert!(matches!(site.rotate(given(TWO, Some(ONE)), None).await, Step::Done(0)));
    let vault = Arc::new(Vault::open(given(TWO, None), &site.database, None).await.unwrap());
    let error = site.step(&mut Rotation::default(), &vault, false).await.unwrap_err().to_string();
    assert!(error.contains("encrypts already") && error.contains("HARNESS_PREVIOUS_KEY"), "{error}");
}

#[tokio::test]
async fn s02_a_server_that_has_not_said_which_keys_it_holds_is_waited_for() {
    let site = Site::new().await;
    site.start().await.unwrap();
    // An earlier version registers as a process, and knows of no key table.
    let earlier = super::Process::register(&site.processes()).unwrap();
    let late = site.rotate(site.file(), None).await;
    let Step::Waiting(late) = late else { panic!("{late:?}") };
    assert_eq!(late, [Holder { pid: None, learns: true }]);
    drop(earlier);
    assert!(matches!(site.rotate(site.file(), None).await, Step::Done(_)));
}

#[tokio::test]
async fn s02_a_server_whose_key_file_is_another_one_keeps_the_old_key_encrypting() {
    let site = Site::new().await;
    site.start().await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    fs::copy(site.key_file(), copy.path().join("key")).unwrap();
    let server = site.start_with(KeySource::in_directory(copy.path())).await.unwrap();
    let vault = Arc::new(Vault::open(site.file(), &site.database, None).await.unwrap());
    let mut rotation = Rotation::default();
    for _ in 0..20 {
        let step = site.step(&mut rotation, &vault, false).await.unwrap();
        assert!(matches!(step, Step::Going | Step::Waiting(_)), "{step:?}");
        server.look(&site.database).await.unwrap();
    }
    site.store(&server, "a").await.unwrap();
    fs::copy(site.key_file(), copy.path().join("key")).unwrap();
    assert!(matches!(site.rotate(site.file(), Some(&server)).await, Step::Done(1)));
}

#[tokio::test]
async fn s02_a_damaged_value_keeps_its_key_and_is_named() {
    let site = Site::new().await;
    let server = site.start().await.unwrap();
    for id in ["a", "b"] {
        site.store(&server, id).await.unwrap();
    }
    site.execute(
        "UPDATE vault_key SET state = 'retiring'; DROP TRIGGER connection_encrypted_client_secret_updated;
         UPDATE connection SET encrypted_client_secret = CAST(substr(encrypted_client_secret, 1, 4) || zeroblob(60) AS BLOB) WHERE id = 'a';
         UPDATE vault_key SET state = 'encrypting'",
    )
    .await;
    drop(server);
    let ended = site.rotate(site.file(), None).await;
    let Step::Damaged(places) = ended else { panic!("{ended:?}") };
    assert_eq!(places, ["connection/client_secret/a"]);
    site.execute("DELETE FROM connection WHERE id = 'a'").await;
    assert!(matches!(site.rotate(site.file(), None).await, Step::Done(0)));
    let server = site.start().await.unwrap();
    assert_eq!((site.open_all(&server).await.unwrap(), site.lines()), (1, 1));
}

#[tokio::test]
async fn s02_files_with_keys_that_a_killed_writer_left_are_removed() {
    let site = Site::new().await;
    site.start().await.unwrap();
    let leave = |name: &str, text: &str| fs::write(site.data.path().join(name), text).unwrap();
    leave("key.new", "half a k");
    // As an earlier version named them; and one that is somebody else's.
    leave(".tmpAbCdEf", &format!("{ONE}\n{TWO}\n"));
    leave(".tmpOthers", "no keys\n");
    site.start().await.unwrap();
    let exists = |name: &str| site.data.path().join(name).exists();
    assert!(!exists("key.new") && !exists(".tmpAbCdEf") && exists(".tmpOthers"));
    leave("key.new", ONE);
    assert!(matches!(site.rotate(site.file(), None).await, Step::Done(_)));
    assert!(!exists("key.new"));
}
