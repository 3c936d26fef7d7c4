//! Bodies of several parts: `multipart/form-data`.
//!
//! Source: RFC 7578, RFC 2046 section 5.1.

use axum::http::HeaderMap;
use axum::http::header;

use crate::ApiError;

/// The most parts of a body.
const PARTS: usize = 10;

/// One part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    /// The `name` of its `Content-Disposition`.
    pub(crate) name: &'a str,
    /// Whether it has a `filename`: it is a file's bytes, not a value.
    pub(crate) is_file: bool,
    /// Its `Content-Type`; empty without one.
    pub(crate) content_type: &'a str,
    pub(crate) body: &'a [u8],
}

/// The boundary, if the request has parts.
pub(crate) fn boundary(headers: &HeaderMap) -> Option<&str> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut parameters = parameters.split(';').filter_map(|parameter| parameter.trim().split_once('='));
    let (_, boundary) = parameters.find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    Some(boundary.trim_matches('"')).filter(|boundary| !boundary.is_empty() && boundary.len() <= 70)
}

/// Takes a body apart.
///
/// # Errors
/// 400 `INVALID_MULTIPART_REQUEST` for what has no such form.
pub(crate) fn parts<'a>(boundary: &str, body: &'a [u8]) -> Result<Vec<Part<'a>>, ApiError> {
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter needs no line end before it.
    let first = body.strip_prefix(delimiter.trim_start().as_bytes()).filter(|after| ends_delimiter(after));
    let mut rest = match first {
        Some(rest) => rest,
        None => part_before(body, delimiter.as_bytes()).ok_or_else(|| refused("no boundary"))?.1,
    };
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        if parts.len() == PARTS {
            return Err(refused(&format!("more than {PARTS} parts")));
        }
        let (part, after) = part_before(rest, delimiter.as_bytes()).ok_or_else(|| refused("a part does not end"))?;
        parts.push(parse(part)?);
        rest = after;
    }
    Ok(parts)
}

fn parse(part: &[u8]) -> Result<Part<'_>, ApiError> {
    let (head, body) = split(part, b"\r\n\r\n").ok_or_else(|| refused("a part without headers"))?;
    let head = std::str::from_utf8(head).map_err(|_| refused("headers that are not text"))?;
    let value = |wanted: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let disposition = value("content-disposition").ok_or_else(|| refused("a part without Content-Disposition"))?;
    let parameter = |wanted: &str| {
        let mut parameters = disposition.split(';').filter_map(|parameter| parameter.trim().split_once('='));
        parameters.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim_matches('"'))
    };
    let name = parameter("name").ok_or_else(|| refused("a part without a name"))?;
    let is_file = parameter("filename").is_some();
    Ok(Part { name, is_file, content_type: value("content-type").unwrap_or_default(), body })
}

/// What stands before and after the next delimiter. The content may have what only begins like one.
fn part_before<'a>(bytes: &'a [u8], delimiter: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let mut from = 0;
    loop {
        let (before, after) = split(bytes.get(from..)?, delimiter)?;
        let end = from + before.len();
        if ends_delimiter(after) {
            return Some((bytes.get(..end)?, after));
        }
        from = end + delimiter.len();
    }
}

/// Whether a boundary ends here: before the end of its line, or before the `--` of the last one.
fn ends_delimiter(after: &[u8]) -> bool {
    let padding = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    after.starts_with(b"--") || after.get(padding..).is_some_and(|line_end| line_end.starts_with(b"\r\n"))
}

/// What stands before and after the first of these bytes.
fn split<'a>(bytes: &'a [u8], by: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let first = by.first()?;
    let mut from = 0;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|byte| byte == first)?;
        if let Some(after) = bytes.get(at..)?.strip_prefix(by) {
            return Some((bytes.get(..at)?, after));
        }
        from = at + 1;
    }
}

fn refused(what: &str) -> ApiError {
    ApiError::bad_request("INVALID_MULTIPART_REQUEST", format!("the multipart body has {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_keep_their_bytes() {
        let body = b"preamble\r\n--b\r\nContent-Disposition: form-data; name=\"job\"\r\nContent-Type: application/json\r\n\r\n{}\r\n\
                     --b\r\ncontent-disposition: form-data; name=content; filename=\"x\"\r\n\r\na\r\n\xff\r\n\r\n--b--\r\n";
        let parts = parts("b", body).unwrap();
        assert_eq!(parts[0], Part { name: "job", is_file: false, content_type: "application/json", body: b"{}" });
        assert_eq!(parts[1], Part { name: "content", is_file: true, content_type: "", body: b"a\r\n\xff\r\n" });
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn only_a_whole_boundary_ends_a_part() {
        let content = b"x--b\r\n--bc\r\n--b \tx\r\r\n-\0\r\n";
        let body = [&b"--b \t\r\nContent-Disposition: form-data; name=f\r\n\r\n"[..], content, b"\r\n--b--"].concat();
        assert_eq!(parts("b", &body).unwrap()[0].body, content);
    }

    #[test]
    fn broken_bodies_are_refused() {
        for body in
            [&b""[..], b"--b\r\n", b"--b\r\nx\r\n--b--", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"]
        {
            assert_eq!(parts("b", body).unwrap_err().code, "INVALID_MULTIPART_REQUEST");
        }
    }

    #[test]
    fn the_boundary_may_be_quoted() {
        let boundary = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
            boundary(&headers).map(str::to_owned)
        };
        assert_eq!(boundary("multipart/form-data; charset=x; boundary=\"a b\"").as_deref(), Some("a b"));
        assert_eq!(boundary("Multipart/Form-Data; Boundary=ab").as_deref(), Some("ab"));
        assert_eq!(boundary("application/json"), None);
    }
}
