//! `harness rotate-key`: a new key for a data directory, while servers run on it.
//!
//! The steps are the [vault](super::vault)'s. Here is who drives them, and how long it waits for servers that do not have
//! the new key yet.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::database::{self, Database};
use super::options::StartError;
use super::process;
use super::vault::{Holder, KeySource, Rotation, Step, Vault};

/// Between two looks at who has the new key.
const LOOK: Duration = Duration::from_millis(100);
/// Between two transactions, so that servers get their turn to write.
const BREATH: Duration = Duration::from_millis(2);
/// Places named in an error.
const MOST_NAMED: usize = 5;

/// Re-encrypts everything with another key. Answers how many values.
pub(super) async fn rotate_key(data: &Path, key: KeySource, patience: Duration) -> Result<usize, StartError> {
    let path = data.join(database::FILE);
    if !path.exists() {
        return Err(StartError::Data {
            path: data.to_owned(),
            reason: "there is no database in it: name the directory that `harness serve --data` was given".to_owned(),
        });
    }
    let database = Database::open(&path)?;
    let vault = Arc::new(Vault::open(key, &database, None).await?);
    let began = Instant::now();
    let mut rotation = Rotation::default();
    loop {
        let (vault, processes) = (vault.clone(), process::directory(data));
        let (after, step) = database
            .write(move |connection| {
                let step = rotation.step(connection, &vault, &processes)?;
                Ok((rotation, step))
            })
            .await?;
        rotation = after;
        match step {
            Step::Going => tokio::time::sleep(BREATH).await,
            Step::Waiting(late)
                if late.iter().any(|holder| !holder.learns) || (!late.is_empty() && began.elapsed() > patience) =>
            {
                return Err(StartError::Rotation(waited_in_vain(&late, patience)));
            }
            Step::Waiting(_) => tokio::time::sleep(LOOK).await,
            Step::Damaged(places) => return Err(StartError::Rotation(damaged(&places))),
            Step::Done(reencrypted) => return Ok(reencrypted),
        }
    }
}

fn waited_in_vain(late: &[Holder], patience: Duration) -> String {
    let words = late.iter().map(|holder| match holder {
        Holder { pid: Some(pid), learns: false } => format!(
            "process {pid} was given the old key alone: restart it with HARNESS_KEY set to the new key and \
             HARNESS_PREVIOUS_KEY to the old one"
        ),
        Holder { pid: Some(pid), learns: true } => format!(
            "process {pid} has not read the new key from its key file within {} s: end it, or see whether it can read \
             the file",
            patience.as_secs()
        ),
        Holder { pid: None, .. } => {
            "a server that has not said which keys it holds runs here, perhaps of an earlier version: restart it"
                .to_owned()
        }
    });
    let words = words.collect::<Vec<_>>().join("; ");
    format!("the old key still encrypts, for {words}. Then run harness rotate-key again")
}

fn damaged(places: &[String]) -> String {
    let named = places.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    format!(
        "everything else is encrypted with the new key, but {} values are damaged and keep the old one ({named}): delete \
         these connections, or wait a day for results to be forgotten, and run harness rotate-key again",
        places.len()
    )
}
