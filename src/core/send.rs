//! When a request may be repeated. Everything the connector sends goes through [`send`]; a shell that sends in its own way asks
//! [`Attempts`].

use super::call_options::CallOptions;
use super::error::{Error, ErrorKind, Outcome, Result};
use super::http::{Failure, Method, Request, Response, Transport};
use super::salesforce_error;
use super::secret::Secret;

/// What repeating a request could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Nothing: it reads, or doing it twice is the same as once.
    Safe,
    /// Nothing, as far as this side can tell; the caller decides (`attempts`).
    Idempotent,
    /// Double something.
    Never,
}

/// Sends a request, again where that is safe and worth it, and returns an answer with a status of 2xx. Every other
/// answer, and every failure, is an error.
pub fn send(
    transport: &mut dyn Transport,
    request: &Request<'_>,
    repeat: Repeat,
    options: &CallOptions,
) -> Result<Response> {
    let read_error = if request.method == Method::Get { salesforce_error::on_read } else { salesforce_error::on_write };
    send_with(transport, request, repeat, options, read_error)
}

/// [`send`] for an endpoint whose refusals `read_error` reads.
pub(super) fn send_with(
    transport: &mut dyn Transport,
    request: &Request<'_>,
    repeat: Repeat,
    options: &CallOptions,
    read_error: fn(&Response) -> Box<Error>,
) -> Result<Response> {
    let refusal = |response: &Response| (!is_success(response)).then(|| read_error(response));
    send_until(transport, request, repeat, options, &refusal).map(|(response, _)| response)
}

/// [`send`] until there is an answer that `refusal` reads no error from. Beside it: whether an earlier request of the call
/// may have arrived, so that a refusal inside of the answer proves nothing.
pub(super) fn send_until(
    transport: &mut dyn Transport,
    request: &Request<'_>,
    repeat: Repeat,
    options: &CallOptions,
    refusal: &dyn Fn(&Response) -> Option<Box<Error>>,
) -> Result<(Response, bool)> {
    let mut attempts = Attempts::of(request, repeat, options)?;
    loop {
        let result = transport.send(request, options.max_response_bytes);
        match attempts.judge(result, refusal, &mut || transport.random()) {
            Verdict::Answer(response) => return Ok((response, attempts.may_have_arrived)),
            Verdict::Repeat { wait_ms, .. } if transport.pause(wait_ms) => {}
            Verdict::Repeat { error, .. } => return Err(attempts.give_up(error)),
            Verdict::Failed(error) => return Err(error),
        }
    }
}

/// The attempts to send one request: what follows from each. It sends nothing itself, so that a shell may send in its own way.
pub struct Attempts<'a> {
    secrets: &'a [&'a Secret],
    repeat: Repeat,
    /// What the caller says.
    allowed: Option<u8>,
    attempt: u8,
    may_have_arrived: bool,
}

/// What follows from an attempt.
pub enum Verdict {
    /// It has a status of 2xx and a plain body.
    Answer(Response),
    /// Wait so many milliseconds and send it again; if there is not as much time, the error goes to [`Attempts::give_up`].
    Repeat {
        /// Milliseconds.
        wait_ms: u64,
        /// What went wrong.
        error: Box<Error>,
    },
    /// It is not to be sent again: the error, as the caller is told.
    Failed(Box<Error>),
}

impl<'a> Attempts<'a> {
    /// Of a request that Salesforce would not turn away for its size.
    pub fn of(request: &'a Request<'_>, repeat: Repeat, options: &CallOptions) -> Result<Self> {
        request.check_size()?;
        Ok(Self { secrets: &request.secrets, repeat, allowed: options.attempts, attempt: 1, may_have_arrived: false })
    }

