//! A record and the bytes of one of its fields in one body, as `multipart/form-data` (RFC 7578).

use crate::core::encoding::hexadecimal;
use crate::core::http::Body;

/// The two parts. `random` gives other bits each time.
pub(super) fn body(
    record: &str,
    field: &str,
    file_name: &str,
    content_type: &str,
    data: &[u8],
    random: &mut dyn FnMut() -> u64,
) -> Body {
    let boundary = boundary(&[record.as_bytes(), data], random);
    let (before, after) = around(record, field, file_name, content_type, &boundary);
    let bytes = [before.as_bytes(), data, after.as_bytes()].concat();
    Body { content_type: self::content_type(&boundary).into(), bytes }
}

/// What goes before the bytes, and behind them.
pub(super) fn around(
    record: &str,
    field: &str,
    file_name: &str,
    content_type: &str,
    boundary: &str,
) -> (String, String) {
    let before = [
        "--",
        boundary,
        "\r\nContent-Disposition: form-data; name=\"entity_content\"\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n",
        record,
        "\r\n--",
        boundary,
        "\r\nContent-Disposition: form-data; name=\"",
        field,
        "\"; filename=\"",
        &escaped(file_name),
        "\"\r\nContent-Type: ",
        content_type,
        "\r\n\r\n",
    ]
    .concat();
    (before, ["\r\n--", boundary, "--\r\n"].concat())
}

/// What `Content-Type` says of parts with this boundary.
pub(super) fn content_type(boundary: &str) -> String {
    ["multipart/form-data; boundary=", boundary].concat()
}

/// A word of 128 random bits.
pub(super) fn drawn(random: &mut dyn FnMut() -> u64) -> String {
    [hexadecimal(random()), hexadecimal(random())].concat()
}

/// A word that is in none of the texts. The count sees to an end, whatever is drawn.
fn boundary(texts: &[&[u8]], random: &mut dyn FnMut() -> u64) -> String {
    let mut count = 0_u64;
    loop {
        let boundary = [hexadecimal(random()), hexadecimal(count)].concat();
        let word = boundary.as_bytes();
        if !texts.iter().any(|text| text.windows(word.len()).any(|window| window == word)) {
            return boundary;
        }
        count += 1;
    }
}

/// As browsers write the name of a file: quotes encoded, other characters in UTF-8. It has no line ends.
/// <https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data>
fn escaped(file_name: &str) -> String {
    let mut escaped = String::with_capacity(file_name.len());
    for character in file_name.chars() {
        match character {
            '"' => escaped.push_str("%22"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_exact() {
        let body =
            body("{\"Title\":\"Ä\"}", "VersionData", "a \"b\" é.pdf", "text/plain", b"x\0\xff\r\n", &mut || 0xabc);
        let boundary = "0000000000000abc0000000000000000";
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"entity_content\"\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n\
             {{\"Title\":\"Ä\"}}\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"VersionData\"; filename=\"a %22b%22 é.pdf\"\r\n\
             Content-Type: text/plain\r\n\r\n"
        );
        let expected = [expected.as_bytes(), b"x\0\xff\r\n\r\n--", boundary.as_bytes(), b"--\r\n"].concat();
        assert_eq!(body.bytes, expected);
        assert_eq!(body.content_type, format!("multipart/form-data; boundary={boundary}"));
        assert_eq!(body.bytes.len(), body.bytes.capacity(), "in one buffer that fits");
    }

    #[test]
    fn the_boundary_is_in_no_part() {
        let first = [hexadecimal(1), hexadecimal(0)].concat();
        let second = [hexadecimal(2), hexadecimal(1)].concat();
        let drawn = |texts: &[&[u8]]| {
            let mut last = 0;
            boundary(texts, &mut || {
                last += 1;
                last
            })
        };
        assert_eq!(drawn(&[b"", b"x"]), first);
        let inside = format!("..{first}..");
        assert_eq!(drawn(&[b"", inside.as_bytes()]), second);
        assert_eq!(drawn(&[inside.as_bytes(), second.as_bytes()]), [hexadecimal(3), hexadecimal(2)].concat());
        // Even of a host whose randomness is none.
        let constant = [hexadecimal(7), hexadecimal(0)].concat();
        assert_eq!(boundary(&[constant.as_bytes()], &mut || 7), [hexadecimal(7), hexadecimal(1)].concat());
    }
}
