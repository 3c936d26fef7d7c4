//! From bytes to a component that may run, or a report that says why not.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use bytes::Bytes;

use super::apart::apart;
use super::store::{Begun, Reported};
use super::turns::Turn;
use super::{ComponentRecord, ComponentState, Components, Loaded, UploadError};
use crate::database::StoreError;
use crate::ids::ComponentDigest;
use crate::tenants::Tenant;
use salesforce_actions::Actions;
use salesforce_runtime::Connector;
use salesforce_verify::{VerifyOptions, verify};

/// What a component is called that came without a name.
const UNNAMED: &str = "component.wasm";

impl Components {
    /// Takes a tenant's component and verifies it, unless that was done before; bytes that are missing or damaged here
    /// come back with it. With a name, it is called that from now on. Runs to its end even if the caller is dropped.
    pub(crate) async fn upload(
        &self,
        tenant: &Tenant,
        name: Option<String>,
        wasm: Bytes,
    ) -> Result<ComponentRecord, UploadError> {
        let record = self.upload_as(tenant, name.as_deref().unwrap_or(UNNAMED), wasm).await?;
        match name.filter(|name| *name != record.name) {
            // The same bytes were here under another name.
            Some(name) => {
                self.rename(&tenant.id, &record.digest, &name).await?;
                Ok(ComponentRecord { name, ..record })
            }
            None => Ok(record),
        }
    }

    async fn upload_as(&self, tenant: &Tenant, name: &str, wasm: Bytes) -> Result<ComponentRecord, UploadError> {
        if wasm.len() as u64 > self.most_bytes() {
            return Err(self.too_large());
        }
        let digest = ComponentDigest::of(&wasm);
        if let Some(before) = self.find(&tenant.id, &digest).await?
            && self.needs_no_bytes(&before, &digest).await?
        {
            return Ok(before);
        }
        // In line before anything is kept: what is refused leaves nothing.
        let turn = self.verifying.take(&tenant.id)?;
        let (this, tenant, name) = (self.clone(), tenant.clone(), name.to_owned());
        let uploading = tokio::spawn(async move { this.upload_in_turn(&tenant, &digest, &name, wasm, turn).await });
        uploading.await.map_err(|_| StoreError::Closed)?
    }

    async fn upload_in_turn(
        &self,
        tenant: &Tenant,
        digest: &ComponentDigest,
        name: &str,
        wasm: Bytes,
        turn: impl Future<Output = Option<Turn>> + Send + 'static,
    ) -> Result<ComponentRecord, UploadError> {
        let bytes = wasm.len() as u64;
        let (files, process) = (self.files.clone(), self.process.clone());
        let writing = tokio::task::spawn_blocking(move || files.write(&process, &wasm));
        let part = writing.await.map_err(|_| StoreError::Closed)??;
        match self.record_upload(tenant, digest, name, (bytes, part)).await? {
            Begun::Refused(refused) => return Err(refused),
            Begun::Before => {}
            Begun::New(uploaded_at) => {
                // One that panics ends like one that fails: nothing is left that nobody verifies.
                let (this, of, name) = (self.clone(), tenant.clone(), digest.clone());
                let verifying = tokio::spawn(async move { this.verify(&of.id, &name, turn, Some(&of)).await });
                let verified = verifying.await.map_err(|_| StoreError::Closed.into()).flatten();
                if let Err(error) = verified {
                    self.forget_upload(&tenant.id, digest, uploaded_at).await?;
                    return Err(error);
                }
            }
        }
        self.find(&tenant.id, digest).await?.ok_or(UploadError::Gone)
    }

    /// A tenant's component, ready to run; none if it has none of this digest that may.
    pub(crate) async fn connector(&self, tenant: &str, digest: &str) -> Result<Option<Connector>, UploadError> {
        Ok(self.loaded(tenant, digest).await?.map(|loaded| loaded.connector))
    }

    /// What a tenant's component can be asked for; none if it has none of this digest that may run.
    pub(crate) async fn actions(&self, tenant: &str, digest: &str) -> Result<Option<Arc<Actions>>, UploadError> {
        Ok(self.loaded(tenant, digest).await?.map(|loaded| loaded.actions))
    }

