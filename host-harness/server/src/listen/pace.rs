//! How long a connection waits for its peer: some seconds in one piece, and in the long run no longer than a slow but
//! honest link takes.
//!
//! Waiting uses up a credit, and every byte that moves earns some of it back. So silence ends a connection when the credit
//! is used up, a trickle ends it a little later, and a link at the lowest rate or above is never ended however much it
//! carries. Time in which this server is busy, and not its peer, costs nothing.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes a second at which waiting costs nothing in the long run: 64 kbit/s. 30 MiB take an hour then.
const LOWEST_RATE: u64 = 8 << 10;

/// One direction of a connection.
#[derive(Debug)]
pub(super) struct Pace {
    most: Duration,
    left: Duration,
    waiting_since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    /// With this credit.
    pub(super) fn new(credit: Duration) -> Pace {
        Pace { most: credit, left: credit, waiting_since: None, timer: None }
    }

    /// Called when nothing can be done but wait for the peer. Ready when it has been waited for long enough.
    pub(super) fn poll_overdue(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let deadline = self.wait(Instant::now());
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        ready!(timer.as_mut().poll(context));
        Poll::Ready(())
    }

    /// Called when bytes have moved.
    pub(super) fn moved(&mut self, bytes: usize) {
        self.earn(Instant::now(), bytes);
    }

    /// The wait goes on: until when it may.
    fn wait(&mut self, now: Instant) -> Instant {
        *self.waiting_since.get_or_insert(now) + self.left
    }

    fn earn(&mut self, now: Instant, bytes: usize) {
        let waited = self.waiting_since.take().map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        let earned = Duration::from_micros(bytes as u64 * 1_000_000 / LOWEST_RATE);
        self.left = self.left.saturating_sub(waited).saturating_add(earned).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDIT: Duration = Duration::from_secs(30);
    const SECOND: Duration = Duration::from_secs(1);

    /// Seconds until a peer that sends so many bytes every second is overdue; none if it never is.
    fn overdue(bytes_a_second: usize) -> Option<u32> {
        let (mut pace, mut now) = (Pace::new(CREDIT), Instant::now());
        for second in 0..10_000 {
            if pace.wait(now) < now + SECOND {
                return Some(second);
            }
            now += SECOND;
            pace.earn(now, bytes_a_second);
        }
        None
    }

    #[test]
    fn s08_silence_and_a_trickle_end_a_connection_and_a_slow_honest_link_never_does() {
        assert_eq!(overdue(0), Some(30));
        let trickle = overdue(100).unwrap();
        assert!((30..32).contains(&trickle), "{trickle}");
        assert!(overdue(4 << 10).is_some(), "below the lowest rate");
        assert_eq!((overdue(8 << 10), overdue(1 << 20)), (None, None));
    }

    #[test]
    fn s08_what_was_earned_before_does_not_pay_for_a_longer_silence() {
        let (mut pace, now) = (Pace::new(CREDIT), Instant::now());
        pace.earn(now, 1 << 30);
        assert_eq!(pace.wait(now), now + CREDIT);
    }

    #[test]
    fn s08_the_time_of_a_busy_server_is_not_its_peers() {
        let (mut pace, now) = (Pace::new(CREDIT), Instant::now());
        pace.wait(now);
        pace.earn(now + 10 * SECOND, 0);
        // An execution takes its time; nobody waits for the peer.
        let later = now + 500 * SECOND;
        assert_eq!(pace.wait(later), later + 20 * SECOND);
    }
}
