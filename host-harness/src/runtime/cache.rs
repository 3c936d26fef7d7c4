//! Compiled code on disk, so that a process starts without compiling.
//!
//! Compiled code is trusted like this program itself: wasmtime does not check it. So the directory belongs to this user
//! (mode 0700), and a file is only loaded if this user owns it and nobody else can write to it. A digest at its end
//! finds damage; it is no defence against an attacker who can write there, and none is possible.

use std::fs::{self, DirBuilder, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::RuntimeError;

const DIGEST_LENGTH: usize = 32;

/// A directory of compiled components.
pub(super) struct CodeCache {
    directory: PathBuf,
    user: u32,
}

/// Compiles a component, or takes its compiled code from the cache. A cache that fails costs time, nothing else.
pub(super) fn compile(engine: &Engine, cache: Option<&CodeCache>, wasm: &[u8]) -> wasmtime::Result<Component> {
    let Some(cache) = cache else { return Component::new(engine, wasm) };
    let path = cache.path(engine, wasm);
    if let Some(component) = cache.load(engine, &path) {
        return Ok(component);
    }
    let code = engine.precompile_component(wasm)?;
    if let Err(error) = cache.store(&path, &code) {
        tracing::warn!(path = ?path, %error, "compiled code was not kept");
    }
    deserialize(engine, &code)
}

impl CodeCache {
    /// Makes the directory if it is missing.
    pub(super) fn open(directory: PathBuf) -> Result<Self, RuntimeError> {
        let refuse = |reason: String| RuntimeError::CodeCache { path: directory.clone(), reason };
        DirBuilder::new().recursive(true).mode(0o700).create(&directory).map_err(|error| refuse(error.to_string()))?;
        let metadata = fs::metadata(&directory).map_err(|error| refuse(error.to_string()))?;
        let user = effective_user().map_err(|error| refuse(error.to_string()))?;
        if !is_private(&metadata, user) {
            return Err(refuse(format!("its owner is {} and its mode {:o}", metadata.uid(), metadata.mode() & 0o7777)));
        }
        Ok(Self { directory, user })
    }

    /// Named by everything the code depends on: the component, wasmtime's version, its settings and this processor.
    fn path(&self, engine: &Engine, wasm: &[u8]) -> PathBuf {
        let mut key = KeyHasher(Sha256::new());
        key.write(&Sha256::digest(wasm));
        engine.precompile_compatibility_hash().hash(&mut key);
        let name: String = key.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.directory.join(format!("{name}.cwasm"))
    }

    /// None if there is no file, or none that can be trusted whole.
    fn load(&self, engine: &Engine, path: &Path) -> Option<Component> {
        if !is_private(&fs::symlink_metadata(path).ok()?, self.user) {
            return None;
        }
        let file = fs::read(path).ok()?;
        let (code, digest) = file.split_at_checked(file.len().checked_sub(DIGEST_LENGTH)?)?;
        if Sha256::digest(code).as_slice() != digest {
            return None;
        }
        deserialize(engine, code).ok()
    }

    fn store(&self, path: &Path, code: &[u8]) -> io::Result<()> {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.directory.join(format!("unfinished-{}-{serial}", std::process::id()));
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
            file.write_all(code)?;
            file.write_all(&Sha256::digest(code))?;
            drop(file);
            fs::rename(&unfinished, path)
        };
        write().inspect_err(|_| drop(fs::remove_file(&unfinished)))
    }
}

/// Owned by this user, and writable by nobody else.
fn is_private(metadata: &fs::Metadata, user: u32) -> bool {
    metadata.uid() == user && metadata.mode() & 0o022 == 0 && !metadata.is_symlink()
}

/// The user that new files of this process belong to.
fn effective_user() -> io::Result<u32> {
    Ok(fs::metadata("/proc/self")?.uid())
}

#[expect(
    unsafe_code,
    reason = "wasmtime cannot check compiled code; it comes from this process or from a private file that this user's process wrote"
)]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: see the module's documentation.
    unsafe { Component::deserialize(engine, code) }
}

/// Hashes to a key that is the same in every process.
struct KeyHasher(Sha256);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0 // the whole digest is the key
    }
}
