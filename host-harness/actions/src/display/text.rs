//! Texts without the characters that drive terminals, reorder or hide text.

use unicode_width::UnicodeWidthStr;

/// Characters by which Salesforce's words are recognised in a message.
const RECOGNISED: usize = 40;

/// A text on one line: control and formatting characters are escaped, line ends and tabs too.
#[must_use]
pub fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut before = None;
    while let Some(character) = characters.next() {
        let joins = is_joiner(character) && joined(before) && joined(characters.peek().copied());
        if is_obeyed(character) && !joins {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
        before = Some(character);
    }
    shown
}

/// A text line by line, without blank lines around it. A tab becomes one blank: Salesforce counts it as one character when it
/// puts a caret under a query, and the caret is put where that character is shown.
#[must_use]
pub fn lines(text: &str) -> Vec<String> {
    let mut shown: Vec<String> = Vec::new();
    let mut above = String::new();
    for text in text.lines() {
        let text = text.replace('\t', " ");
        shown.push(match text.chars().position(|character| character == '^').filter(|_| text.trim() == "^") {
            Some(column) => format!("{}^", " ".repeat(width_of_first(column, &above))),
            None => line(&text),
        });
        above = text;
    }
    let is_blank = |line: &&String| line.trim().is_empty();
    let first = shown.iter().take_while(is_blank).count();
    let last = shown.iter().rev().take_while(is_blank).count();
    shown.truncate(shown.len().saturating_sub(last));
    shown.drain(..first.min(shown.len()));
    shown
}

/// What an error's message says before it quotes this: `... refused with MALFORMED_QUERY (status 400)`. All of the message if
/// it quotes something else. The message has on one line what Salesforce may have said on several.
#[must_use]
pub fn own_words<'a>(message: &'a str, quoted: &str) -> &'a str {
    let quoted: Vec<&str> = quoted.split_ascii_whitespace().collect();
    let quoted: String = line(&quoted.join(" ")).chars().take(RECOGNISED).collect();
    if quoted.is_empty() {
        return message.trim_end_matches([':', ' ']);
    }
    message.find(&format!(": {quoted}")).and_then(|at| message.get(..at)).unwrap_or(message)
}

/// How wide the first characters of a line are when it is shown; what is beyond its end counts as blanks.
fn width_of_first(characters: usize, text: &str) -> usize {
    let first: String = text.chars().take(characters).collect();
    line(&first).width() + characters - first.chars().count()
}

/// Whether a terminal or a reader's eye would be led by it: control characters, those that set the direction of writing,
/// invisible ones, line and paragraph separators, and tags (Unicode's general categories Cc, Zl, Zp, and of Cf what is not
/// seen).
pub(super) fn is_obeyed(character: char) -> bool {
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
    fn joiners_stay_where_a_script_or_an_emoji_needs_them() {
        for text in ["می\u{200c}خواهم", "👩\u{200d}💻"] {
            assert_eq!(line(text), text);
        }
        assert_eq!(line("ad\u{200d}min\u{200d}"), "ad\\u{200d}min\\u{200d}");
    }

    #[test]
    fn lines_stay_and_a_caret_is_under_its_character() {
        let words = "\nSELECT Id, Foo FROM Account\n           ^\nERROR at Row:1:Column:12\n\n";
        assert_eq!(lines(words), ["SELECT Id, Foo FROM Account", "           ^", "ERROR at Row:1:Column:12"]);
        assert_eq!(lines("A\tFoo\r\n  ^"), ["A Foo", "  ^"]);
        assert_eq!(lines("東\u{202e}Foo\n  ^"), ["東\\u{202e}Foo", "          ^"]);
        assert_eq!(lines("a\n    ^"), ["a", "    ^"]);
        assert_eq!(lines("one line"), ["one line"]);
        assert!(lines(" \n").is_empty() && lines("").is_empty());
    }

    #[test]
    fn a_message_is_told_without_the_words_that_follow() {
        let words = "\nSELEC Id\n^\nunexpected token";
        let message = "Salesforce refused with MALFORMED_QUERY (status 400): SELEC Id ^ unexpected token";
        assert_eq!(own_words(message, words), "Salesforce refused with MALFORMED_QUERY (status 400)");
        assert_eq!(own_words(message, "something else"), message);
        assert_eq!(own_words("expected a cursor", ""), "expected a cursor");
    }
}
