//! Ctrl-C (or SIGTERM, which a supervisor sends), and the few things it has to wait for.
//!
//! New tokens exist nowhere but in this process until they are stored: a refresh, or the exchange of a code, is
//! finished before Ctrl-C ends the process. Each has a deadline, so the wait is bounded. A write is not waited for, but told.

use std::sync::atomic::{AtomicUsize, Ordering};

static WRITES: AtomicUsize = AtomicUsize::new(0);

/// A write, which may be at Salesforce already, is under way until this is dropped.
#[derive(Debug)]
pub(crate) struct Write(());

impl Write {
    pub(crate) fn begin() -> Write {
        WRITES.fetch_add(1, Ordering::SeqCst);
        Write(())
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        WRITES.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Returns once the user has pressed Ctrl-C and nothing that must finish is under way: whether a write is.
pub(crate) async fn pressed() -> bool {
    signalled().await;
    salesforce_connections::finished().await;
    WRITES.load(Ordering::SeqCst) > 0
}

/// Returns once the user has pressed Ctrl-C. For a server, which lets finish by itself what must.
pub(crate) async fn signalled() {
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        Some(()) = terminated() => {}
        // No signal handler can be had: the system's own handling stays, which ends the process.
        else => std::future::pending().await,
    }
}

#[cfg(unix)]
async fn terminated() -> Option<()> {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::terminate()).ok()?.recv().await
}

#[cfg(not(unix))]
async fn terminated() -> Option<()> {
    None
}
