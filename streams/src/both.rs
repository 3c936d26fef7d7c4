//! Two things at once: until both are done, or the first of them is.

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

/// Which of two was done first, and what it gave.
pub(crate) enum First<A, B> {
    One(A),
    Other(B),
}

/// Waits until one is done, and gives the other up if it is not lent.
pub(crate) async fn first<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> First<A, B> {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| match one.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(First::One(value)),
        Poll::Pending => other.as_mut().poll(context).map(First::Other),
    })
    .await
}
