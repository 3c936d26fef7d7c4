//! What nobody refers to goes: bytes of components, their compiled code, and what killed processes left.

use std::collections::HashSet;
use std::path::Path;
use std::sync::PoisonError;

use rusqlite::Connection;

use super::Components;
use super::files;
use crate::database::StoreError;
use crate::ids::{ComponentDigest, ProcessId};
use salesforce_runtime::component::HOSTED;

/// Prefix of the directory in which a process compiles and tries components, beside the code that is kept.
const WORK: &str = "work-";

/// Where a process works.
pub(crate) fn work_directory(compiled: &Path, process: &str) -> std::path::PathBuf {
    compiled.join(format!("{WORK}{process}"))
}

impl Components {
    /// Removes a component's bytes and code if nobody refers to them any more.
    pub(super) async fn sweep(&self, digest: &ComponentDigest) -> Result<(), StoreError> {
        let (this, digest) = (self.clone(), digest.clone());
        self.database
            .hold_still(move |connection| {
                if !referred_to(connection)?.contains(&digest) {
                    this.loaded.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest);
                    this.described.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest);
                    this.files.remove(&digest);
                    if digest != ComponentDigest::of(HOSTED)
                        && let Some(code) = this.own_code(&digest)
                    {
                        files::remove(&code);
                    }
                }
                Ok(())
            })
            .await
    }

    /// Forgets uploads whose process died before it had verified them, and removes whatever nobody refers to. Answers how
    /// many files.
    pub(crate) async fn collect(&self) -> Result<usize, StoreError> {
        self.forget_unfinished().await?;
        let this = self.clone();
        self.database
            .hold_still(move |connection| {
                let referred_to = referred_to(connection)?;
                let mut loaded = this.loaded.lock().unwrap_or_else(PoisonError::into_inner);
                loaded.retain(|digest, _| referred_to.contains(digest));
                drop(loaded);
                let mut described = this.described.lock().unwrap_or_else(PoisonError::into_inner);
                described.retain(|digest, _| referred_to.contains(digest));
                drop(described);
                let files = this.files.collect(&this.process, |digest| referred_to.contains(digest));
                Ok(files + this.collect_code(&referred_to) + this.process.collect_dead())
            })
            .await
    }

    fn collect_code(&self, referred_to: &HashSet<ComponentDigest>) -> usize {
        let Some(directory) = self.own_code_directory() else { return 0 };
        let connector = ComponentDigest::of(HOSTED);
        let kept = referred_to.iter().chain([&connector]).filter_map(|digest| self.own_code(digest));
        let kept: HashSet<_> = kept.collect();
        files::collect(directory, |name| match name.strip_prefix(WORK) {
            Some(owner) => owner.parse::<ProcessId>().is_err() || !self.process.is_alive(owner),
            None => {
                let is_ours = name.ends_with(".cwasm") || name.starts_with("unfinished-") || name.starts_with(".tmp");
                is_ours && !kept.contains(&directory.join(name))
            }
        })
    }

    /// Where the compiled code of a component is kept, for this server alone.
    pub(super) fn own_code(&self, digest: &ComponentDigest) -> Option<std::path::PathBuf> {
        self.own_code_directory()?;
        self.runtime.code_path(&digest.bytes())
    }

    /// None where it is a link: then other servers have their code there too, and nobody knows what they need.
    fn own_code_directory(&self) -> Option<&Path> {
        self.verify.code_cache.as_deref().filter(|directory| !directory.is_symlink())
    }
}

/// Components whose bytes are needed: a refused one is its report alone.
fn referred_to(connection: &Connection) -> Result<HashSet<ComponentDigest>, StoreError> {
    let mut statement = connection.prepare("SELECT DISTINCT digest FROM component WHERE state != 'refused'")?;
    let digests = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let digests = digests.iter().map(|digest| digest.parse().map_err(|_| StoreError::Foreign("a component's digest")));
    digests.collect()
}
