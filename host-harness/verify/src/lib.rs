//! Whether a tenant's component may run: what it is, what it asks for, what it costs, and how it behaves.
//!
//! [`verify`] trusts nothing in the bytes. A file that is too large is not read. What reads and compiles them is a
//! process of its own with bounds on time and memory, so that a component made to break a compiler breaks that process
//! alone. Then the compiled component runs as every component does, in the [runtime](salesforce_runtime), against a
//! Salesforce in memory: a *conformance suite* of the contract in `wit/` and of the ways in which a hostile network or
//! server tests a connector. Each call is bounded, so a component that hangs or traps fails that check and the report
//! goes on.
//!
//! ```text
//! verify ── compiler ──(process)── examine: Component, Imports, Exports, CompileTime, CompileMemory
//!        ├─ runtime: Loads
//!        └─ conformance ── Bench (a mock org under the name of a real one, and a server that nobody may talk to) ── all other checks
//! ```
//!
//! Depends on the runtime, which carries the connector to compare exports with, on the actions, which it reads out of a
//! component, and on the mock.

mod compiler;
mod conformance;
mod examine;
mod options;
mod report;
mod types;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use mock_salesforce::Authority;

use conformance::Subject;
pub use examine::compile_in_this_process;
pub use options::{CompilerCommand, VerifyOptions};
use report::Draft;
pub use report::{Check, Finding, Report, Verdict};
use salesforce_runtime::egress::StandIns;
use salesforce_runtime::{CodeCache, Connector, Runtime, RuntimeError, RuntimeOptions};

/// A verification cannot be made: this machine's fault, not the component's.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The file cannot be read.
    #[error("cannot read the component: {0}")]
    Read(#[source] io::Error),
    /// The compiler's process cannot be started or talked to.
    #[error("cannot run the compiler in a process of its own: {0}")]
    Compiler(#[source] io::Error),
    /// Compiled code cannot be put into a directory of its own, or into the cache.
    #[error("cannot keep compiled code in a directory: {0}")]
    Directory(#[source] io::Error),
    /// The runtime does not take the limits.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The mock does not start.
    #[error("cannot start the Salesforce in memory that the component is tried against: {0}")]
    Mock(String),
}

/// Verifies a component.
///
/// # Errors
///
/// [`VerifyError`] if this machine cannot do it. Whatever is wrong with the component is in the report.
pub async fn verify(wasm: Bytes, options: &VerifyOptions) -> Result<Report, VerifyError> {
    let size = wasm.len() as u64;
    if size > options.component_bytes {
        return Ok(too_large(size, options));
    }
    let mut draft = Draft::new(&wasm);
    draft.add(Finding::passed(Check::Size, format!("{size} bytes")));
    let cache = options.code_cache.clone().map(CodeCache::open).transpose()?;
    // Beside where it may be kept, so that it can be moved there in one step.
    let beside = options.work.as_deref().or(cache.as_ref().map(CodeCache::directory));
    let directory = match beside {
        None => tempfile::tempdir(),
        Some(beside) => std::fs::create_dir_all(beside).and_then(|()| tempfile::tempdir_in(beside)),
    };
    let directory = directory.map_err(VerifyError::Directory)?;
    let (findings, actions) = compiler::run(wasm.clone(), directory.path(), options).await?;
    findings.into_iter().for_each(|finding| draft.add(finding));
    if let Some(actions) = actions {
        draft.describe(actions);
    }
    if !draft.is_clean() {
        return Ok(draft.finish("an earlier check failed"));
    }
    let authority = Authority::new().map_err(|error| VerifyError::Mock(error.to_string()))?;
    let (authority, stand_ins) = (Arc::new(authority), StandIns::default());
    let runtime = RuntimeOptions {
        limits: options.limits.clone(),
        code_cache: Some(directory.path().to_owned()),
        extra_roots: vec![authority.der()],
        scheduler: options.scheduler.as_ref().map(|(scheduler, _)| scheduler.clone()),
        ..RuntimeOptions::default()
    };
    let runtime = Runtime::with_stand_ins(runtime, stand_ins.clone())?;
    let loaded = load(runtime.clone(), wasm.clone()).await;
    match loaded {
        Ok(connector) => {
            draft.add(Finding::passed(Check::Loads, None));
            let tenant = options.scheduler.as_ref().map(|(_, tenant)| tenant.clone());
            let subject = Subject::new(connector, tenant, authority, stand_ins);
            for finding in conformance::run(&subject, options.behaviour_time).await? {
                draft.add(finding);
            }
        }
        Err(why) => draft.add(Finding::failed(Check::Loads, [why])),
    }
    let report = draft.finish("the component cannot be loaded");
    if report.may_run
        && let Some(cache) = cache
    {
        runtime.hand_over(&wasm, &cache).map_err(VerifyError::Directory)?;
    }
    Ok(report)
}

/// Verifies a file. One that is too large is not read.
///
/// # Errors
///
/// As [`verify`], and if the file cannot be read.
pub async fn verify_file(path: &Path, options: &VerifyOptions) -> Result<Report, VerifyError> {
    let file = File::open(path).map_err(VerifyError::Read)?;
    let size = file.metadata().map_err(VerifyError::Read)?.len();
    if size > options.component_bytes {
        return Ok(too_large(size, options));
    }
    let mut wasm = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    // It may have grown in between, or be a pipe.
    file.take(options.component_bytes.saturating_add(1)).read_to_end(&mut wasm).map_err(VerifyError::Read)?;
    verify(wasm.into(), options).await
}

fn too_large(size: u64, options: &VerifyOptions) -> Report {
    let mut draft = Draft::unread(size);
    let allowed = options.component_bytes;
    draft.add(Finding::failed(Check::Size, [format!("expected at most {allowed} bytes, found {size}")]));
    draft.finish("the component was not read")
}

/// From the compiled code, in a runtime of its own. If it cannot be loaded, says why.
async fn load(runtime: Runtime, wasm: Bytes) -> Result<Connector, String> {
    let started = Instant::now();
    let loading = tokio::task::spawn_blocking(move || runtime.load_compiled(&wasm).map_err(|error| error.to_string()));
    let loaded = loading.await.unwrap_or_else(|error| Err(format!("loading it failed: {error}")));
    tracing::debug!(duration_ms = report::milliseconds(started.elapsed()), "component loaded");
    loaded
}
