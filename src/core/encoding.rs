//! Percent-encoding (RFC 3986 section 2.1) for the two places Salesforce reads text from: a path segment, and a form or
//! query value. Written here: as a library it takes two kilobytes of the component.

const HEXADECIMAL: &[u8; 16] = b"0123456789ABCDEF";

/// Encodes one path segment, once: everything but RFC 3986's unreserved characters, and the point as well, so that `..`
/// is never a path step.
pub fn path_segment(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        push(byte, b"-_~", &mut encoded);
    }
    encoded
}

/// Encodes one step of a path, once. Servers that show a class the path as it came need it as plain as RFC 3986 allows; a step
/// that is only points is not for this.
pub fn step(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        push(byte, b"-._~:@,", &mut encoded);
    }
    encoded
}

/// `name=value&...` with spaces as `+`. Of what application/x-www-form-urlencoded would encode, it leaves alone what RFC
/// 3986 allows in a query and no server mistakes: SOQL is full of these, and Salesforce bounds the length of a URI.
pub fn form(pairs: &[(&str, &str)]) -> String {
    let mut encoded = String::new();
    for (name, value) in pairs {
        if !encoded.is_empty() {
            encoded.push('&');
        }
        encoded.push_str(name);
        encoded.push('=');
        for byte in value.bytes() {
            match byte {
                b' ' => encoded.push('+'),
                _ => push(byte, b"-_.~*(),:'/!", &mut encoded),
            }
        }
    }
    encoded
}

/// Appends a byte: itself if it is a letter, a digit or one of `plain`, and `%XX` otherwise.
fn push(byte: u8, plain: &[u8], encoded: &mut String) {
    let digit = |value: u8| char::from(HEXADECIMAL.get(usize::from(value)).copied().unwrap_or_default());
    if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
        encoded.push(char::from(byte));
    } else {
        encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
    }
}

/// Decodes a query string into its pairs. None where a value is not UTF-8.
pub fn parse_form(query: &str) -> Option<Vec<(String, String)>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

/// A percent sign without two digits after it stands for itself (URL Standard, percent-decode).
fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, following)) = rest.split_first() {
        rest = following;
        decoded.push(match (byte, following) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                rest = after;
                value(*high) << 4 | value(*low)
            }
            _ => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

/// The value of a hexadecimal digit.
fn value(digit: u8) -> u8 {
    (digit & 15) + if digit.is_ascii_digit() { 0 } else { 9 }
}

/// All 16 digits.
pub(super) fn hexadecimal(bits: u64) -> String {
    let digit = |at: u32| char::from_digit((bits >> (60 - 4 * at)) as u32 & 15, 16).unwrap_or('0');
    (0..16).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
    use proptest::prelude::*;

    #[test]
    fn a_segment_is_encoded_exactly_once_and_is_never_a_step() {
        assert_eq!(path_segment("A/B?c%20+ü"), "A%2FB%3Fc%2520%2B%C3%BC");
        assert_eq!(path_segment(".."), "%2E%2E");
    }

    #[test]
    fn a_plus_in_a_datetime_survives() {
        assert_eq!(form(&[("q", "a >= 2026-01-01T00:00:00+01:00 b")]), "q=a+%3E%3D+2026-01-01T00:00:00%2B01:00+b");
    }

    #[test]
    fn a_value_that_is_not_utf8_is_refused() {
        assert_eq!(parse_form("code=%ff"), None);
    }

    #[test]
    fn a_percent_sign_without_digits_stands_for_itself() {
        let pairs = parse_form("%=%4&a%zz=100%&%41%c3%BC=%").unwrap();
        let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
        assert_eq!(pairs, [pair("%", "%4"), pair("a%zz", "100%"), pair("Aü", "%")]);
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_is_decoded_as_the_standard_says(text in "[%+a0=&zF\\x00-\\xff]{0,20}", bytes in any::<Vec<u8>>()) {
            let expected = percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(Into::into);
            prop_assert_eq!(decode(&text), expected);
            let encoded = percent_encode(&bytes, NON_ALPHANUMERIC).to_string();
            prop_assert_eq!(decode(&encoded), String::from_utf8(bytes).ok());
        }

        #[test]
        fn a_form_value_comes_back_as_it_was(value in ".{0,80}", other in ".{0,20}") {
            let decoded = parse_form(&form(&[("a", &value), ("b", &other)])).unwrap();
            prop_assert_eq!(decoded, vec![("a".to_string(), value), ("b".to_string(), other)]);
        }

        #[test]
        fn a_segment_comes_back_as_it_was_and_holds_no_delimiter(value in ".{0,80}") {
            let encoded = path_segment(&value);
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_~%".contains(&byte)));
            prop_assert_eq!(percent_decode_str(&encoded).decode_utf8().unwrap(), value);
        }
    }
}
