//! Locks.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also when another test thread panicked while it held the lock: the data is whole at every step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
