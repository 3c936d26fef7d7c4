//! What happens without being asked: executions of dead processes are declared unknown or gone on with, ends that the database did not
//! take are recorded when it does, old results are forgotten, and files that nobody refers to are removed.

use std::path::Path;
use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

use super::app::App;
use super::database::StoreError;
use super::running_time::Keeper;

const LOOK_FOR_LOST: Duration = Duration::from_secs(15);
/// Looks between two rounds of forgetting.
const LOOKS_A_ROUND: u32 = 240;

/// Begins the upkeep; it ends with the value.
pub(super) fn spawn(app: &App, data: &Path) -> AbortOnDropHandle<()> {
    let (app, mut keeper) = (app.clone(), Keeper::new(data.join("upkeep.lock")));
    let recorder = app.executions.clone();
    let looking = async move {
        for look in 0_u32.. {
            if let Err(error) = keeper.tick(&app.database).await {
                tracing::error!(%error, "the time for which servers have run could not be kept");
            }
            if look % LOOKS_A_ROUND == 0 {
                forget(&app).await;
            }
            match app.executions.declare_lost().await {
                Ok(0) => {}
                Ok(lost) => {
                    tracing::warn!(lost, "executions of a process that died are unknown now");
                    app.metrics.lost(lost);
                }
                Err(error) => tracing::error!(%error, "lost executions could not be looked for"),
            }
            match app.executions.take_over(&app.tenants).await {
                Ok(0) => {}
                Ok(taken) => tracing::info!(taken, "bulk executions of a process that ended go on in this one"),
                Err(error) => tracing::error!(%error, "bulk executions that nobody follows could not be looked for"),
            }
            tokio::time::sleep(LOOK_FOR_LOST).await;
        }
    };
    AbortOnDropHandle::new(tokio::spawn(async move {
        tokio::join!(looking, recorder.record_what_waits());
    }))
}

/// One round of it. What fails is done in the next one.
pub(super) async fn forget(app: &App) {
    if let Err(error) = app.executions.prune().await {
        tracing::error!(%error, "old results could not be forgotten");
    }
    match collect(app).await {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "files that nobody refers to were removed"),
        Err(error) => tracing::error!(%error, "files that nobody refers to could not be looked for"),
    }
    if let Err(error) = app.database.checkpoint().await {
        tracing::warn!(%error, "the write-ahead log could not be moved to the database");
    }
}

async fn collect(app: &App) -> Result<usize, StoreError> {
    let files = app.components.collect().await?;
    Ok(files + app.connections.collect_locks().await?)
}
