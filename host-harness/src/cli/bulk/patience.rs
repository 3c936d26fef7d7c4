//! How long a job is waited for: it is asked for soon at first, then less and less often.

use std::time::Duration;

use salesforce_actions::bounded::Whole;
use salesforce_actions::display::line;
use tokio::time::{Instant, sleep};

use super::super::failure::Failure;

/// Before it is asked for the second time.
const FIRST: Duration = Duration::from_millis(200);
/// However long it takes.
const LONGEST: Duration = Duration::from_secs(10);

/// Seconds that a job is waited for.
pub(super) type Wait = Whole<u32, 1, 604_800>;

/// The wait for one job.
pub(super) struct Patience {
    end: Instant,
    pause: Duration,
}

impl Patience {
    /// For so long; a day if nothing else is wanted.
    pub(super) fn new(wait: Option<Wait>) -> Patience {
        let seconds = wait.map_or(86_400, Whole::get);
        Patience { end: Instant::now() + Duration::from_secs(seconds.into()), pause: FIRST }
    }

    /// Waits a while. False: it has been long enough.
    pub(super) async fn goes_on(&mut self) -> bool {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        sleep(self.pause.min(left)).await;
        self.pause = (self.pause * 3 / 2).min(LONGEST);
        true
    }

    /// After a failure that passes, the job is asked for once more: that is told, and waited for.
    ///
    /// # Errors
    /// It does not pass, or not in time.
    pub(super) async fn after(&mut self, failure: Failure, silent: bool) -> Result<(), Failure> {
        let Some(after) = failure.passes_after() else { return Err(failure) };
        self.pause = self.pause.max(after).min(LONGEST);
        let seconds = self.pause.as_secs_f32();
        if !silent {
            anstream::eprintln!("warning: {}; it is tried again in {seconds:.1} s", line(&failure.message()));
        }
        if self.goes_on().await { Ok(()) } else { Err(failure) }
    }
}
