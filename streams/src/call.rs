//! A request, again where that is safe and worth it.

use salesforce_connector::core::call_options::CallOptions;
use salesforce_connector::core::error::Result;
use salesforce_connector::core::http::{Failure, Request, Response};
use salesforce_connector::core::send::{Attempts, Repeat, Verdict, refusal_of_read};

use crate::deadline::Deadline;
use crate::transport::{self, Incoming};
use crate::world::random::random::get_random_u64;

/// Sends a request that reads, until there is an answer with a status of 2xx.
pub(crate) async fn read(request: &Request<'_>, options: &CallOptions) -> Result<Response> {
    let attempt = async |deadline: &mut Deadline| {
        Ok((transport::send(request, options.max_response_bytes, deadline).await?, ()))
    };
    Ok(until(request, options, attempt).await?.0)
}

/// The same, until the first piece of its body has come: the head, the rest of the body, and that piece.
pub(crate) async fn begin(
    request: &Request<'_>,
    options: &CallOptions,
) -> Result<(Response, Option<(Incoming, Vec<u8>)>)> {
    until(request, options, async |deadline| {
        let answer = transport::open(request, deadline).await?;
        let work = async {
            if !(200..=299).contains(&answer.get_status_code()) {
                return Ok((transport::read(answer, options.max_response_bytes).await?, None));
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
    options: &CallOptions,
    mut attempt: impl AsyncFnMut(&mut Deadline) -> Result<(Response, T), Failure>,
) -> Result<(Response, T)> {
    let mut attempts = Attempts::of(request, Repeat::Safe, options)?;
    let mut deadline = Deadline::start(options);
    loop {
        let (result, beside) = match attempt(&mut deadline).await {
            Ok((response, beside)) => (Ok(response), beside),
            Err(failure) => (Err(failure), T::default()),
        };
        match attempts.judge(result, &refusal_of_read, &mut get_random_u64) {
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
