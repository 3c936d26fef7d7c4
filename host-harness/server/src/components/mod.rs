//! Components that tenants upload: verified, compiled once, and run with sealed tokens.
//!
//! A component is named by its SHA-256. Its bytes are a file in the data directory, its compiled code in the cache beside;
//! what the verification found is in the database. A tenant runs what it has uploaded itself and nothing else.

mod apart;
mod collect;
mod described;
mod files;
mod store;
mod turns;
mod upload;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::at_once::{AtOnce, One};
use super::database::{Database, StoreError};
use super::field::{self, FieldErrors};
use super::ids::ComponentDigest;
use super::metrics::Metrics;
use super::process::Process;
use super::vault::Vault;
pub(super) use collect::work_directory;
use files::Files;
use salesforce_actions::Actions;
use salesforce_runtime::{Connector, Runtime, Scheduler};
use salesforce_verify::{Report, VerifyOptions};
pub(crate) use store::report_place;
use turns::{TooMany, Turns};

/// Components of a tenant that may arrive at the same moment: each is in memory until it is whole.
const ARRIVING: u32 = 2;

/// The components of a server.
#[derive(Clone)]
pub(crate) struct Components {
    database: Database,
    vault: Arc<Vault>,
    process: Arc<Process>,
    runtime: Runtime,
    files: Files,
    verify: VerifyOptions,
    metrics: Arc<Metrics>,
    scheduler: Scheduler,
    receiving: Arc<AtOnce>,
    verifying: Turns,
    loaded: Arc<Mutex<HashMap<ComponentDigest, Loaded>>>,
    /// What components can be asked for that agents were told of.
    described: Arc<Mutex<HashMap<ComponentDigest, Arc<Actions>>>>,
}

/// A component that may run, as far as it was needed.
#[derive(Clone)]
pub(super) struct Loaded {
    connector: Connector,
    /// What it can be asked for.
    actions: Arc<Actions>,
}

/// Whether a component may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ComponentState {
    /// It is being verified.
    Verifying,
    /// It may run.
    Accepted,
    /// It may not run: the report says why. Its bytes are not kept.
    Refused,
    /// It may run, but its bytes are missing or damaged on the server: upload them again.
    Damaged,
}

/// An uploaded component.
#[derive(Clone, Debug)]
pub(crate) struct ComponentRecord {
    /// SHA-256, 64 hexadecimal digits.
    pub(crate) digest: String,
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) state: ComponentState,
    /// None while it is being verified, and in lists.
    pub(crate) report: Option<Report>,
    pub(crate) uploaded_at: i64,
}

/// A component cannot be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UploadError {
    #[error("expected at most {allowed} bytes, got more")]
    TooLarge { allowed: u64 },
    #[error(
        "this tenant has {allowed} components waiting for their verification, which is its limit: try again when one is done"
    )]
    TooMany { allowed: usize },
    #[error("this tenant has {allowed} uploads under way, which is its limit: try again when one has ended")]
    TooManyArrive { allowed: u32 },
    #[error("this tenant has {allowed} components, which is its limit: delete one that is no longer needed")]
    TooManyKept { allowed: u64 },
    #[error(
        "the component needs {needed} bytes, and of the {allowed} that this tenant may have {used} are in use by its other \
         components and their compiled code: delete some, or ask the operator for more"
    )]
    Full { needed: u64, used: u64, allowed: u64 },
    #[error("the component was deleted while it was being verified: upload it again if it is needed")]
    Gone,
    #[error("the bytes of component {0} are missing or damaged on the server: upload the same file again")]
    Damaged(ComponentDigest),
    /// This machine's fault: nothing is known of the component.
    #[error("the component cannot be verified here: {0}")]
    Verify(String),
    #[error("cannot keep the component: {0}")]
    Keep(#[from] std::io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What components need from their server.
pub(crate) struct Dependencies {
    pub(crate) database: Database,
    pub(crate) vault: Arc<Vault>,
    pub(crate) process: Arc<Process>,
    pub(crate) runtime: Runtime,
    /// In whose turns a component is tried.
    pub(crate) scheduler: Scheduler,
    /// For the files.
    pub(crate) directory: PathBuf,
    pub(crate) verify: VerifyOptions,
    pub(crate) metrics: Arc<Metrics>,
}

impl Components {
    pub(crate) fn new(needed: Dependencies) -> Components {
        let Dependencies { database, vault, process, runtime, scheduler, directory, verify, metrics } = needed;
        let (receiving, verifying) = (Arc::default(), Turns::new(turns::AT_ONCE));
        let (loaded, described) = (Arc::default(), Arc::default());
        let files = Files::new(directory);
        Components {
            database,
            vault,
            process,
            runtime,
            scheduler,
            files,
            verify,
            metrics,
            receiving,
            verifying,
            loaded,
            described,
        }
    }

    /// What a component is to be called; none if the text is empty.
    pub(crate) fn name(&self, text: &str) -> Result<Option<String>, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", (!text.is_empty()).then(|| field::name(text)).transpose());
        name.ok_or(errors)
    }

    /// Call it before a component is read, and keep what it gives until that is done.
    pub(crate) fn receive(&self, tenant: &str) -> Result<One, UploadError> {
        self.receiving.one_more(tenant, ARRIVING).ok_or(UploadError::TooManyArrive { allowed: ARRIVING })
    }

    /// More bytes came than are taken.
    pub(crate) fn too_large(&self) -> UploadError {
        UploadError::TooLarge { allowed: self.most_bytes() }
    }

    /// Bytes of the largest component that is taken.
    pub(crate) fn most_bytes(&self) -> u64 {
        self.verify.component_bytes
    }
}

impl ComponentState {
    pub(crate) const ALL: [ComponentState; 4] =
        [ComponentState::Verifying, ComponentState::Accepted, ComponentState::Refused, ComponentState::Damaged];

    /// The name, e.g. `accepted`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ComponentState::Verifying => "verifying",
            ComponentState::Accepted => "accepted",
            ComponentState::Refused => "refused",
            ComponentState::Damaged => "damaged",
        }
    }

    fn named(name: &str) -> Option<ComponentState> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

impl fmt::Display for ComponentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<TooMany> for UploadError {
    fn from(_: TooMany) -> UploadError {
        UploadError::TooMany { allowed: turns::WAITING }
    }
}
