//! Record Ids: 15 case-sensitive characters, or 18 whose last three spell out the case of the first 15.

use super::error::{Error, Result};

/// A record Id of 15 or 18 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordId(String);

impl RecordId {
    /// Letters and digits; the check characters of 18 are verified, for a mistyped Id can be another record's.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let fits = match text.split_at_checked(15) {
            Some((_, "")) => plain,
            Some((body, check)) => plain && check.eq_ignore_ascii_case(&check_characters(body)),
            None => false,
        };
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(Error::invalid_argument(name, "a record Id of 15 characters, or of 18 with matching check characters"))
        }
    }

    /// The Id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the same Id, in whichever form.
    pub fn is(&self, other: &Self) -> bool {
        self.0.get(..15) == other.0.get(..15)
    }

    /// The 18-character form.
    pub fn to_18(&self) -> String {
        match self.0.split_at_checked(15) {
            Some((body, "")) => format!("{body}{}", check_characters(body)),
            _ => self.0.clone(),
        }
    }
}

/// For each group of five characters, which of them are capitals, as one of 32 characters.
fn check_characters(body: &str) -> String {
    let group = |group: &[u8]| {
        let bits = group.iter().rev().fold(0, |bits, byte| bits * 2 + u8::from(byte.is_ascii_uppercase()));
        char::from(if bits < 26 { b'A' + bits } else { b'0' + bits - 26 })
    };
    body.as_bytes().chunks(5).map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_18_character_form_is_the_one_salesforce_returns() {
        let id = RecordId::parse("id", "001D000000IqhSL").unwrap();
        assert_eq!(id.to_18(), "001D000000IqhSLIAZ");
        assert_eq!(RecordId::parse("id", "001D000000IqhSLIAZ").unwrap().to_18(), "001D000000IqhSLIAZ");
    }

    #[test]
    fn mistyped_and_hostile_ids_are_refused() {
        for text in [
            "",
            "001",
            "001D000000IqhSLIAA",
            "001d000000IqhSLIAZ",
            "001D000000IqhS/",
            "001D000000Iqh%2F",
            "001D000000Iqhé",
            "001D000000IqhSLI",
            "001D000000IqhSLIAZX",
            "001D000000Iqh\r\n",
        ] {
            assert!(RecordId::parse("id", text).is_err(), "{text:?}");
        }
    }
}
