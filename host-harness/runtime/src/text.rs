//! Texts of anybody's making, without the characters that drive terminals, reorder or hide text.
//!
//! Nothing else is escaped: quotes and backslashes stay what they are, and are escaped once, by whatever they are written into.

/// A text on one line: control and formatting characters are escaped, line ends and tabs too.
#[must_use]
pub fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut before = None;
    while let Some(character) = characters.next() {
        let joins = is_joiner(character) && joined(before) && joined(characters.peek().copied());
        if is_obeyed(character) && !joins {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
        before = Some(character);
    }
    shown
}

/// A text of several lines on one: each end of a line, with the blanks around it, becomes a blank.
#[must_use]
pub fn one_line(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    line(&lines.join(" "))
}

/// Whether a terminal or a reader's eye would be led by it: control characters, those that set the direction of writing,
/// invisible ones, line and paragraph separators, and tags (Unicode's general categories Cc, Zl, Zp, and of Cf what is not
/// seen).
#[must_use]
pub fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Scripts and emoji need these between two of their characters.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

fn joined(neighbour: Option<char>) -> bool {
    neighbour.is_some_and(|neighbour| !neighbour.is_ascii() && !is_obeyed(neighbour))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_terminals_obey_or_eyes_miss_is_escaped() {
        assert_eq!(line("a\u{1b}[2J\r\n\tb\u{9b}"), "a\\u{1b}[2J\\r\\n\\tb\\u{9b}");
        assert_eq!(line("\u{202e}txt\u{2066}\u{200b}\u{feff}"), "\\u{202e}txt\\u{2066}\\u{200b}\\u{feff}");
        assert_eq!(line("Größe 東京 é"), "Größe 東京 é");
    }

    #[test]
    fn nothing_that_is_obeyed_is_left() {
        for character in (char::MIN..=char::MAX).filter(|character| is_obeyed(*character)) {
            let shown = line(&character.to_string());
            assert!(shown.starts_with('\\') && !shown.contains(character), "{:x}: {shown}", u32::from(character));
        }
        assert_eq!(line("\0"), "\\0");
    }

    #[test]
    fn joiners_stay_where_a_script_or_an_emoji_needs_them() {
        for text in ["می\u{200c}خواهم", "👩\u{200d}💻"] {
            assert_eq!(line(text), text);
        }
        assert_eq!(line("ad\u{200d}min\u{200d}"), "ad\\u{200d}min\\u{200d}");
    }

    #[test]
    fn what_is_quoted_stays_as_it_is() {
        let told = "expected `;`\n     --> \"a\\b\"\r\n\n  |";
        assert_eq!(one_line(told), "expected `;` --> \"a\\b\" |");
    }
}
