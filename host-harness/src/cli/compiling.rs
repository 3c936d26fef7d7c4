//! Says on a terminal that a component is being compiled, if that takes more than a moment.

use std::time::Duration;

use indicatif::ProgressBar;
use tokio::task::JoinHandle;

const MOMENT: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// It is under way, until this is dropped.
pub(super) struct Compiling {
    /// Draws on standard error, and only on a terminal.
    progress: ProgressBar,
    teller: JoinHandle<()>,
}

impl Compiling {
    /// Within a runtime. The thread of the caller compiles, so another one tells.
    pub(super) fn begin() -> Compiling {
        let progress = ProgressBar::new_spinner();
        let told = progress.clone();
        let teller = tokio::spawn(async move {
            tokio::time::sleep(MOMENT).await;
            told.set_message("compiling the component; its code is kept for the next time");
            told.enable_steady_tick(TICK);
        });
        Compiling { progress, teller }
    }
}

impl Drop for Compiling {
    fn drop(&mut self) {
        self.teller.abort();
        self.progress.finish_and_clear();
    }
}
