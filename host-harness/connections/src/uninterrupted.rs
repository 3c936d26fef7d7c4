//! Work that no cancellation ends.

use tokio::sync::RwLock;
use tokio::task::JoinError;
use tracing::Instrument;

static UNDER_WAY: RwLock<()> = RwLock::const_new(());

/// Runs `work` to its end, whatever becomes of the caller: new tokens exist nowhere but in this process until they are
/// stored. It is in the caller's span, and so is its panic.
pub async fn uninterrupted<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match contained(work).await {
        Ok(result) => result,
        // Nobody cancels the task, so it can only have panicked; the panic goes on where it would have without it.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// The same, where a panic is an error.
pub(crate) async fn contained<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, JoinError> {
    let under_way = UNDER_WAY.read().await;
    let work = async move {
        let result = work.await;
        drop(under_way);
        result
    };
    tokio::spawn(work.in_current_span()).await
}

/// Returns once no such work is under way. What begins afterwards is not waited for.
pub async fn finished() {
    drop(UNDER_WAY.write().await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_outlives_the_caller_that_was_dropped() {
        let (start, started) = tokio::sync::oneshot::channel();
        let (go_on, gone_on) = tokio::sync::oneshot::channel::<()>();
        let (finish, finished) = tokio::sync::oneshot::channel();
        let caller = tokio::spawn(uninterrupted(async move {
            start.send(()).unwrap();
            gone_on.await.unwrap();
            finish.send("stored").unwrap();
        }));
        started.await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        assert!(UNDER_WAY.try_write().is_err(), "the work is still under way");
        go_on.send(()).unwrap();
        assert_eq!(finished.await.unwrap(), "stored");
        drop(UNDER_WAY.write().await);
    }
}
