//! Downloading a blob field, or a part of one.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_blob_retrieve.htm>

use super::range::{ByteRange, ContentRange, size_without_part};
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, Outcome, Result, printable};
use crate::core::http::{Request, Response, Transport};
use crate::core::name::{FieldName, ObjectName};
use crate::core::record_id::RecordId;
use crate::core::salesforce_error::on_read;
use crate::core::send::{Repeat, send_with};

/// Bytes of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The bytes.
    pub data: Vec<u8>,
    /// Where they begin in the blob.
    pub offset: u64,
    /// Bytes of the whole, if that is told.
    pub total_size: Option<u64>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

/// Reads a blob, or a part of it where the org grants parts: else the whole comes.
pub fn download(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    id: &RecordId,
    field: &FieldName,
    range: Option<ByteRange>,
    options: &CallOptions,
) -> Result<Blob> {
    let mut request = request(connection, object, id, field);
    if let Some(range) = range {
        request.extra_headers.push(("range", range.header()));
    }
    let read_error = if range.is_some() { refused_part } else { on_read };
    let mut response =
        send_with(transport, &request, Repeat::Safe, options, read_error).map_err(|error| advised(error, range))?;
    let data = std::mem::take(&mut response.body);
    let (offset, total_size) = place(&response, data.len(), range).map_err(|error| error.with_answer(&response))?;
    Ok(Blob {
        data,
        offset,
        total_size,
        content_type: response.header("content-type").map(|value| printable(value, 200)),
        usage: response.header("sforce-limit-info").and_then(ApiUsage::parse),
    })
}

/// The request for a whole blob.
pub(super) fn request<'a>(
    connection: &'a Connection,
    object: &ObjectName,
    id: &RecordId,
    field: &FieldName,
) -> Request<'a> {
    let path = ["/sobjects/", object.as_str(), "/", id.as_str(), "/", field.as_str()].concat();
    Request { accept: "*/*", ..Request::get(connection, &path) }
}

/// The error of an answer with a status of 2xx that has no blob.
pub(super) fn no_blob(status: u16) -> Box<Error> {
    Error::invalid_response(format!("expected status 200 with the blob, but {status} came"))
}

/// Where the bytes lie in the blob, and how long that is.
fn place(response: &Response, length: usize, range: Option<ByteRange>) -> Result<(u64, Option<u64>)> {
    match (response.status, range) {
        // How long the body is was checked where it was read.
        (200, _) => {
            let is_told = response.header("content-length").is_some();
            Ok((0, is_told.then_some(length as u64)))
        }
        (206, Some(range)) => {
            let told = response.header("content-range").and_then(ContentRange::parse);
            let total_size = told.and_then(|told| range.total_size(told, length));
            total_size.map(|total_size| (range.offset(), total_size)).ok_or_else(|| {
                let value = response.header("content-range").map_or("none".into(), |value| printable(value, 100));
                Error::invalid_response(format!(
                    "expected the part that was asked for, {}, but {length} bytes came with Content-Range {value}",
                    range.header()
                ))
            })
        }
        (status, _) => Err(no_blob(status)),
    }
}

/// 416: the part begins behind the end.
fn refused_part(response: &Response) -> Box<Error> {
    if response.status != 416 {
        return on_read(response);
    }
    let size = response.header("content-range").and_then(size_without_part);
    let expected = size.map_or("a byte of the blob, which is shorter".into(), |size| {
        format!("less than {size}, the blob's size in bytes")
    });
    let mut error = Error::invalid_argument("range.offset", &expected);
    error.outcome = Outcome::Rejected;
    error.with_answer(response)
}

