//! What happens without end is a line a moment in the log, with its count.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Between two lines about the same thing.
const QUIET: Duration = Duration::from_secs(10);

/// What was told, by what it is about.
#[derive(Debug)]
pub(super) struct Quiet<K>(Mutex<HashMap<K, Told>>);

/// When something was last told, and how often it has happened since.
#[derive(Debug)]
struct Told {
    at: Instant,
    since: u64,
}

impl<K: Eq + Hash> Quiet<K> {
    /// It has happened once more: how many to tell of now; none if that was told a moment ago.
    pub(super) fn count(&self, about: K) -> Option<u64> {
        self.count_at(about, Instant::now())
    }

    fn count_at(&self, about: K, now: Instant) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match told.get_mut(&about) {
            Some(last) if now.saturating_duration_since(last.at) < QUIET => {
                last.since += 1;
                None
            }
            last => {
                let count = last.map_or(0, |last| last.since) + 1;
                told.insert(about, Told { at: now, since: 0 });
                Some(count)
            }
        }
    }

    /// What has happened so far.
    #[cfg(test)]
    pub(super) fn all(&self) -> Vec<K>
    where
        K: Copy,
    {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }
}

impl<K> Default for Quiet<K> {
    fn default() -> Quiet<K> {
        Quiet(Mutex::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s08_a_flood_is_a_line_a_moment_with_its_count() {
        let (quiet, now) = (Quiet::default(), Instant::now());
        let at = |seconds| quiet.count_at("half-open", now + Duration::from_secs(seconds));
        assert_eq!([at(0), at(1), at(2), at(9)], [Some(1), None, None, None]);
        assert_eq!(quiet.count_at("refused", now), Some(1), "another thing is told at once");
        assert_eq!([at(10), at(11), at(100)], [Some(4), None, Some(2)]);
    }
}
