//! A verification on a thread of its own. The org that a component is tried with takes processor time too, which is no
//! tenant's turn: so it is less important than what the server does.

use std::thread;

use tokio::runtime;
use tokio::sync::oneshot;

use crate::database::StoreError;
use salesforce_runtime::step_back;

/// Does the work on a thread of low priority, with a runtime for its sockets, to its end.
pub(super) async fn apart<T: Send + 'static, F: Future<Output = T>>(
    work: impl FnOnce() -> F + Send + 'static,
) -> Result<T, StoreError> {
    let (answer, answered) = oneshot::channel();
    let run = move || {
        step_back();
        if let Ok(runtime) = runtime::Builder::new_current_thread().enable_all().build() {
            // Nobody is left to tell if the server ends.
            let _ = answer.send(runtime.block_on(work()));
        }
    };
    thread::Builder::new().name("verification".to_owned()).spawn(run).map_err(|_| StoreError::Closed)?;
    answered.await.map_err(|_| StoreError::Closed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn s07_it_runs_to_its_end_elsewhere_and_a_panic_is_an_error() {
        let elsewhere = apart(async || thread::current().id()).await.unwrap();
        assert_ne!(elsewhere, thread::current().id());
        assert!(matches!(apart(async || -> u8 { panic!("meant to") }).await, Err(StoreError::Closed)));
    }
}
