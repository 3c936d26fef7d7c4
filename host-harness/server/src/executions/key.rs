//! Idempotency keys.

/// 1 to 200 visible ASCII characters, no blanks: what a header carries unchanged, and a person can tell from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// What is expected of a key.
    pub(crate) const FORM: &str = "1 to 200 visible ASCII characters, no blanks";

    /// None if the text has another form.
    pub(crate) fn parse(text: &[u8]) -> Option<IdempotencyKey> {
        let is_key = (1..=200).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic);
        is_key.then(|| IdempotencyKey(String::from_utf8_lossy(text).into_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_no_blanks_and_is_bounded() {
        for key in ["k", "order-42", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", &"k".repeat(200)] {
            assert_eq!(IdempotencyKey::parse(key.as_bytes()).unwrap().as_str(), key);
        }
        for wrong in ["", " ", "a b", "a\tb", " a", "a\n", "\u{7f}", "k\u{e9}y", &"k".repeat(201)] {
            assert!(IdempotencyKey::parse(wrong.as_bytes()).is_none(), "{wrong:?}");
        }
    }
}
