//! The mock's clock. It decides about expiry, dates and the `Date` header, and tests may move it.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use crate::lock::lock;

/// A clock that runs with the machine's, or stands still, and can be moved.
#[derive(Debug)]
pub(crate) struct Clock {
    reading: Mutex<Reading>,
}

#[derive(Debug, Clone, Copy)]
enum Reading {
    Running { ahead: SignedDuration },
    Standing(Timestamp),
}

impl Clock {
    /// The machine's clock.
    pub(crate) fn running() -> Self {
        Self { reading: Mutex::new(Reading::Running { ahead: SignedDuration::ZERO }) }
    }

    /// A clock that always says the same until it is moved.
    pub(crate) fn standing(at: Timestamp) -> Self {
        Self { reading: Mutex::new(Reading::Standing(at)) }
    }

    /// What the clock says. Beyond the years that jiff knows it stays at the last moment it knows.
    pub(crate) fn now(&self) -> Timestamp {
        match *lock(&self.reading) {
            Reading::Running { ahead } => Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX),
            Reading::Standing(at) => at,
        }
    }

    /// Whether it stands still.
    pub(crate) fn is_frozen(&self) -> bool {
        matches!(*lock(&self.reading), Reading::Standing(_))
    }

    /// Stops the clock at this moment, or at the one it says now.
    pub(crate) fn freeze(&self, at: Option<Timestamp>) {
        let at = at.unwrap_or_else(|| self.now());
        *lock(&self.reading) = Reading::Standing(at);
    }

    /// Lets a clock that stands still run on from the moment it says.
    pub(crate) fn thaw(&self) {
        let mut reading = lock(&self.reading);
        if let Reading::Standing(at) = *reading {
            *reading = Reading::Running { ahead: at.duration_since(Timestamp::now()) };
        }
    }

    /// Makes it say what the machine's clock says, or stand at this moment.
    pub(crate) fn reset(&self, standing_at: Option<Timestamp>) {
        let running = Reading::Running { ahead: SignedDuration::ZERO };
        *lock(&self.reading) = standing_at.map_or(running, Reading::Standing);
    }

    /// Moves the clock forward, or back when negative.
    pub(crate) fn advance(&self, by: SignedDuration) {
        let mut reading = lock(&self.reading);
        *reading = match *reading {
            Reading::Running { ahead } => Reading::Running { ahead: ahead.saturating_add(by) },
            Reading::Standing(at) => Reading::Standing(at.saturating_add(by).unwrap_or(Timestamp::MAX)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_moved() {
        let start: Timestamp = "2026-06-15T12:00:00Z".parse().unwrap();
        let clock = Clock::standing(start);
        assert_eq!(clock.now(), start);
        clock.advance(SignedDuration::from_hours(2));
        assert_eq!(clock.now(), "2026-06-15T14:00:00Z".parse().unwrap());
    }

    #[test]
    fn a_thawed_clock_runs_on_from_where_it_stood() {
        let start: Timestamp = "2026-06-15T12:00:00Z".parse().unwrap();
        let clock = Clock::running();
        clock.freeze(Some(start));
        assert!(clock.is_frozen());
        clock.thaw();
        assert!(!clock.is_frozen() && clock.now() >= start);
        assert!(clock.now() < start + SignedDuration::from_hours(1));
        clock.reset(Some(start));
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn a_running_clock_can_be_ahead_of_the_machine() {
        let clock = Clock::running();
        clock.advance(SignedDuration::from_hours(24));
        assert!(clock.now() > Timestamp::now());
    }
}
