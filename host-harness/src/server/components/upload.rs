//! From bytes to a component that may run, or a report that says why not.

use std::io::Write;
use std::path::PathBuf;
use std::sync::PoisonError;

use bytes::Bytes;

use super::turns::Turn;
use super::{ComponentRecord, ComponentState, Components, UploadError};
use crate::runtime::Connector;
use crate::server::database::StoreError;
use crate::server::ids::ComponentDigest;
use crate::verify::{VerifyOptions, verify};

impl Components {
    /// Takes a tenant's component and verifies it, unless that was done before. Runs to its end even if the caller is
    /// dropped.
    pub(crate) async fn upload(&self, tenant: &str, name: &str, wasm: Bytes) -> Result<ComponentRecord, UploadError> {
        if wasm.len() as u64 > self.most_bytes() {
            return Err(self.too_large());
        }
        let digest = ComponentDigest::of(&wasm);
        if let Some(before) = self.find(tenant, &digest).await? {
            return Ok(before);
        }
        // In line before anything is kept: what is refused leaves nothing.
        let turn = self.verifying.take(tenant)?;
        self.keep(&digest, &wasm)?;
        self.record_upload(tenant, &digest, name, wasm.len() as u64).await?;
        drop(wasm);
        let (this, tenant) = (self.clone(), tenant.to_owned());
        let verifying = tokio::spawn(async move {
            let verified = this.verify(&tenant, &digest, turn).await;
            if verified.is_err() {
                this.delete(&tenant, &digest).await?;
            }
            verified?;
            this.find(&tenant, &digest).await?.ok_or(UploadError::Store(StoreError::Closed))
        });
        verifying.await.map_err(|_| StoreError::Closed)?
    }

    /// A tenant's component, ready to run; none if it has none of this digest that may.
    pub(crate) async fn connector(&self, tenant: &str, digest: &str) -> Result<Option<Connector>, UploadError> {
        let Ok(digest) = digest.parse::<ComponentDigest>() else { return Ok(None) };
        let digest = &digest;
        let Some(record) = self.find(tenant, digest).await? else { return Ok(None) };
        if record.state != ComponentState::Accepted {
            return Ok(None);
        }
        if let Some(connector) = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).get(digest) {
            return Ok(Some(connector.clone()));
        }
        let wasm = Bytes::from(std::fs::read(self.file(digest))?);
        let connector = match self.load(wasm.clone()).await? {
            Ok(connector) => connector,
            // Its code was compiled by another version of this program, or was deleted. It may run under this one if
            // that says so.
            Err(reason) => {
                tracing::info!(component = %digest, reason, "a component is verified again");
                let turn = self.verifying.take(tenant)?;
                if !self.verify(tenant, digest, turn).await? {
                    return Ok(None);
                }
                self.load(wasm).await?.map_err(UploadError::Verify)?
            }
        };
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.insert(digest.clone(), connector.clone());
        Ok(Some(connector))
    }

    /// Verifies a component in its turn and records the report. True if it may run.
    async fn verify(
        &self,
        tenant: &str,
        digest: &ComponentDigest,
        turn: impl Future<Output = Option<Turn>>,
    ) -> Result<bool, UploadError> {
        let _turn = turn.await.ok_or(StoreError::Closed)?;
        // What waits for its turn is not in memory.
        let wasm = Bytes::from(std::fs::read(self.file(digest))?);
        let scheduler = Some((self.scheduler.clone(), tenant.to_owned()));
        let options = VerifyOptions { scheduler, ..self.verify.clone() };
        let report = verify(wasm, &options).await.map_err(|error| UploadError::Verify(error.to_string()))?;
        tracing::info!(tenant, component = %digest, may_run = report.may_run, "a component was verified");
        self.record_report(tenant, digest, &report).await?;
        Ok(report.may_run)
    }

    async fn load(&self, wasm: Bytes) -> Result<Result<Connector, String>, StoreError> {
        let runtime = self.runtime.clone();
        let loading =
            tokio::task::spawn_blocking(move || runtime.load_compiled(&wasm).map_err(|error| error.to_string()));
        loading.await.map_err(|_| StoreError::Closed)
    }

    fn keep(&self, digest: &ComponentDigest, wasm: &[u8]) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.directory)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        file.write_all(wasm)?;
        file.as_file().sync_all()?;
        file.persist(self.file(digest)).map_err(|refused| refused.error)?;
        Ok(())
    }

    pub(super) fn forget_file(&self, digest: &ComponentDigest) {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).remove(digest);
        let _gone = std::fs::remove_file(self.file(digest));
    }

    fn file(&self, digest: &ComponentDigest) -> PathBuf {
        self.directory.join(format!("{digest}.wasm"))
    }
}
