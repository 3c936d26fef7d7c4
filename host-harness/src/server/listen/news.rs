//! What operators learn of connections: counts in the metrics, and at most a line a moment in the log, however many end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::server::metrics::Metrics;

/// Between two lines about the same thing.
const QUIET: Duration = Duration::from_secs(10);

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
    told: Mutex<HashMap<Ending, Told>>,
}

/// When something was last told, and how often it has happened since.
struct Told {
    at: Instant,
    since: u64,
}

impl News {
    pub(super) fn new(metrics: Arc<Metrics>) -> News {
        News { metrics: Some(metrics), told: Mutex::default() }
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
        if let Some(count) = self.count(ending, Instant::now()) {
            tracing::warn!(reason = ending.name(), count, "{}", ending.words());
        }
    }

    /// What has happened so far.
    #[cfg(test)]
    pub(super) fn told(&self) -> Vec<Ending> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// How many to tell of now; none if that was told a moment ago.
    fn count(&self, ending: Ending, now: Instant) -> Option<u64> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match told.get_mut(&ending) {
            Some(last) if now.saturating_duration_since(last.at) < QUIET => {
                last.since += 1;
                None
            }
            last => {
                let count = last.map_or(0, |last| last.since) + 1;
                told.insert(ending, Told { at: now, since: 0 });
                Some(count)
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s08_a_flood_of_endings_is_a_line_a_moment_with_their_count() {
        let (news, now) = (News::default(), Instant::now());
        let at = |seconds| news.count(Ending::HalfOpen, now + Duration::from_secs(seconds));
        assert_eq!([at(0), at(1), at(2), at(9)], [Some(1), None, None, None]);
        assert_eq!(news.count(Ending::Refused, now), Some(1), "another reason is told at once");
        assert_eq!([at(10), at(11), at(100)], [Some(4), None, Some(2)]);
    }
}
