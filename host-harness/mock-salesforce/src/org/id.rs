//! Record Ids: 15 characters that tell case apart, or 18 with a suffix that survives losing it.
//!
//! Source: "What are Salesforce Record IDs", and Knowledge article 000385585 on the suffix.

use std::fmt;

use super::schema::record_types::MASTER_RECORD_TYPE;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
/// Between key prefix and counter stand the pod and a reserved part; this org lives on one pod.
const POD: &[u8; 7] = b"5g00000";

/// A record's Id. Both forms parse to the same value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId([u8; 18]);

impl RecordId {
    /// Reads an Id of 15 or 18 characters. The 18-character form may have lost its case: the suffix restores it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        match text.len() {
            15 => Self::from_core(text.as_bytes().try_into().ok()?),
            18 => Self::from_core(restore_case(text)?),
            _ => None,
        }
    }

    /// The Id with this number in the object that has this key prefix; none beyond 62^5.
    #[must_use]
    pub fn numbered(key_prefix: &str, number: u64) -> Option<Self> {
        let mut rest = number;
        let mut counter = [b'0'; 5];
        for digit in counter.iter_mut().rev() {
            *digit = *BASE62.get(usize::try_from(rest % 62).ok()?)?;
            rest /= 62;
        }
        let core = [key_prefix.as_bytes(), POD, &counter].concat();
        if rest > 0 { None } else { Self::from_core(core.try_into().ok()?) }
    }

    /// The record type of records that have none.
    pub(crate) fn master_record_type() -> Option<Self> {
        Self::parse(MASTER_RECORD_TYPE)
    }

    fn from_core(core: [u8; 15]) -> Option<Self> {
        let mut id = [0; 18];
        for (to, from) in id.iter_mut().zip(core) {
            *to = from;
        }
        for (to, five) in id.iter_mut().skip(15).zip(core.chunks(5)) {
            *to = *SUFFIX.get(upper_case_bits(five))?;
        }
        Some(Self(id))
    }

    /// The 18-character form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The first three characters, which tell the object.
    #[must_use]
    pub fn key_prefix(&self) -> &str {
        self.as_str().get(..3).unwrap_or_default()
    }
}

/// One bit for each upper-case letter, the first character lowest.
fn upper_case_bits(five: &[u8]) -> usize {
    five.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase()).map(|(place, _)| 1 << place).sum()
}

fn restore_case(text: &str) -> Option<[u8; 15]> {
    let (core, suffix) = text.split_at_checked(15)?;
    let mut restored: [u8; 15] = core.as_bytes().try_into().ok()?;
    for (five, letter) in restored.chunks_mut(5).zip(suffix.bytes()) {
        let bits = SUFFIX.iter().position(|known| *known == letter.to_ascii_uppercase())?;
        for (place, byte) in five.iter_mut().enumerate() {
            let upper = bits & (1 << place) != 0;
            if upper && !byte.is_ascii_alphabetic() {
                return None;
            }
            *byte = if upper { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
        }
    }
    Some(restored)
}

impl fmt::Debug for RecordId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_characters_get_the_suffix_salesforce_gives_them() {
        // From the Ids printed in the REST API Developer Guide.
        for (core, whole) in [
            ("001D000000IqhSL", "001D000000IqhSLIAZ"),
            ("001D000000INjVe", "001D000000INjVeIAL"),
            ("a00D0000008oWP8", "a00D0000008oWP8IAM"),
        ] {
            assert_eq!(RecordId::parse(core).unwrap().as_str(), whole);
            assert_eq!(RecordId::parse(whole), RecordId::parse(core));
        }
    }

    #[test]
    fn eighteen_characters_survive_the_loss_of_case() {
        let id = RecordId::parse("001D000000IqhSLIAZ");
        assert_eq!(RecordId::parse("001d000000iqhsliaz"), id);
        assert_eq!(RecordId::parse("001D000000IQHSLIAZ"), id);
    }

    #[test]
    fn refuses_what_is_no_id() {
        let wrong = ["", "001", "001D000000IqhS!", "001D000000IqhSLIA", "001D000000IqhSLIA9", "001D000000IqhSLé"];
        for text in wrong {
            assert_eq!(RecordId::parse(text), None, "{text}");
        }
        assert_eq!(RecordId::parse("0010000000000005AA"), None, "an upper-case digit");
    }

    #[test]
    fn numbers_count_in_base_62() {
        assert_eq!(RecordId::numbered("001", 0).unwrap().as_str().get(..15), Some("0015g0000000000"));
        assert_eq!(RecordId::numbered("a00", 62).unwrap().as_str().get(..15), Some("a005g0000000010"));
        assert_eq!(RecordId::numbered("a00", 61).unwrap().as_str().get(..15), Some("a005g000000000z"));
        assert_eq!(RecordId::numbered("001", 62_u64.pow(5)), None);
    }
}
