//! Texts of Salesforce, as they are shown.

use salesforce_runtime::text::line;
use unicode_width::UnicodeWidthStr;

/// Characters by which Salesforce's words are recognised in a message.
const RECOGNISED: usize = 40;

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

#[cfg(test)]
mod tests {
    use super::*;

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
