//! `LIKE`: whether text fits a pattern.
//!
//! Source: SOQL and SOSL Reference, "Comparison Operators".

use super::super::ast::PatternPart;

/// Whether the whole text fits.
pub(super) fn fits(pattern: &[PatternPart], text: &str, case_sensitive: bool) -> bool {
    let mut pattern = pattern.iter();
    let mut text = text.chars();
    // Where to go on when what follows the last `%` did not fit: that `%` takes one character more.
    let mut retry = None;
    loop {
        let mut pattern_after = pattern.clone();
        let mut text_after = text.clone();
        let one_more = match (pattern_after.next(), text_after.next()) {
            (None, None) => return true,
            (Some(PatternPart::Any), _) => {
                retry = Some((pattern_after.clone(), text.clone()));
                text_after = text.clone();
                true
            }
            (Some(PatternPart::One), Some(_)) => true,
            (Some(PatternPart::Char(wanted)), Some(found)) => is_same(*wanted, found, case_sensitive),
            (_, None) => return false,
            (None, Some(_)) => false,
        };
        if one_more {
            (pattern, text) = (pattern_after, text_after);
            continue;
        }
        let Some((after_any, from)) = &mut retry else { return false };
        from.next();
        (pattern, text) = (after_any.clone(), from.clone());
    }
}

fn is_same(one: char, other: char, case_sensitive: bool) -> bool {
    one == other || !case_sensitive && one.to_lowercase().eq(other.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soql::escapes;

    #[test]
    fn patterns_fit_whole_texts() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("%", "", true),
            ("_", "", false),
            ("_", "é", true),
            ("a%", "Abc", true),
            ("a%", "ba", false),
            ("%c", "abc", true),
            ("%c", "abcd", false),
            ("%b%", "aBc", true),
            ("a_c", "abc", true),
            ("a_c", "abbc", false),
            ("%ab%ab", "abxab", true),
            ("%ab%ab", "ab", false),
            ("%aab", "aaab", true),
            (r"100\%", "100%", true),
            (r"100\%", "1000", false),
            (r"a\_b", "a_b", true),
            (r"a\_b", "axb", false),
            ("ÜN%", "ünïcödé", true),
            ("%会社%", "株式会社サンプル", true),
        ] {
            assert_eq!(fits(&escapes::pattern(pattern).unwrap(), text, false), expected, "{text} LIKE {pattern}");
        }
        assert!(!fits(&escapes::pattern("a").unwrap(), "A", true));
    }

    #[test]
    fn many_wildcards_take_no_more_than_moments() {
        let pattern = escapes::pattern(&"%a".repeat(2_000)).unwrap();
        assert!(!fits(&pattern, &"a".repeat(1_999), false));
    }
}
