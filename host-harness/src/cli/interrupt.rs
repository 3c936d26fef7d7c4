//! Ctrl-C (or SIGTERM, which a supervisor sends), and the few things it has to wait for.
//!
//! New tokens exist nowhere but in this process until they are stored: a refresh, or the exchange of a code, is
//! finished before Ctrl-C ends the process. Each has a deadline, so the wait is bounded. A write is not waited for, but told.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

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

/// Returns once the user has pressed Ctrl-C and nothing that must finish is under way: whether a write is. It is listened for from
/// now on.
pub(crate) fn pressed() -> impl Future<Output = bool> {
    let signalled = signalled();
    async {
        signalled.await;
        salesforce_connections::finished().await;
        WRITES.load(Ordering::SeqCst) > 0
    }
}

/// Returns once the user has pressed Ctrl-C, which is listened for from now on. For a server, which lets finish by itself what must.
pub(crate) fn signalled() -> impl Future<Output = ()> {
    let [mut interrupted, mut terminated] = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    async move {
        tokio::select! {
            Some(()) = next(&mut interrupted) => {}
            Some(()) = next(&mut terminated) => {}
            // No signal handler can be had: the system's own handling stays, which ends the process.
            else => std::future::pending().await,
        }
    }
}

async fn next(signals: &mut io::Result<Signal>) -> Option<()> {
    signals.as_mut().ok()?.recv().await
}