/// Says what to do where there is more than may come.
fn advised(mut error: Box<Error>, range: Option<ByteRange>) -> Box<Error> {
    if error.kind == ErrorKind::ResponseTooLarge {
        error.message = match range {
            None => "the blob is larger than max-response-bytes or the host allows; raise the limit, or ask for a range",
            Some(_) => {
                "more came than the range that was asked for: this org grants no ranges, or the host asks for none, and the \
                 whole blob is larger than max-response-bytes or the host allows; raise the limit, or download it elsewhere"
            }
        }
        .into();
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::http::Failure;
    use crate::core::script::Script;

    fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_string(), value.as_bytes().to_vec())).collect();
        Response { status, headers, body: body.to_vec() }
    }

    fn run(script: &mut Script, range: Option<(u64, u64)>) -> Result<Blob> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        let options = CallOptions::parse(None, Some(100), None).unwrap();
        let range = range.map(|(offset, length)| ByteRange::parse(offset, length, 100)).transpose()?;
        let (object, field) = (ObjectName::parse("ContentVersion")?, FieldName::parse("VersionData")?);
        let id = RecordId::parse("id", "068D0000000IqhS")?;
        download(script, &connection, &object, &id, &field, range, &options)
    }

    #[test]
    fn the_whole_blob_comes_with_what_the_response_says_of_it() {
        let headers =
            [("Content-Type", "image/png"), ("Content-Length", "3"), ("Sforce-Limit-Info", "api-usage=18/5000")];
        let mut script = Script::new([Ok(answer(200, &headers, b"\xff\0<"))]);
        let blob = run(&mut script, None).unwrap();
        assert_eq!((blob.data.as_slice(), blob.offset, blob.total_size), (&b"\xff\0<"[..], 0, Some(3)));
        assert_eq!((blob.content_type.as_deref(), blob.usage.unwrap().used), (Some("image/png"), 18));
        assert!(
            script.requests[0].1.ends_with("/services/data/v67.0/sobjects/ContentVersion/068D0000000IqhS/VersionData")
        );
        assert!(script.headers[0].contains(&("accept", b"*/*".to_vec())));
        assert!(script.headers[0].iter().all(|(name, _)| *name != "range"));
    }

    #[test]
    fn a_response_of_unknown_length_does_not_say_that_it_is_whole() {
        let blob = run(&mut Script::new([Ok(answer(200, &[], b"abc"))]), None).unwrap();
        assert_eq!((blob.data.as_slice(), blob.total_size), (&b"abc"[..], None));
    }

    #[test]
    fn a_part_comes_where_it_is_granted_and_otherwise_the_whole() {
        let part = answer(206, &[("Content-Range", "bytes 1-2/4")], b"bc");
        let whole = answer(200, &[("Content-Length", "4")], b"abcd");
        let mut script = Script::new([Ok(part), Ok(whole)]);
        let blob = run(&mut script, Some((1, 2))).unwrap();
        assert_eq!((blob.data.as_slice(), blob.offset, blob.total_size), (&b"bc"[..], 1, Some(4)));
        let blob = run(&mut script, Some((1, 2))).unwrap();
        assert_eq!((blob.data.as_slice(), blob.offset, blob.total_size), (&b"abcd"[..], 0, Some(4)));
        assert!(script.headers[1].contains(&("range", b"bytes=1-2".to_vec())));
    }

    #[test]
    fn a_part_that_is_not_what_was_asked_for_is_refused() {
        for (status, range, headers, body) in [
            (206, Some((1, 2)), &[][..], &b"bc"[..]),
            (206, Some((1, 2)), &[("content-range", "bytes 0-1/4")], b"ab"),
            (206, Some((1, 2)), &[("content-range", "bytes 1-2/4")], b"b"),
            (206, Some((1, 2)), &[("content-type", "multipart/byteranges")], b"--"),
            (206, None, &[("content-range", "bytes 0-3/4")], b"abcd"),
            (204, None, &[], b""),
            (201, Some((1, 2)), &[], b"ab"),
        ] {
            let error = run(&mut Script::new([Ok(answer(status, headers, body))]), range).unwrap_err();
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(status)), "{headers:?}");
        }
    }

    #[test]
    fn what_lies_behind_the_end_is_a_wrong_argument() {
        let message = |headers: &[(&str, &str)]| {
            let error = run(&mut Script::new([Ok(answer(416, headers, b""))]), Some((9, 2))).unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::Rejected));
            error.message
        };
        let told = [("content-range", "bytes */4")];
        assert_eq!(message(&told), "range.offset: expected less than 4, the blob's size in bytes");
        assert_eq!(message(&[]), "range.offset: expected a byte of the blob, which is shorter");
        let error = run(&mut Script::new([Ok(answer(416, &told, b""))]), None).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Rejected);
    }

    #[test]
    fn too_much_says_what_to_do() {
        let message = |range| run(&mut Script::new([Err(Failure::ResponseTooLarge)]), range).unwrap_err().message;
        assert!(message(None).ends_with("or ask for a range"));
        assert!(message(Some((0, 1))).contains("grants no ranges"));
        let error = run(&mut Script::new([]), Some((0, 101))).unwrap_err();
        assert!(error.message.starts_with("range.length: expected 1 to 100 bytes"), "{}", error.message);
    }

    #[test]
    fn a_refusal_is_salesforces() {
        let body = br#"[{"errorCode":"NOT_FOUND","message":"m"}]"#;
        for range in [None, Some((0, 1))] {
            let error = run(&mut Script::new([Ok(answer(404, &[], body))]), range).unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::NotFound, Outcome::Rejected));
        }
        let mut script = Script::new([Err(Failure::Interrupted), Ok(answer(200, &[], b"a"))]);
        assert_eq!(run(&mut script, None).unwrap().data, b"a", "it is repeated as any read");
    }
}
