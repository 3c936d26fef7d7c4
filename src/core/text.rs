//! Searching text for text. The standard library's search is quicker on long needles, and takes eight kilobytes of the
//! component with all that it drags in.

/// Whether `needle` occurs in `text`.
pub fn contains(text: &str, needle: &str) -> bool {
    find(text, needle).is_some()
}

/// `text` with every `needle`, which is not empty, replaced.
pub fn replace(text: &str, needle: &str, replacement: &str) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some((before, found)) = find(rest, needle).and_then(|at| rest.split_at_checked(at)) {
        replaced.push_str(before);
        replaced.push_str(replacement);
        rest = found.get(needle.len()..).unwrap_or_default();
    }
    replaced.push_str(rest);
    replaced
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
