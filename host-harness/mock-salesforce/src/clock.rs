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
    fn a_running_clock_can_be_ahead_of_the_machine() {
        let clock = Clock::running();
        clock.advance(SignedDuration::from_hours(24));
        assert!(clock.now() > Timestamp::now());
    }
}
