//! What is computed for a tenant outside of its components: long texts are parsed, written as JSON and decrypted in the
//! tenant's turns, so that they take no processor from others.

use super::Executions;
use crate::database::StoreError;

/// Bytes with which something is done at once: less than a millisecond.
const SHORT: usize = 64 << 10;

impl Executions {
    /// Does what takes time in proportion to so many bytes.
    ///
    /// # Errors
    /// [`StoreError::Closed`]: it panicked, or the server ends.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        tenant: &str,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        if bytes <= SHORT {
            return Ok(work());
        }
        self.connector.in_turn_of(tenant, work).await.ok_or(StoreError::Closed)
    }
}
