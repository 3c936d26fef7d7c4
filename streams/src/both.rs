//! Two things at once.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Waits for both. If the first fails, the second is given up.
pub(crate) async fn both<A, E, B>(
    first: impl Future<Output = Result<A, E>>,
    second: impl Future<Output = B>,
) -> Result<(A, B), E> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut done, mut other) = (None, None);
    poll_fn(|context| {
        if done.is_none()
            && let Poll::Ready(result) = first.as_mut().poll(context)
        {
            match result {
                Ok(value) => done = Some(value),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        if other.is_none()
            && let Poll::Ready(value) = second.as_mut().poll(context)
        {
            other = Some(value);
        }
        match (done.take(), other.take()) {
            (Some(value), Some(of_other)) => Poll::Ready(Ok((value, of_other))),
            (value, of_other) => {
                (done, other) = (value, of_other);
                Poll::Pending
            }
        }
    })
    .await
}
