//! Connections that wait for their next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

use super::connection::Connection;
use super::origin::Origin;

/// How often to look for connections that the other side has closed, for each holds a socket open here.
const SWEEP: Duration = Duration::from_secs(1);

/// The idle connections of a runtime, by origin.
pub(crate) struct IdleConnections {
    most_per_origin: usize,
    timeout: Duration,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// The one that was used last comes last, and is used first: those that are too many grow old.
    connections: HashMap<Origin, Vec<(Connection, Instant)>>,
    sweeper: Option<AbortHandle>,
}

impl IdleConnections {
    pub(crate) fn new(most_per_origin: usize, timeout: Duration) -> Self {
        Self { most_per_origin, timeout, kept: Mutex::default() }
    }

    /// A connection to this origin that waits for a request, as far as anybody knows: hyper hands the request back if
    /// it finds that the other side has closed it.
    pub(crate) fn take(&self, origin: &Origin) -> Option<Connection> {
        let mut kept = self.lock();
        let connections = kept.connections.get_mut(origin)?;
        while let Some((connection, since)) = connections.pop() {
            if since.elapsed() < self.timeout && connection.is_idle() {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection, if it is idle and they are not too many.
    pub(crate) fn keep(self: &Arc<Self>, origin: &Origin, connection: Connection) {
        if !connection.is_idle() {
            return;
        }
        let mut kept = self.lock();
        let connections = match kept.connections.get_mut(origin) {
            Some(connections) => connections,
            None => kept.connections.entry(origin.clone()).or_default(),
        };
        if connections.len() < self.most_per_origin {
            connections.push((connection, Instant::now()));
            if kept.sweeper.as_ref().is_none_or(AbortHandle::is_finished) {
                kept.sweeper = Some(self.start_sweeper());
            }
        }
    }

    /// Drops all of them: names may lead elsewhere from now on.
    pub(crate) fn close(&self) {
        self.lock().connections.clear();
    }

    /// Sweeps until nothing is kept any more, or the runtime is gone.
    fn start_sweeper(self: &Arc<Self>) -> AbortHandle {
        let idle = Arc::downgrade(self);
        let sweeping = tokio::spawn(async move {
            loop {
                tokio::time::sleep(SWEEP).await;
                match idle.upgrade() {
                    Some(idle) if idle.sweep() => {}
                    _ => return,
                }
            }
        });
        sweeping.abort_handle()
    }

    /// Drops what is closed or too old. False if nothing is left, and there will be no other sweep.
    fn sweep(&self) -> bool {
        let mut kept = self.lock();
        kept.connections.retain(|_, connections| {
            connections.retain_mut(|(connection, since)| {
                connection.drive(&mut Context::from_waker(Waker::noop()));
                since.elapsed() < self.timeout && connection.is_idle()
            });
            !connections.is_empty()
        });
        let is_needed = !kept.connections.is_empty();
        if !is_needed {
            kept.sweeper = None;
        }
        is_needed
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
