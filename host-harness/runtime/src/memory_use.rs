//! How much linear memory an execution took.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Linear memory of one execution, also after it has ended, however it ended. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryUse(Arc<AtomicUsize>);

impl MemoryUse {
    /// Bytes of all linear memories together, as far as they have grown. They never shrink, so this is the peak as well;
    /// what of it was ever touched is less.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}
