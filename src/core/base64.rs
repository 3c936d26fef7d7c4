//! Base64 (RFC 4648): a dozen lines here, two kilobytes of the component as a library.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The standard alphabet, padded (section 4).
pub fn standard(bytes: &[u8]) -> String {
    let mut text = encode(bytes, |character| character);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// The alphabet for URLs, not padded (section 5).
pub fn url(bytes: &[u8]) -> String {
    encode(bytes, |character| match character {
        '+' => '-',
        '/' => '_',
        same => same,
    })
}

fn encode(bytes: &[u8], alphabet: fn(char) -> char) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..=chunk.len() {
            let character = STANDARD.get(bits >> (18 - 6 * position) & 63).copied().unwrap_or_default();
            text.push(alphabet(char::from(character)));
        }
    }
    text
}

/// The six bits of a character of the standard alphabet.
pub fn value(character: u8) -> Option<u8> {
    Some(match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_has_the_value_of_its_place_and_others_have_none() {
        for character in 0..=u8::MAX {
            let place = STANDARD.iter().position(|known| *known == character);
            assert_eq!(value(character).map(usize::from), place, "{character}");
        }
    }

    /// RFC 4648 section 10.
    #[test]
    fn the_vectors_of_the_standard() {
        let vectors = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (length, expected) in vectors.iter().enumerate() {
            assert_eq!(standard(&b"foobar"[..length]), *expected);
            assert_eq!(url(&b"foobar"[..length]), expected.trim_end_matches('='));
        }
        assert_eq!((standard(&[0xfb, 0xff]), url(&[0xfb, 0xff])), ("+/8=".into(), "-_8".into()));
    }
}