    async fn loaded(&self, tenant: &str, digest: &str) -> Result<Option<Loaded>, UploadError> {
        let Ok(digest) = digest.parse::<ComponentDigest>() else { return Ok(None) };
        let digest = &digest;
        let Some(record) = self.entry(tenant, digest).await? else { return Ok(None) };
        match record.state {
            ComponentState::Accepted => {}
            ComponentState::Damaged => return Err(UploadError::Damaged(digest.clone())),
            ComponentState::Verifying | ComponentState::Refused => return Ok(None),
        }
        if let Some(loaded) = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).get(digest) {
            return Ok(Some(loaded.clone()));
        }
        let wasm = match self.bytes(tenant, digest).await {
            Err(UploadError::Gone) => return Ok(None),
            wasm => wasm?,
        };
        let connector = match self.load(wasm.clone()).await? {
            Ok(connector) => connector,
            // Its code was compiled by another version of this program, or was deleted. It may run under this one if
            // that says so.
            Err(reason) => {
                tracing::info!(component = %digest, reason, "a component is verified again");
                let turn = self.verifying.take(tenant)?;
                match self.verify(tenant, digest, turn, None).await {
                    Ok(true) => self.load(wasm).await?.map_err(UploadError::Verify)?,
                    Ok(false) | Err(UploadError::Gone) => return Ok(None),
                    Err(error) => return Err(error),
                }
            }
        };
        let Some(record) = self.find(tenant, digest).await? else { return Ok(None) };
        let actions = record.report.and_then(|report| report.actions).unwrap_or_default();
        let component = Loaded { connector, actions: Arc::new(actions) };
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.insert(digest.clone(), component.clone());
        Ok(Some(component))
    }

    /// Verifies a component in its turn and records the report. True if it may run.
    async fn verify(
        &self,
        tenant: &str,
        digest: &ComponentDigest,
        turn: impl Future<Output = Option<Turn>>,
        upload_of: Option<&Tenant>,
    ) -> Result<bool, UploadError> {
        let _turn = turn.await.ok_or(StoreError::Closed)?;
        // What waits for its turn is not in memory.
        let wasm = self.bytes(tenant, digest).await?;
        let scheduler = Some((self.scheduler.clone(), tenant.to_owned()));
        let options = VerifyOptions { scheduler, ..self.verify.clone() };
        let begun = Instant::now();
        let verifying = apart(async move || verify(wasm, &options).await).await?;
        let outcome = verifying.as_ref().map_or("failed", |it| if it.may_run { "accepted" } else { "refused" });
        self.metrics.verified(outcome, begun.elapsed());
        let report = verifying.map_err(|error| UploadError::Verify(error.to_string()))?;
        tracing::info!(tenant, component = %digest, may_run = report.may_run, "a component was verified");
        let reported = self.record_report(tenant, digest, &report, upload_of).await?;
        if !report.may_run || !matches!(reported, Reported::Kept) {
            self.sweep_or_say(digest).await;
        }
        match reported {
            Reported::Kept => Ok(report.may_run),
            Reported::Gone => Err(UploadError::Gone),
            Reported::Refused(refused) => Err(refused),
        }
    }

    /// Whether an upload of the same bytes has nothing to do.
    async fn needs_no_bytes(&self, before: &ComponentRecord, digest: &ComponentDigest) -> Result<bool, UploadError> {
        Ok(match before.state {
            ComponentState::Verifying | ComponentState::Refused => true,
            ComponentState::Damaged => false,
            ComponentState::Accepted => self.read(digest).await?.is_some(),
        })
    }

    /// The bytes of a tenant's component.
    async fn bytes(&self, tenant: &str, digest: &ComponentDigest) -> Result<Bytes, UploadError> {
        if let Some(wasm) = self.read(digest).await? {
            return Ok(wasm.into());
        }
        if self.find(tenant, digest).await?.is_none() {
            return Err(UploadError::Gone);
        }
        self.note_damage(digest).await?;
        tracing::error!(component = %digest, "the bytes of a component are missing or damaged");
        Err(UploadError::Damaged(digest.clone()))
    }

    async fn read(&self, digest: &ComponentDigest) -> Result<Option<Vec<u8>>, UploadError> {
        let (files, digest) = (self.files.clone(), digest.clone());
        let reading = tokio::task::spawn_blocking(move || files.read(&digest));
        Ok(reading.await.map_err(|_| StoreError::Closed)??)
    }

    async fn load(&self, wasm: Bytes) -> Result<Result<Connector, String>, StoreError> {
        let runtime = self.runtime.clone();
        let loading =
            tokio::task::spawn_blocking(move || runtime.load_compiled(&wasm).map_err(|error| error.to_string()));
        loading.await.map_err(|_| StoreError::Closed)
    }
}
