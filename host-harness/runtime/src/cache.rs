//! Compiled code on disk, so that a process starts without compiling.
//!
//! Compiled code is trusted like this program itself: wasmtime does not check it. So the directory belongs to this user
//! (mode 0700), and a file is only loaded if this user owns it and nobody else can write to it. A checksum at its end
//! finds damage; it is no defence against an attacker who can write there, and none is possible.

use std::fs::{self, DirBuilder, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use twox_hash::XxHash3_64;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::RuntimeError;

const CHECKSUM_LENGTH: usize = 8;

/// A directory of compiled components.
pub struct CodeCache {
    directory: PathBuf,
    user: u32,
}

/// Compiles a component, or takes its compiled code from the cache. A cache that fails costs time, nothing else.
pub(super) fn compile(engine: &Engine, cache: Option<&CodeCache>, wasm: &[u8]) -> wasmtime::Result<Component> {
    let Some(cache) = cache else { return Component::new(engine, wasm) };
    let path = cache.path(engine, wasm);
    if let Some(Ok(component)) = cache.load(engine, &path) {
        return Ok(component);
    }
    let code = engine.precompile_component(wasm)?;
    if let Err(error) = cache.store(&path, &code) {
        tracing::warn!(path = ?path, %error, "compiled code was not kept");
    }
    deserialize(engine, &code)
}

/// Compiles a component into the cache and does not load it. Here a cache that fails is a failure.
pub(super) fn compile_only(engine: &Engine, cache: &CodeCache, wasm: &[u8]) -> wasmtime::Result<()> {
    let code = engine.precompile_component(wasm)?;
    Ok(cache.store(&cache.path(engine, wasm), &code)?)
}

impl CodeCache {
    /// Makes the directory if it is missing, for its owner only.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::CodeCache`] if it cannot be made, or others can write to it.
    pub fn open(directory: PathBuf) -> Result<Self, RuntimeError> {
        let refuse = |reason: String| RuntimeError::CodeCache { path: directory.clone(), reason };
        DirBuilder::new().recursive(true).mode(0o700).create(&directory).map_err(|error| refuse(error.to_string()))?;
        let metadata = fs::metadata(&directory).map_err(|error| refuse(error.to_string()))?;
        let user = rustix::process::geteuid().as_raw();
        if !is_private(&metadata, user) {
            return Err(refuse(format!("its owner is {} and its mode {:o}", metadata.uid(), metadata.mode() & 0o7777)));
        }
        Ok(Self { directory, user })
    }

    /// Where the code is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Moves the compiled code of a component into another directory of the same file system, in one step.
    pub(super) fn hand_over(&self, engine: &Engine, wasm: &[u8], to: &Self) -> io::Result<()> {
        fs::rename(self.path(engine, wasm), to.path(engine, wasm))
    }

    fn path(&self, engine: &Engine, wasm: &[u8]) -> PathBuf {
        self.path_of(engine, &Sha256::digest(wasm).into())
    }

    /// Named by everything the code depends on: the component by its SHA-256, wasmtime's version, its settings and this
    /// processor.
    pub(super) fn path_of(&self, engine: &Engine, digest: &[u8; 32]) -> PathBuf {
        let mut key = KeyHasher(Sha256::new());
        key.write(digest);
        engine.precompile_compatibility_hash().hash(&mut key);
        let name: String = key.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.directory.join(format!("{name}.cwasm"))
    }

    /// The compiled code of a component, if it is here; an error if the engine cannot run it.
    pub(super) fn find(&self, engine: &Engine, wasm: &[u8]) -> Option<wasmtime::Result<Component>> {
        self.load(engine, &self.path(engine, wasm))
    }

    /// None if there is no file, or none that can be trusted whole.
    fn load(&self, engine: &Engine, path: &Path) -> Option<wasmtime::Result<Component>> {
        if !is_private(&fs::symlink_metadata(path).ok()?, self.user) {
            return None;
        }
        let file = fs::read(path).ok()?;
        let (code, told) = file.split_at_checked(file.len().checked_sub(CHECKSUM_LENGTH)?)?;
        if checksum(code) != told {
            return None;
        }
        Some(deserialize(engine, code))
    }

    fn store(&self, path: &Path, code: &[u8]) -> io::Result<()> {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.directory.join(format!("unfinished-{}-{serial}", std::process::id()));
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
            file.write_all(code)?;
            file.write_all(&checksum(code))?;
            drop(file);
            fs::rename(&unfinished, path)
        };
        write().inspect_err(|_| drop(fs::remove_file(&unfinished)))
    }
}

fn checksum(code: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    XxHash3_64::oneshot(code).to_le_bytes()
}

