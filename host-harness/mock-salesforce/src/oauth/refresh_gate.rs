//! Lets a test keep refreshes from finishing, so that two of them are under way at once without any sleeping.

use tokio::sync::watch;

/// Open, unless somebody holds it.
#[derive(Debug)]
pub(crate) struct RefreshGate(watch::Sender<usize>);

impl RefreshGate {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Closes the gate until the answer is dropped.
    pub(crate) fn hold(&self) -> HeldRefreshes {
        self.0.send_modify(|holders| *holders += 1);
        HeldRefreshes(self.0.clone())
    }

    /// Waits until nobody holds the gate.
    pub(crate) async fn pass(&self) {
        let mut holders = self.0.subscribe();
        // The sender is our own: it is there as long as we wait.
        let _ = holders.wait_for(|holders| *holders == 0).await;
    }
}

/// As long as this lives, refresh requests arrive and wait, and further ones with the same token are told
/// "token request is already being processed".
#[derive(Debug)]
#[must_use = "dropping it lets the refreshes finish"]
pub struct HeldRefreshes(watch::Sender<usize>);

impl Drop for HeldRefreshes {
    fn drop(&mut self) {
        self.0.send_modify(|holders| *holders -= 1);
    }
}