    /// Judges what came of an attempt. `refusal` reads the error of an answer that is one; `random` spreads repeated requests in
    /// time.
    pub fn judge(
        &mut self,
        result: Result<Response, Failure>,
        refusal: &dyn Fn(&Response) -> Option<Box<Error>>,
        random: &mut dyn FnMut() -> u64,
    ) -> Verdict {
        let mut error = match result {
            Ok(response) => match (refusal(&response), response.header("content-encoding")) {
                (Some(error), _) => error,
                (None, None | Some("identity")) => return Verdict::Answer(response),
                (None, Some(_)) => {
                    Error::invalid_response("expected a plain body, but it is compressed, which was not asked for")
                        .with_answer(&response)
                }
            },
            Err(failure) => failure.into(),
        };
        error.redact(self.secrets);

        let may_repeat = self.attempt < self.allowed.unwrap_or(CallOptions::DEFAULT_ATTEMPTS)
            && is_worth_repeating(&error)
            && match (error.outcome, self.repeat) {
                (Outcome::NotSent, _) | (_, Repeat::Safe) => true,
                (Outcome::Unknown, Repeat::Idempotent) => self.allowed.is_some() && !self.may_have_arrived,
                (Outcome::Rejected, Repeat::Idempotent) | (_, Repeat::Never) => false,
            };
        self.may_have_arrived |= error.outcome == Outcome::Unknown;
        if !may_repeat {
            return Verdict::Failed(self.give_up(error));
        }
        let wait_ms = error.retry_after_ms.unwrap_or_else(|| backoff(self.attempt, random()));
        self.attempt += 1;
        Verdict::Repeat { wait_ms, error }
    }

    /// The error of the last attempt, as the caller is told: no attempt before it is forgotten.
    pub fn give_up(&self, mut error: Box<Error>) -> Box<Error> {
        if self.may_have_arrived && self.repeat != Repeat::Safe {
            error.outcome = Outcome::Unknown;
        }
        error.retryable &= error.outcome != Outcome::Unknown || self.repeat != Repeat::Never;
        error
    }
}

/// The error of an answer to a read that refuses it.
pub fn refusal_of_read(response: &Response) -> Option<Box<Error>> {
    (!is_success(response)).then(|| salesforce_error::on_read(response))
}

/// The same of an answer to a write.
pub fn refusal_of_write(response: &Response) -> Option<Box<Error>> {
    (!is_success(response)).then(|| salesforce_error::on_write(response))
}

/// The error of an answer to a request whose body was not all handed over by then.
pub fn answered_early(response: &Response) -> Box<Error> {
    Error::invalid_response("the answer came before all data were sent").with_answer(response)
}

fn is_success(response: &Response) -> bool {
    (200..=299).contains(&response.status)
}

/// Whether the same request can fare better within the same call. A used-up API allowance (403) cannot.
fn is_worth_repeating(error: &Error) -> bool {
    match error.kind {
        ErrorKind::Unreachable | ErrorKind::Interrupted | ErrorKind::Timeout | ErrorKind::Unavailable => true,
        ErrorKind::RateLimited => error.status == Some(429),
        _ => false,
    }
}

