//! Searching text for text. The standard library's search is quicker on long needles, and takes eight kilobytes of the
//! component with all that it drags in; so does its search for a character.

use std::ops::Range;

/// Whether `needle` occurs in `text`.
pub fn contains(text: &str, needle: &str) -> bool {
    find(text, needle).is_some()
}

/// What stands before the first `needle`, and behind it.
pub fn split_once<'a>(text: &'a str, needle: &str) -> Option<(&'a str, &'a str)> {
    let at = find(text, needle)?;
    Some((text.get(..at)?, text.get(at + needle.len()..)?))
}

/// `text` with every `needle`, which is not empty, replaced.
pub fn replace(text: &str, needle: &str, replacement: &str) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some((before, behind)) = split_once(rest, needle) {
        replaced.push_str(before);
        replaced.push_str(replacement);
        rest = behind;
    }
    replaced.push_str(rest);
    replaced
}

/// Where `part` lies in the text that it is a part of.
pub fn place(part: &str, text: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - text.as_ptr().addr();
    start..start + part.len()
}

/// Cuts a text down to a part of it, where it is.
pub fn cut(text: &mut String, part: Range<usize>) {
    text.truncate(part.end);
    text.drain(..part.start);
}

fn find(text: &str, needle: &str) -> Option<usize> {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    let Some((first, others)) = needle.split_first() else {
        return Some(0);
    };
    let mut at = 0;
    loop {
        at += text.get(at..)?.iter().position(|byte| byte == first)? + 1;
        if text.get(at..)?.starts_with(others) {
            return Some(at - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_is_found_as_the_standard_library_finds_it(text in "[abü]{0,12}", needle in "[abü]{0,3}") {
            prop_assert_eq!(find(&text, &needle), text.find(&needle));
            prop_assert_eq!(contains(&text, &needle), text.contains(&needle));
        }

        #[test]
        fn every_occurrence_is_replaced(text in "[abü]{0,12}", needle in "[abü]{1,3}") {
            prop_assert_eq!(replace(&text, &needle, "[x]"), text.replace(&needle, "[x]"));
        }
    }
}
