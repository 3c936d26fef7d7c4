//! A request and all of its answer, on the way of all requests.

use bytes::Bytes;
use http::{Request, response};
use http_body_util::{BodyExt, Full};
use tokio::time::{Instant, timeout_at};
use wasmtime_wasi_http::{Error, RequestOptions};

use super::request::ExecutionEgress;

/// Bytes to set aside for a body that says it is as long: a claim alone must not use up memory.
const MOST_RESERVED: u64 = 8 << 20;

/// Why there is no whole answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The deadline passed. Whether anything may have left before.
    Late(bool),
    /// Before the head of an answer came.
    Unanswered(Error),
    /// After it.
    BrokenOff(Error),
}

impl ExecutionEgress {
    /// The longest body of a request.
    pub(crate) fn most_body_bytes(&self) -> u64 {
        self.egress.limits.request_body_bytes
    }

    /// Sends a request and reads its answer to the end: at most `most` bytes of a body, and until the deadline.
    pub(crate) async fn exchange(
        &self,
        request: Request<Bytes>,
        options: RequestOptions,
        most: u64,
        deadline: Instant,
    ) -> Result<(response::Parts, Vec<u8>), NoAnswer> {
        let left_before = self.journal.lock().left();
        let request = request.map(|body| Full::new(body).map_err(|never| match never {}).boxed_unsync());
        let sending = self.sending(request, options);
        let exchanged = async {
            let (head, mut body) = sending.await.map_err(NoAnswer::Unanswered)?.into_parts();
            let declared = http_body::Body::size_hint(&body).exact().unwrap_or_default();
            let mut whole = Vec::with_capacity(declared.min(most).min(MOST_RESERVED) as usize);
            while let Some(frame) = body.frame().await {
                let Ok(data) = frame.map_err(NoAnswer::BrokenOff)?.into_data() else { continue };
                let length = whole.len() as u64 + data.len() as u64;
                if length > most {
                    return Err(NoAnswer::BrokenOff(Error::HttpResponseBodySize(Some(length))));
                }
                whole.extend_from_slice(&data);
            }
            Ok((head, whole))
        };
        match timeout_at(deadline, exchanged).await {
            Ok(exchanged) => exchanged,
            Err(_elapsed) => Err(NoAnswer::Late(self.journal.lock().left() > left_before)),
        }
    }
}
