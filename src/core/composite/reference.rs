//! `acme.id`: a value of an earlier part.

use crate::core::error::{Error, Result};

/// The name of a part and the way to a value in its answer. Between `@{` and `}` it can only be read as that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    text: String,
    name: usize,
}

impl Reference {
    /// A part's name, then at least one of `.Name` and `[7]`.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let end = text.find(['.', '[']).unwrap_or(text.len());
        let (part, path) = text.split_at_checked(end).unwrap_or_default();
        if text.len() <= 255 && is_part_name(part) && !path.is_empty() && is_path(path) {
            Ok(Self { text: text.into(), name: end })
        } else {
            Err(Error::invalid_argument(
                name,
                "the reference-id of an earlier part and the way to a value in its answer, such as acme.id or \
                 found.records[0].Id",
            ))
        }
    }

    /// The part that it leads to.
    pub(super) fn part(&self) -> &str {
        self.text.get(..self.name).unwrap_or_default()
    }

    /// The way into its answer, with the point or bracket that it begins with.
    pub(super) fn path(&self) -> &str {
        self.text.get(self.name..).unwrap_or_default()
    }

    /// As Salesforce writes it.
    pub(super) fn written(&self) -> String {
        ["@{", &self.text, "}"].concat()
    }
}

/// A letter or a digit, then letters, digits and underscores.
pub(super) fn is_part_name(text: &str) -> bool {
    text.len() <= 100 && text.starts_with(|first: char| first.is_ascii_alphanumeric()) && text.bytes().all(is_in_name)
}

fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_path(mut path: &str) -> bool {
    while !path.is_empty() {
        let rest = if let Some(index) = path.strip_prefix('[') {
            let digits = index.bytes().take_while(u8::is_ascii_digit).count();
            index.get(digits..).filter(|_| (1..=4).contains(&digits)).and_then(|rest| rest.strip_prefix(']'))
        } else {
            let name = path.strip_prefix('.').unwrap_or_default();
            let letters = name.bytes().take_while(|byte| is_in_name(*byte)).count();
            name.get(letters..).filter(|_| letters > 0)
        };
        let Some(rest) = rest else { return false };
        path = rest;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_a_part_and_a_way_into_its_answer() {
        for (text, part, path) in [
            ("acme.id", "acme", ".id"),
            ("1_a.Owner.Email__c", "1_a", ".Owner.Email__c"),
            ("found.records[0].Id", "found", ".records[0].Id"),
            ("several[12].id", "several", "[12].id"),
        ] {
            let reference = Reference::parse("value", text).unwrap();
            assert_eq!((reference.part(), reference.path()), (part, path));
            assert_eq!(reference.written(), format!("@{{{text}}}"));
        }
    }

    #[test]
    fn nothing_else_can_stand_in_its_braces() {
        let long = format!("a.{}", "b".repeat(254));
        for text in [
            "",
            "acme",
            ".id",
            "acme.",
            "_a.id",
            "a-b.id",
            "a.b-c",
            "a..b",
            "a[",
            "a[]",
            "a[x]",
            "a[1",
            "a[12345]",
            "a.b}",
            "@{a.id}",
            "a.id}/../x",
            "a .id",
            "a.\u{e9}",
            "a.id\n",
            &long,
        ] {
            let error = Reference::parse("value", text).unwrap_err();
            assert!(error.message.starts_with("value: expected the reference-id"), "{text:?}: {}", error.message);
        }
    }
}
