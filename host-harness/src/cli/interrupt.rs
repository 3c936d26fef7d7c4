//! Ctrl-C (or SIGTERM, which a supervisor sends), and the few things it has to wait for.
//!
//! New tokens exist nowhere but in this process until they are stored: a refresh, or the exchange of a code, is
//! finished before Ctrl-C ends the process. Each has a deadline, so the wait is bounded.

/// Returns once the user has pressed Ctrl-C and nothing that must finish is under way.
pub(crate) async fn pressed() {
    signalled().await;
    salesforce_connections::finished().await;
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
