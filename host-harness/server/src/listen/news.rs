//! What operators learn of connections: counts in the metrics, and at most a line a moment in the log, however many end.

use std::sync::Arc;

use crate::metrics::Metrics;
use crate::quiet::Quiet;

/// Why a connection ended early, or did not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ending {
    /// All connections were at work.
    Refused,
    /// All that its peer may have were at work.
    RefusedPeer,
    /// It was idle or silent, and a newcomer needed its place.
    GivenAway,
    /// Its request's head did not come in time.
    HalfOpen,
    /// The handshake of TLS was not finished in time.
    Handshake,
    /// Its body did not come fast enough.
    SlowBody,
    /// It did not read its answer fast enough.
    SlowReader,
    /// The system has no file descriptor or memory left for it.
    NotAccepted,
}

#[derive(Default)]
pub(super) struct News {
    metrics: Option<Arc<Metrics>>,
    told: Quiet<Ending>,
}

impl News {
    pub(super) fn new(metrics: Arc<Metrics>) -> News {
        News { metrics: Some(metrics), told: Quiet::default() }
    }

    /// So many are open now.
    pub(super) fn open(&self, connections: usize) {
        if let Some(metrics) = &self.metrics {
            metrics.connections(connections);
        }
    }

    pub(super) fn ended(&self, ending: Ending) {
        if let Some(metrics) = &self.metrics {
            metrics.connection_ended(ending.name());
        }
        if let Some(count) = self.told.count(ending) {
            tracing::warn!(reason = ending.name(), count, "{}", ending.words());
        }
    }

    /// What has happened so far.
    #[cfg(test)]
    pub(super) fn told(&self) -> Vec<Ending> {
        self.told.all()
    }
}

impl Ending {
    fn name(self) -> &'static str {
        match self {
            Ending::Refused => "refused",
            Ending::RefusedPeer => "refused-peer",
            Ending::GivenAway => "given-away",
            Ending::HalfOpen => "half-open",
            Ending::Handshake => "handshake",
            Ending::SlowBody => "slow-body",
            Ending::SlowReader => "slow-reader",
            Ending::NotAccepted => "not-accepted",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Ending::Refused => "connections were turned away: all are at work (--max-connections)",
            Ending::RefusedPeer => "connections of a peer were turned away: all it may have are at work",
            Ending::GivenAway => "idle or half-open connections were ended to make room for others",
            Ending::HalfOpen => "connections were ended: the head of a request did not come in time",
            Ending::Handshake => "connections were ended: TLS was not agreed on in time",
            Ending::SlowBody => "connections were ended: the body of a request came too slowly",
            Ending::SlowReader => "connections were ended: an answer was read too slowly",
            Ending::NotAccepted => "connections could not be accepted: the system has no room for them",
        }
    }
}
