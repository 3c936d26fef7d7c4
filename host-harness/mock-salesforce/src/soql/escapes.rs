//! What stands between the quotes of a string: escapes, and the wildcards of `LIKE`.
//!
//! Source: SOQL and SOSL Reference, "Quoted String Escape Sequences".

use super::ast::PatternPart;

/// The parts of a pattern after `LIKE`.
pub(super) fn pattern(raw: &str) -> Result<Vec<PatternPart>, String> {
    let mut parts = Vec::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(character) = rest.next() {
        parts.push(match character {
            '%' => PatternPart::Any,
            '_' => PatternPart::One,
            '\\' => match rest.clone().next() {
                Some(wildcard @ ('%' | '_')) => {
                    rest.next();
                    PatternPart::Char(wildcard)
                }
                _ => PatternPart::Char(escape(&mut rest)?),
            },
            other => PatternPart::Char(other),
        });
    }
    Ok(parts)
}

/// The text elsewhere, where wildcards mean themselves and must not be escaped.
pub(super) fn text(raw: &str) -> Result<String, String> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(character) = rest.next() {
        text.push(if character == '\\' { escape(&mut rest)? } else { character });
    }
    Ok(text)
}

fn escape(rest: &mut std::str::Chars<'_>) -> Result<char, String> {
    let letter = rest.next().ok_or("Illegal escape sequence: nothing follows the backslash")?;
    match letter {
        '\\' | '\'' | '"' => Ok(letter),
        'n' | 'N' => Ok('\n'),
        'r' | 'R' => Ok('\r'),
        't' | 'T' => Ok('\t'),
        'b' | 'B' => Ok('\u{8}'),
        'f' | 'F' => Ok('\u{c}'),
        'u' | 'U' => unicode(rest).ok_or_else(|| {
            "Illegal escape sequence: \\u must be followed by the four hexadecimal digits of a character".to_owned()
        }),
        other => Err(format!("Illegal escape sequence: \\{other}")),
    }
}

/// Four hexadecimal digits; a character beyond the first 65,536 takes two escapes, as in Java. Half of such a pair is
/// U+FFFD, and U+FFFF is no character.
fn unicode(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let high = four_digits(rest).filter(|number| *number != 0xFFFF)?;
    if !(0xD800..0xDC00).contains(&high) {
        return Some(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    let mut after = rest.clone();
    let is_escape = after.next() == Some('\\') && matches!(after.next(), Some('u' | 'U'));
    let low = four_digits(&mut after).filter(|low| is_escape && (0xDC00..0xE000).contains(low));
    let Some(low) = low else { return Some(char::REPLACEMENT_CHARACTER) };
    *rest = after;
    char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))
}

fn four_digits(rest: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |number, _| Some(number * 16 + rest.next()?.to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_escape_gives_its_character() {
        let raw = r#"\\ \' \" \n\r\t\b\f _ % \u00e9 \uD83D\uDE80"#;
        let expected = "\\ ' \" \n\r\t\u{8}\u{c} _ % é 🚀";
        assert_eq!(text(raw).unwrap(), expected);
        assert_eq!(text(r"\U0041\uD83Dx\uDE80\uD83D\u0041").unwrap(), "A\u{fffd}x\u{fffd}\u{fffd}A");
    }

    #[test]
    fn wildcards_are_parts_only_when_bare() {
        use PatternPart::{Any, Char, One};
        assert_eq!(pattern(r"a%\%_\_\'"), Ok(vec![Char('a'), Any, Char('%'), One, Char('_'), Char('\'')]));
        assert_eq!(text("50%_").unwrap(), "50%_");
    }

    #[test]
    fn unknown_escapes_are_refused() {
        for raw in [r"\x", r"\u12", r"\uFfFf", r"\u+123"] {
            assert!(pattern(raw).unwrap_err().starts_with("Illegal escape sequence"), "{raw}");
            assert!(text(raw).unwrap_err().starts_with("Illegal escape sequence"), "{raw}");
        }
        for raw in [r"50\%", r"a\_b"] {
            assert!(text(raw).unwrap_err().starts_with("Illegal escape sequence"), "{raw} is allowed after LIKE only");
        }
    }
}
