//! Unguessable text for tokens, codes and Ids of requests. Not for anything that must repeat from run to run.

use ring::rand::{SecureRandom, SystemRandom};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// This many random letters and digits: about 5.9 bits each.
pub(crate) fn base62(length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0_u8; 64];
        fill(&mut bytes);
        // 248 is the largest multiple of 62 in a byte: beyond it the first letters would be likelier than the rest.
        let letters = bytes.iter().filter(|byte| **byte < 248).filter_map(|byte| BASE62.get(usize::from(*byte) % 62));
        text.extend(letters.take(length - text.len()).copied().map(char::from));
    }
    text
}

/// 128 random bits as 32 hexadecimal digits.
pub(crate) fn hex128() -> String {
    let mut bytes = [0_u8; 16];
    fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A random UUID (RFC 9562, version 4).
pub(crate) fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    fill(&mut bytes);
    let bits = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0b11 << 62) | 4 << 76 | 0b10 << 62;
    let digits = format!("{bits:032x}");
    let mut rest = digits.as_str();
    let parts = [8, 4, 4, 4, 12].map(|length| {
        let (part, after) = rest.split_at(length);
        rest = after;
        part
    });
    parts.join("-")
}

#[expect(clippy::expect_used, reason = "without an operating system's randomness no token can be made at all")]
fn fill(bytes: &mut [u8]) {
    SystemRandom::new().fill(bytes).expect("the operating system gives random bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base62_has_the_length_asked_for_and_differs_each_time() {
        let first = base62(100);
        assert_eq!(first.len(), 100);
        assert!(first.bytes().all(|byte| BASE62.contains(&byte)));
        assert_ne!(first, base62(100));
    }

    #[test]
    fn a_uuid_tells_its_version_and_variant() {
        let uuid = uuid();
        let parts: Vec<_> = uuid.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{uuid}");
        assert!(uuid[14..].starts_with('4') && uuid[19..].starts_with(['8', '9', 'a', 'b']), "{uuid}");
    }
}
