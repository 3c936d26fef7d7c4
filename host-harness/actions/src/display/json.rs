//! JSON text for people.

use std::borrow::Cow;
use std::fmt::Write;

use salesforce_runtime::text::is_obeyed;

/// The replacement character, as an escape.
const REPLACEMENT: &str = r"\ufffd";

/// The text with U+FFFD for every half of a surrogate pair that stands alone.
///
/// `"\ud800"` is JSON (RFC 8259, section 8.2), and Salesforce sends it where somebody's program cut an emoji in two, but no
/// Rust text can hold it: reading it as a value fails, and with it the whole document. Whatever reads JSON from an org to show
/// it reads this. The text must be JSON: then a backslash is an escape in a string.
#[must_use]
pub fn readable(json: &str) -> Cow<'_, str> {
    let mut whole: Option<String> = None;
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = json.get(at..).and_then(|rest| memchr::memchr(b'\\', rest.as_bytes())) {
        let start = at + found;
        let (length, is_lone) = match (unit(json, start), unit(json, start + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (12, false),
            (Some(0xd800..=0xdfff), _) => (6, true),
            (Some(_), _) => (6, false),
            // Another escape is two bytes long, both of them ASCII.
            (None, _) => (2, false),
        };
        at = start + length;
        if is_lone {
            let whole = whole.get_or_insert_default();
            whole.push_str(json.get(copied..start).unwrap_or_default());
            whole.push_str(REPLACEMENT);
            copied = at;
        }
    }
    match whole {
        None => Cow::Borrowed(json),
        Some(whole) => Cow::Owned(whole + json.get(copied..).unwrap_or_default()),
    }
}

/// The text with an escape for every character that a terminal obeys or an eye misses. The values are the same.
#[must_use]
pub fn inert(json: &str) -> Cow<'_, str> {
    // Line ends and tabs stand between tokens alone.
    let is_escaped = |character: char| is_obeyed(character) && !matches!(character, '\n' | '\r' | '\t');
    if !json.contains(is_escaped) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len());
    for character in json.chars() {
        if is_escaped(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // A String takes all that is written to it.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// The number of the escape `\uXXXX` that begins there.
fn unit(json: &str, at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_number.then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f109_half_a_pair_becomes_the_replacement_character() {
        for (json, expected) in [
            (r#""\ud800""#, r#""\ufffd""#),
            (r#""\uDC00x""#, r#""\ufffdx""#),
            (
                r#"{"\udfff":"a\ud83dé\ud83d\ude00"}"#,
                r#"{"\ufffd":"aé\ud83d\ude00"}"#.replace("aé", "a\\ufffdé").as_str(),
            ),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\\ud800 \"\ud800\\""#, r#""\\ud800 \"\ufffd\\""#),
            (r#""\ud800\n\u0041""#, r#""\ufffd\n\u0041""#),
        ] {
            assert_eq!(readable(json), expected, "{json}");
            assert!(serde_json::from_str::<serde_json::Value>(&readable(json)).is_ok(), "{json}");
        }
    }

    #[test]
    fn f109_other_text_stays_as_it_is() {
        for json in [r#"{"a":[1,2.50],"b":"\ud83d\ude00 \\ \" \u0041"}"#, "", "\\", "\\u", "\\ud80", "\"é\\"] {
            assert!(matches!(readable(json), Cow::Borrowed(same) if same == json), "{json}");
        }
    }

    #[test]
    fn a_terminal_has_nothing_to_obey_and_the_values_are_the_same() {
        let json = "{\n\t\"a\": \"\u{9b}2J \u{202e} \u{e0041} 東京\"}";
        let shown = inert(json);
        assert_eq!(shown, "{\n\t\"a\": \"\\u009b2J \\u202e \\udb40\\udc41 東京\"}");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&shown), value(json));
        assert!(matches!(inert("{\"a\":1}\n"), Cow::Borrowed(_)));
    }
}