/// Milliseconds before the next attempt: doubling from 200 up to 5,000, between half and the whole of it.
fn backoff(attempt: u8, random: u64) -> u64 {
    let whole = (100_u64 << attempt.min(10)).min(5_000);
    whole / 2 + random % (whole / 2 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::connection::Connection;
    use crate::core::script::{Script, answer};

    const UNKNOWN: Failure = Failure::Interrupted;

    fn run(script: &mut Script, repeat: Repeat, attempts: Option<u8>) -> Result<Response> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        let request = Request::write(&connection, Method::Post, "/sobjects/Account", "{}");
        send(script, &request, repeat, &CallOptions::parse(None, None, attempts).unwrap())
    }

    #[test]
    fn a_create_is_sent_once_unless_it_provably_never_left() {
        let mut script = Script::new([Err(UNKNOWN), Ok(answer(201, "{}"))]);
        let error = run(&mut script, Repeat::Never, Some(10)).err().unwrap();
        assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 1));

        let mut script = Script::new([Err(Failure::Unreachable), Err(Failure::Unreachable), Ok(answer(201, "{}"))]);
        assert_eq!(run(&mut script, Repeat::Never, None).unwrap().status, 201);
        assert_eq!(script.sent(), 3);
    }

    #[test]
    fn a_read_is_repeated_up_to_its_attempts() {
        let mut script = Script::new([Err(UNKNOWN), Ok(answer(503, "")), Ok(answer(200, "{}"))]);
        assert!(run(&mut script, Repeat::Safe, None).is_ok());
        let mut script = Script::new([Err(UNKNOWN), Err(UNKNOWN), Ok(answer(200, "{}"))]);
        assert!(run(&mut script, Repeat::Safe, Some(2)).is_err());
        assert_eq!(script.sent(), 2);
    }

    #[test]
    fn an_update_with_unknown_outcome_is_repeated_once_and_only_if_the_caller_allows_it() {
        for (attempts, sent) in [(None, 1), (Some(1), 1), (Some(2), 2), (Some(10), 2)] {
            let mut script = Script::new([Err(UNKNOWN), Err(UNKNOWN), Err(UNKNOWN), Ok(answer(204, ""))]);
            let error = run(&mut script, Repeat::Idempotent, attempts).err().unwrap();
            assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, true, sent), "{attempts:?}");
        }
    }

    #[test]
    fn an_unknown_attempt_is_never_softened_by_a_later_one() {
        let refused = r#"[{"errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","message":"no"}]"#;
        let mut script = Script::new([Err(UNKNOWN), Ok(answer(400, refused))]);
        let error = run(&mut script, Repeat::Idempotent, Some(2)).err().unwrap();
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidRecord, Outcome::Unknown));
        let mut script = Script::new([Err(UNKNOWN), Err(Failure::Unreachable), Err(Failure::Unreachable)]);
        assert_eq!(run(&mut script, Repeat::Idempotent, Some(3)).err().unwrap().outcome, Outcome::Unknown);
    }

    #[test]
    fn a_refused_write_is_left_to_the_caller() {
        for status in [429, 503] {
            let mut script = Script::new([Ok(answer(status, "")), Ok(answer(201, "{}"))]);
            assert!(run(&mut script, Repeat::Never, None).is_err());
            assert_eq!(script.sent(), 1, "{status}");
        }
    }

    #[test]
    fn a_used_up_allowance_is_not_tried_again() {
        let mut script = Script::new([Ok(answer(403, r#"[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"m"}]"#))]);
        let error = run(&mut script, Repeat::Safe, None).err().unwrap();
        assert_eq!((error.kind, error.retryable, script.sent()), (ErrorKind::RateLimited, true, 1));
    }

    #[test]
    fn a_wish_to_wait_is_followed_if_the_deadline_allows() {
        let mut busy = answer(429, "");
        busy.headers.push(("Retry-After".into(), b"7".to_vec()));
        let mut script = Script::new([Ok(busy), Ok(answer(200, "{}"))]);
        assert!(run(&mut script, Repeat::Safe, None).is_ok());
        assert_eq!(script.pauses, [7000]);

        let mut busy = answer(503, "");
        busy.headers.push(("Retry-After".into(), b"864000".to_vec()));
        let mut script = Script::new([Ok(busy), Ok(answer(200, "{}"))]);
        let error = run(&mut script, Repeat::Safe, None).err().unwrap();
        assert_eq!((error.retry_after_ms, script.sent()), (Some(3_600_000), 1));
    }

    #[test]
    fn waits_double_and_spread() {
        assert_eq!(
            [backoff(1, 0), backoff(1, 100), backoff(2, 0), backoff(2, 200), backoff(9, 2500)],
            [100, 200, 200, 400, 5000]
        );
    }

    #[test]
    fn a_compressed_body_is_refused() {
        let mut zipped = answer(200, "{}");
        zipped.headers.push(("Content-Encoding".into(), b"gzip".to_vec()));
        let error = run(&mut Script::new([Ok(zipped)]), Repeat::Safe, None).err().unwrap();
        assert_eq!(error.kind, ErrorKind::InvalidResponse);
    }
}
