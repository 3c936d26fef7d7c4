//! How long a request may take, with its repetitions.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use salesforce_connector::core::call_options::CallOptions;

use crate::world::clocks::monotonic_clock::{self, Mark};

const NANOSECONDS_PER_MS: u64 = 1_000_000;

/// A moment, and the wait for it.
pub(crate) struct Deadline {
    at: Mark,
    timer: Pin<Box<dyn Future<Output = ()>>>,
}

impl Deadline {
    /// It starts now.
    pub(crate) fn start(options: &CallOptions) -> Self {
        let at = monotonic_clock::now() + u64::from(options.deadline_ms) * NANOSECONDS_PER_MS;
        Self { at, timer: Box::pin(monotonic_clock::wait_until(at)) }
    }

    /// Nanoseconds until then.
    pub(crate) fn remaining(&self) -> u64 {
        self.at.saturating_sub(monotonic_clock::now())
    }

    /// Waits for something. None if the deadline passes first; what was waited for is given up then.
    pub(crate) async fn within<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => self.timer.as_mut().poll(context).map(|()| None),
        })
        .await
    }

    /// Waits so many milliseconds. False, at once, if the deadline would pass meanwhile.
    pub(crate) async fn pause(&self, milliseconds: u64) -> bool {
        let duration = milliseconds.saturating_mul(NANOSECONDS_PER_MS);
        let in_time = duration < self.remaining();
        if in_time {
            monotonic_clock::wait_for(duration).await;
        }
        in_time
    }
}