/// Owned by this user, and writable by nobody else.
fn is_private(metadata: &fs::Metadata, user: u32) -> bool {
    metadata.uid() == user && metadata.mode() & 0o022 == 0 && !metadata.is_symlink()
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::{Limits, engine};

    struct Fixture {
        root: PathBuf,
        cache: CodeCache,
        engine: Engine,
        wasm: Vec<u8>,
    }

    impl Fixture {
        fn new(name: &str) -> Self {
            let root = std::env::temp_dir().join(format!("code-cache-{name}-{}", std::process::id()));
            let cache = CodeCache::open(root.join("code")).unwrap();
            let engine = engine::new(&Limits { concurrent_executions: 1, ..Limits::default() }, false).unwrap();
            Self { root, cache, engine, wasm: wat::parse_str("(component)").unwrap() }
        }

        fn path(&self) -> PathBuf {
            self.cache.path(&self.engine, &self.wasm)
        }

        fn compile(&self) {
            compile(&self.engine, Some(&self.cache), &self.wasm).unwrap();
        }

        fn is_hit(&self) -> bool {
            self.cache.load(&self.engine, &self.path()).is_some_and(|loaded| loaded.is_ok())
        }
    }

    impl Drop for Fixture {
        fn drop(&mut self) {
            let _gone = fs::remove_dir_all(&self.root);
        }
    }

    #[test]
    fn the_first_load_misses_and_the_second_hits() {
        let fixture = Fixture::new("hit");
        assert!(!fixture.is_hit());
        fixture.compile();
        assert!(fixture.is_hit());
        assert_eq!(fs::read_dir(&fixture.cache.directory).unwrap().count(), 1, "an unfinished file is left");
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&fixture.cache.directory), mode(&fixture.path())), (0o700, 0o600));
    }

    #[test]
    fn another_component_and_other_settings_have_other_names() {
        let fixture = Fixture::new("name");
        let other = wat::parse_str(r#"(component (core module))"#).unwrap();
        assert_ne!(fixture.path(), fixture.cache.path(&fixture.engine, &other));
        let without_epochs = Engine::default();
        assert_ne!(fixture.path(), fixture.cache.path(&without_epochs, &fixture.wasm));
    }

    #[test]
    fn a_damaged_file_is_ignored_and_written_anew() {
        let fixture = Fixture::new("damage");
        fixture.compile();
        let whole = fs::read(fixture.path()).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        for damaged in [&flipped[..], &whole[..whole.len() - 1], &whole[..10], b""] {
            fs::write(fixture.path(), damaged).unwrap();
            assert!(!fixture.is_hit());
            fixture.compile();
            assert!(fixture.is_hit());
        }
    }

    #[test]
    fn what_the_compiling_engine_makes_the_running_one_finds() {
        let fixture = Fixture::new("compile-only");
        let compiler = engine::compiler(&Limits { concurrent_executions: 1, ..Limits::default() }).unwrap();
        assert!(fixture.cache.find(&fixture.engine, &fixture.wasm).is_none());
        compile_only(&compiler, &fixture.cache, &fixture.wasm).unwrap();
        assert!(fixture.cache.find(&fixture.engine, &fixture.wasm).unwrap().is_ok());
    }

    #[test]
    fn what_is_whole_but_not_code_of_this_engine_is_ignored() {
        let fixture = Fixture::new("other-engine");
        let other_settings = Engine::default().precompile_component(&fixture.wasm).unwrap();
        for code in [other_settings.as_slice(), b"no code at all", b""] {
            fixture.cache.store(&fixture.path(), code).unwrap();
            assert!(!fixture.is_hit());
            fixture.compile();
            assert!(fixture.is_hit());
        }
    }

    #[test]
    fn many_writers_at_once_leave_one_good_file() {
        let fixture = Fixture::new("many");
        std::thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| (0..4).for_each(|_| fixture.compile()));
            }
        });
        assert!(fixture.is_hit());
        assert_eq!(fs::read_dir(&fixture.cache.directory).unwrap().count(), 1, "an unfinished file is left");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_directory_that_cannot_be_written_to_costs_time_only() {
        let fixture = Fixture::new("read-only");
        // Mode 0555, and nobody can make a file in it, not even root.
        let cache = CodeCache::open("/proc/self/task".into()).unwrap();
        assert!(cache.store(&cache.path(&fixture.engine, &fixture.wasm), b"code").is_err());
        compile(&fixture.engine, Some(&cache), &fixture.wasm).unwrap();
    }

    #[test]
    fn a_file_that_others_can_write_to_or_that_is_elsewhere_is_ignored() {
        let fixture = Fixture::new("foreign");
        fixture.compile();
        fs::set_permissions(fixture.path(), fs::Permissions::from_mode(0o620)).unwrap();
        assert!(!fixture.is_hit());
        let elsewhere = fixture.root.join("elsewhere");
        fs::set_permissions(fixture.path(), fs::Permissions::from_mode(0o600)).unwrap();
        fs::rename(fixture.path(), &elsewhere).unwrap();
        symlink(&elsewhere, fixture.path()).unwrap();
        assert!(!fixture.is_hit());
        fixture.compile();
        assert!(fixture.is_hit());
    }

    #[test]
    fn a_directory_that_others_can_write_to_is_refused() {
        let fixture = Fixture::new("directory");
        let shared = fixture.root.join("shared");
        fs::create_dir(&shared).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
        let error = CodeCache::open(shared).err().unwrap();
        assert!(error.to_string().contains("expected a directory that this user owns"), "{error}");
        let file = fixture.root.join("file");
        fs::write(&file, "").unwrap();
        assert!(CodeCache::open(file).is_err());
    }
}
