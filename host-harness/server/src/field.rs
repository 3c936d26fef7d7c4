//! What people and programs fill in, and what was expected where it is not that.

use std::fmt;

/// One field that is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// Its name, e.g. `login_url`.
    pub(crate) field: &'static str,
    /// What was expected.
    pub(crate) expected: String,
}

/// All fields that are not what was expected: at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Takes the value, or notes what was expected of its field.
    pub(crate) fn take<T>(&mut self, field: &'static str, read: Result<T, String>) -> Option<T> {
        read.map_err(|expected| self.add(field, expected)).ok()
    }

    pub(crate) fn add(&mut self, field: &'static str, expected: impl Into<String>) {
        self.0.push(FieldError { field, expected: expected.into() });
    }

    /// Adds those of another part.
    pub(crate) fn join(&mut self, other: Option<FieldErrors>) {
        self.0.extend(other.into_iter().flat_map(|errors| errors.0));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was expected of a field that is not that.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|error| error.field == field).map(|error| error.expected.as_str())
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, FieldError { field, expected }) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            write!(f, "{separator}{field}: {expected}")?;
        }
        Ok(())
    }
}

/// The name of something: 1 to 100 characters that can be seen; space around it goes.
pub(crate) fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() || text.chars().count() > 100 || name.chars().any(is_unseen) {
        return Err("expected 1 to 100 characters, none of them a control character or invisible".to_owned());
    }
    Ok(name.to_owned())
}

/// Control characters, and those that have no width or turn the direction of what is around them.
fn is_unseen(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(name(" <script>alert(1)</script> ").unwrap(), "<script>alert(1)</script>");
        for wrong in ["", "  ", "a\nb", "a\u{202e}b", "a\u{200b}", "\u{2066}a", &"x".repeat(101)] {
            assert!(name(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn all_fields_are_told_each_by_its_name() {
        let mut errors = FieldErrors::default();
        assert_eq!(errors.take("a", Ok(1)), Some(1));
        assert!(errors.is_empty());
        assert_eq!(errors.take("b", Err::<u8, _>("expected b".to_owned())), None);
        errors.add("c", "expected c");
        assert_eq!(errors.to_string(), "b: expected b; c: expected c");
        assert_eq!((errors.of("b"), errors.of("a")), (Some("expected b"), None));
    }
}
