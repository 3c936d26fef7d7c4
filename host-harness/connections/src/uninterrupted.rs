//! Work that no cancellation ends.

use tokio::sync::RwLock;

static UNDER_WAY: RwLock<()> = RwLock::const_new(());

/// Runs `work` to its end, whatever becomes of the caller: new tokens exist nowhere but in this process until they are
/// stored.
pub async fn uninterrupted<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let under_way = UNDER_WAY.read().await;
    let task = tokio::spawn(async move {
        let result = work.await;
        drop(under_way);
        result
    });
    match task.await {
        Ok(result) => result,
        // Nobody cancels the task, so it can only have panicked; the panic goes on where it would have without it.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
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
