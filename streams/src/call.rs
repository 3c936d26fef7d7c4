//! A request, again where that is safe and worth it.

use salesforce_connector::core::call_options::CallOptions;
use salesforce_connector::core::error::Result;
use salesforce_connector::core::http::{Request, Response};
use salesforce_connector::core::send::{Attempts, Repeat, Verdict, refusal_of_read};

use crate::deadline::Deadline;
use crate::transport;
use crate::world::random::random::get_random_u64;

/// Sends a request that reads, until there is an answer with a status of 2xx. Its body goes where there is `room`.
pub(crate) async fn read(request: &Request<'_>, options: &CallOptions, mut room: Vec<u8>) -> Result<Response> {
    let mut attempts = Attempts::of(request, Repeat::Safe, options)?;
    let mut deadline = Deadline::start(options);
    loop {
        let result =
            transport::send(request, options.max_response_bytes, &mut deadline, std::mem::take(&mut room)).await;
        match attempts.judge(result, &refusal_of_read, &mut get_random_u64) {
            Verdict::Answer(response) => return Ok(response),
            Verdict::Repeat { wait_ms, error } => {
                if !deadline.pause(wait_ms).await {
                    return Err(attempts.give_up(error));
                }
            }
            Verdict::Failed(error) => return Err(error),
        }
    }
}
