//! What delivers: a look each second for events that are due, and some attempts at a time.
//!
//! A tenant has one attempt at a time, in any process, so its receiver gets at most about one message a second of each, and who does not answer
//! holds up nobody but itself. Events of a tenant are not in order: one that fails waits for its own next attempt.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio_util::task::AbortOnDropHandle;

use super::{Webhooks, outbox};
use crate::clock;
use crate::database::StoreError;

const LOOK: Duration = Duration::from_secs(1);
/// Attempts at the same moment in this process, each of another tenant.
const AT_ONCE: usize = 16;

/// Begins to deliver; it ends with the value. What is cut off is sent again later, under the same id.
pub(crate) fn spawn(webhooks: &Webhooks) -> AbortOnDropHandle<()> {
    let webhooks = webhooks.clone();
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut attempts = JoinSet::new();
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            while attempts.try_join_next().is_some() {}
            if let Err(error) = webhooks.begin(&mut attempts).await
                && let Some(count) = webhooks.quiet.count("look")
            {
                tracing::error!(%error, count, "webhooks could not be looked for");
            }
        }
    }))
}

impl Webhooks {
    /// Begins an attempt for each tenant that has an event due, as long as there is room.
    async fn begin(&self, attempts: &mut JoinSet<()>) -> Result<(), StoreError> {
        let room = AT_ONCE.saturating_sub(attempts.len());
        let (now, due) = (clock::now(), outbox::due);
        let tenants = self.database.read(move |connection| due(connection, now, room)).await?;
        for tenant in tenants {
            let taken = self.database.write(move |connection| outbox::take(connection, &tenant)).await?;
            let Some((turn, event)) = taken else { continue };
            let this = self.clone();
            attempts.spawn(async move {
                this.attempt(turn, event).await;
            });
        }
        Ok(())
    }
}
