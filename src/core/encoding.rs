//! Percent-encoding for the two places Salesforce reads text from: a path segment, and a form or query value.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Everything but RFC 3986's unreserved characters, and the point as well, so that `..` is never a path step.
const SEGMENT: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// What application/x-www-form-urlencoded must encode, less what RFC 3986 allows in a query and no server mistakes:
/// SOQL is full of these, and Salesforce bounds the length of a URI.
const FORM_VALUE: AsciiSet = NON_ALPHANUMERIC
    .remove(b' ')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'*')
    .remove(b'(')
    .remove(b')')
    .remove(b',')
    .remove(b':')
    .remove(b'\'')
    .remove(b'/')
    .remove(b'!');

/// Encodes one path segment, once.
pub fn path_segment(text: &str) -> String {
    utf8_percent_encode(text, &SEGMENT).collect()
}

/// `name=value&...` with spaces as `+`.
pub fn form(pairs: &[(&str, &str)]) -> String {
    let mut encoded = String::new();
    for (name, value) in pairs {
        if !encoded.is_empty() {
            encoded.push('&');
        }
        encoded.push_str(name);
        encoded.push('=');
        encoded.extend(utf8_percent_encode(value, &FORM_VALUE));
    }
    // A literal plus sign is `%2B` by now, and names have no spaces.
    encoded.replace(' ', "+")
}

/// Decodes a query string into its pairs. None where a value is not UTF-8.
pub fn parse_form(query: &str) -> Option<Vec<(String, String)>> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        Some(percent_decode_str(&spaced).decode_utf8().ok()?.into_owned())
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
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

    proptest! {
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
