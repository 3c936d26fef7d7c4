//! A request, again where that is safe and worth it.

use salesforce_connector::core::call_options::CallOptions;
use salesforce_connector::core::error::{Error, Result};
use salesforce_connector::core::http::{Failure, Request, Response};
use salesforce_connector::core::send::{Attempts, Repeat, Verdict, answered_early, refusal_of_read, refusal_of_write};

use crate::deadline::Deadline;
use crate::transport::{self, Incoming, Outgoing};
use crate::world::random::random::get_random_u64;

/// The refusal that an answer is, if it is one.
type Refusal = fn(&Response) -> Option<Box<Error>>;

/// Sends a request that reads, until there is an answer with a status of 2xx. Its body goes where there is `room`.
pub(crate) async fn read(request: &Request<'_>, options: &CallOptions, room: Vec<u8>) -> Result<Response> {
    send(request, (Repeat::Safe, refusal_of_read), options, room).await
}

/// Sends a request that writes, and of which a second one does nothing that matters.
pub(crate) async fn write(request: &Request<'_>, options: &CallOptions) -> Result<Response> {
    send(request, (Repeat::Idempotent, refusal_of_write), options, Vec::new()).await
}

async fn send(
    request: &Request<'_>,
    kind: (Repeat, Refusal),
    options: &CallOptions,
    mut room: Vec<u8>,
) -> Result<Response> {
    let attempt = async |deadline: &mut Deadline| {
        let room = std::mem::take(&mut room);
        Ok((transport::send(request, options.max_response_bytes, deadline, room).await?, ()))
    };
    Ok(until(request, kind, options, attempt).await?.0)
}

/// Sends a request once whose body `feed` hands over while it goes out. Gives what that gave.
pub(crate) async fn put<T>(
    request: &Request<'_>,
    options: &CallOptions,
    feed: impl AsyncFnOnce(&mut Outgoing) -> Result<T>,
) -> Result<(Response, T)> {
    let once = CallOptions { attempts: Some(1), ..*options };
    let mut attempts = Attempts::of(request, Repeat::Never, &once)?;
    let (result, fed) = transport::put(request, options, feed).await?;
    match (attempts.judge(result, &refusal_of_write, &mut get_random_u64), fed) {
        (Verdict::Answer(response), Some(fed)) => Ok((response, fed)),
        (Verdict::Answer(response), None) => Err(answered_early(&response)),
        (Verdict::Repeat { error, .. } | Verdict::Failed(error), _) => Err(error),
    }
}

/// The same, until the first piece of its body has come: the head, the rest of the body, and that piece.
pub(crate) async fn begin(
    request: &Request<'_>,
    options: &CallOptions,
) -> Result<(Response, Option<(Incoming, Vec<u8>)>)> {
    until(request, (Repeat::Safe, refusal_of_read), options, async |deadline| {
        let answer = transport::open(request, deadline).await?;
        let work = async {
            if !(200..=299).contains(&answer.get_status_code()) {
                return Ok((transport::read(answer, options.max_response_bytes, Vec::new()).await?, None));
            }
            let (head, mut body) = Incoming::of(answer);
            let first = body.next(Vec::new()).await?;
            Ok((head, Some((body, first))))
        };
        deadline.within(work).await.unwrap_or(Err(Failure::DeadlineExceeded { sent: true }))
    })
    .await
}

/// Makes attempts until one has an answer with a status of 2xx, and gives what it had beside it.
async fn until<T: Default>(
    request: &Request<'_>,
    (repeat, refusal): (Repeat, Refusal),
    options: &CallOptions,
    mut attempt: impl AsyncFnMut(&mut Deadline) -> Result<(Response, T), Failure>,
) -> Result<(Response, T)> {
    let mut attempts = Attempts::of(request, repeat, options)?;
    let mut deadline = Deadline::start(options);
    loop {
        let (result, beside) = match attempt(&mut deadline).await {
            Ok((response, beside)) => (Ok(response), beside),
            Err(failure) => (Err(failure), T::default()),
        };
        match attempts.judge(result, &refusal, &mut get_random_u64) {
            Verdict::Answer(response) => return Ok((response, beside)),
            Verdict::Repeat { wait_ms, error } => {
                if !deadline.pause(wait_ms).await {
                    return Err(attempts.give_up(error));
                }
            }
            Verdict::Failed(error) => return Err(error),
        }
    }
}
