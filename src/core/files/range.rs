//! A part of a blob, as it is asked for and as it is told (RFC 9110 section 14).

use crate::core::error::{Error, Result};
use crate::core::text::split_once;

/// A part of a blob: at least one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    first: u64,
    last: u64,
}

/// What a part says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ContentRange {
    first: u64,
    last: u64,
    total: Option<u64>,
}

impl ByteRange {
    /// `length` is at least 1, and at most `most`, the bytes that one response may have.
    pub fn parse(offset: u64, length: u64, most: u64) -> Result<Self> {
        if !(1..=most).contains(&length) {
            let expected = format!("1 to {most} bytes, as max-response-bytes says");
            return Err(Error::invalid_argument("range.length", &expected));
        }
        Ok(Self { first: offset, last: offset.saturating_add(length - 1) })
    }

    /// Value of `Range`.
    pub(super) fn header(self) -> String {
        format!("bytes={}-{}", self.first, self.last)
    }

    /// Where it begins.
    pub(super) fn offset(self) -> u64 {
        self.first
    }

    /// The size of the whole, none where it is not told, if `length` bytes that come with `told` are what was asked for: all of
    /// it, or what there is until the end.
    pub(super) fn total_size(self, told: ContentRange, length: usize) -> Option<Option<u64>> {
        let is_whole = told.last == self.last || told.total == Some(told.last + 1);
        let fits = told.first == self.first
            && told.last <= self.last
            && told.last - told.first + 1 == length as u64
            && is_whole;
        fits.then_some(told.total)
    }
}

impl ContentRange {
    /// Reads a value of `Content-Range`, such as `bytes 0-99/1234` or `bytes 0-99/*`.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let (range, total) = split_once(value.strip_prefix("bytes ")?, "/")?;
        let (first, last) = split_once(range, "-")?;
        let total = if total == "*" { None } else { Some(number(total)?) };
        let range = Self { first: number(first)?, last: number(last)?, total };
        let fits = range.first <= range.last && total.is_none_or(|total| range.last < total);
        fits.then_some(range)
    }
}

/// The size of a blob that has no such part, from a value of `Content-Range` such as `bytes */1234`.
pub(super) fn size_without_part(value: &str) -> Option<u64> {
    number(value.strip_prefix("bytes */")?)
}

/// Fewer digits than would overflow.
fn number(text: &str) -> Option<u64> {
    let is_number = text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_at_least_one_byte_and_no_more_than_may_come() {
        assert_eq!(ByteRange::parse(0, 100, 100).unwrap().header(), "bytes=0-99");
        assert_eq!(ByteRange::parse(7, 1, 100).unwrap().header(), "bytes=7-7");
        assert_eq!(ByteRange::parse(u64::MAX, 9, 100).unwrap().last, u64::MAX);
        for length in [0, 101] {
            let error = ByteRange::parse(0, length, 100).unwrap_err();
            assert_eq!(error.message, "range.length: expected 1 to 100 bytes, as max-response-bytes says");
        }
    }

    #[test]
    fn what_a_part_says_of_itself_is_read_to_the_letter() {
        let told = |first, last, total| Some(ContentRange { first, last, total });
        assert_eq!(ContentRange::parse("bytes 0-99/1234"), told(0, 99, Some(1234)));
        assert_eq!(ContentRange::parse("bytes 5-5/*"), told(5, 5, None));
        for odd in [
            "",
            "bytes",
            "bytes */10",
            "bytes 0-9",
            "bytes 9-0/10",
            "bytes 0-10/10",
            "bytes +0-9/10",
            "bytes 0-9/",
            "bytes -9/10",
            "lines 0-9/10",
            "bytes=0-9/10",
            "bytes 0-9/1234567890123456789",
            "bytes 0-9/10/11",
        ] {
            assert_eq!(ContentRange::parse(odd), None, "{odd}");
        }
        assert_eq!(size_without_part("bytes */10"), Some(10));
        assert_eq!(size_without_part("bytes */*"), None);
    }

    #[test]
    fn a_part_is_what_was_asked_for_or_ends_the_blob() {
        let asked = ByteRange::parse(10, 10, 100).unwrap();
        let fits = |told: &str, length| asked.total_size(ContentRange::parse(told).unwrap(), length);
        assert_eq!(fits("bytes 10-19/100", 10), Some(Some(100)));
        assert_eq!(fits("bytes 10-19/*", 10), Some(None));
        assert_eq!(fits("bytes 10-14/15", 5), Some(Some(15)));
        for (told, length) in [
            ("bytes 10-19/100", 9),
            ("bytes 10-19/100", 11),
            ("bytes 0-9/100", 10),
            ("bytes 10-20/100", 11),
            ("bytes 10-14/100", 5),
            ("bytes 10-14/*", 5),
        ] {
            assert_eq!(fits(told, length), None, "{told} with {length} bytes");
        }
    }
}
