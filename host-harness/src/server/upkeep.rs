//! What happens without being asked: executions of dead processes are declared unknown, old results are forgotten.

use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

use super::app::App;

const LOOK_FOR_LOST: Duration = Duration::from_secs(15);
/// Looks between two rounds of forgetting.
const LOOKS_A_ROUND: u32 = 240;

/// Begins the upkeep; it ends with the value.
pub(super) fn spawn(app: &App) -> AbortOnDropHandle<()> {
    let executions = app.executions.clone();
    AbortOnDropHandle::new(tokio::spawn(async move {
        for look in 0_u32.. {
            if look % LOOKS_A_ROUND == 0
                && let Err(error) = executions.prune().await
            {
                tracing::error!(%error, "old results could not be forgotten");
            }
            match executions.declare_lost().await {
                Ok(0) => {}
                Ok(lost) => tracing::warn!(lost, "executions of a process that died are unknown now"),
                Err(error) => tracing::error!(%error, "lost executions could not be looked for"),
            }
            tokio::time::sleep(LOOK_FOR_LOST).await;
        }
    }))
}
