//! A whole blob on its way, for a shell that passes it on while it comes: what to ask for, and whether it is whole. Sends nothing.

use super::download;
use crate::core::api_usage::ApiUsage;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result, printable};
use crate::core::http::{Failure, Request, Response};
use crate::core::name::{FieldName, ObjectName};
use crate::core::record_id::RecordId;

/// What has come of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    count: u64,
    /// What the response said that it has.
    told: Option<u64>,
    content_type: Option<String>,
    usage: Option<ApiUsage>,
}

/// What is known of a blob once all of it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// How many bytes came.
    pub count: u64,
    /// How many the response said that the blob has.
    pub total_size: Option<u64>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

impl Arrival {
    /// The request for a blob, which may be repeated as long as nothing of it was passed on.
    pub fn request<'a>(
        connection: &'a Connection,
        object: &ObjectName,
        id: &RecordId,
        field: &FieldName,
    ) -> Request<'a> {
        download::request(connection, object, id, field)
    }

    /// From the head of the answer to it.
    pub fn begin(head: &Response) -> Result<Self> {
        if head.status != 200 {
            return Err(download::no_blob(head.status).with_answer(head));
        }
        Ok(Self {
            count: 0,
            told: head.header("content-length").and_then(|length| length.parse().ok()),
            content_type: head.header("content-type").map(|value| printable(value, 200)),
            usage: ApiUsage::of(head),
        })
    }

    /// So many bytes more have come. More than were told are an error.
    pub fn take(&mut self, bytes: usize) -> Result<()> {
        self.count += bytes as u64;
        if self.told.is_some_and(|told| self.count > told) { Err(self.broken(Failure::Interrupted)) } else { Ok(()) }
    }

    /// No more comes: what is known, if that was all.
    pub fn finish(self) -> Result<Downloaded> {
        if self.told.is_some_and(|told| self.count != told) {
            return Err(self.broken(Failure::Interrupted));
        }
        Ok(Downloaded { count: self.count, total_size: self.told, content_type: self.content_type, usage: self.usage })
    }

    /// The error of a blob that did not come to its end.
    pub fn broken(&self, failure: Failure) -> Box<Error> {
        let mut error = Box::<Error>::from(failure);
        let count = self.count.to_string();
        let of = self.told.map_or(String::new(), |told| [" of ", &told.to_string()].concat());
        error.message =
            ["the blob did not come to its end: ", &count, of.as_str(), " bytes came; ", reason(failure)].concat();
        error
    }
}

/// What stopped it, and what to do.
fn reason(failure: Failure) -> &'static str {
    match failure {
        Failure::HostTimeout => "no more came in the host's time; download it again",
        Failure::DeadlineExceeded { .. } => "no more came in deadline-ms; download it again",
        Failure::ResponseTooLarge => "the host allows no more bytes of one response",
        _ => "the connection broke; download it again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};

    fn head(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_string(), value.as_bytes().to_vec())).collect();
        Response { status, headers, body: Vec::new() }
    }

    #[test]
    fn a_blob_is_whole_when_as_many_bytes_came_as_were_told() {
        let told = [("Content-Length", "5"), ("Content-Type", "image/png"), ("Sforce-Limit-Info", "api-usage=1/9")];
        let mut arrival = Arrival::begin(&head(200, &told)).unwrap();
        arrival.take(2).unwrap();
        arrival.take(3).unwrap();
        let whole = arrival.clone().finish().unwrap();
        assert_eq!((whole.count, whole.total_size, whole.content_type.as_deref()), (5, Some(5), Some("image/png")));
        assert_eq!(whole.usage.unwrap().used, 1);
        assert_eq!(arrival.take(1).unwrap_err().kind, ErrorKind::Interrupted);
    }

    #[test]
    fn a_blob_that_is_short_is_an_error_that_says_how_short() {
        let mut arrival = Arrival::begin(&head(200, &[("content-length", "5")])).unwrap();
        arrival.take(4).unwrap();
        let error = arrival.finish().unwrap_err();
        assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::Interrupted, Outcome::Unknown, true));
        assert!(error.message.contains("4 of 5 bytes came"), "{}", error.message);
    }

    #[test]
    fn without_a_length_the_end_of_the_body_is_all_there_is() {
        let mut arrival = Arrival::begin(&head(200, &[])).unwrap();
        arrival.take(4).unwrap();
        assert!(arrival.broken(Failure::HostTimeout).message.contains("4 bytes came; no more came in the host's time"));
        let whole = arrival.finish().unwrap();
        assert_eq!((whole.count, whole.total_size, whole.content_type), (4, None, None));
    }

    #[test]
    fn an_answer_that_is_no_blob_is_refused() {
        for status in [201, 204, 206] {
            let error = Arrival::begin(&head(status, &[])).unwrap_err();
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(status)));
        }
    }
}
