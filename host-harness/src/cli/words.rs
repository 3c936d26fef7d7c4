//! Words of a server on a terminal: nothing in them may drive it, hide text or turn its direction.

use super::wit::types::Problem;

/// The text with its control and formatting characters written out.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_formatting(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The words of a problem on one line, as an error's message has them.
pub(super) fn in_line(words: &str) -> String {
    words.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// An error's message, with the first words in it that have several lines as they are: Salesforce points into a query so.
pub(super) fn in_lines(message: &str, problems: &[Problem]) -> String {
    let pointing = problems.iter().map(|problem| &problem.message).find(|words| words.trim().contains('\n'));
    let Some((words, (before, after))) = pointing.and_then(|words| Some((words, message.split_once(&in_line(words))?)))
    else {
        return printable(message);
    };
    let lines = words.lines().filter(|line| !line.trim().is_empty()).map(|line| format!("\n    {}", printable(line)));
    format!("{}{}{}", printable(before).trim_end(), lines.collect::<String>(), printable(after))
}

/// Bidirectional controls, zero-width characters, line separators.
fn is_formatting(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(message: &str) -> Problem {
        Problem { code: "MALFORMED_QUERY".to_owned(), message: message.to_owned(), fields: Vec::new() }
    }

    #[test]
    fn what_drives_a_terminal_is_written_out() {
        assert_eq!(printable("a\u{1b}[2J\u{202e}\nb é 東"), "a\\u{1b}[2J\\u{202e}\\nb é 東");
    }

    #[test]
    fn words_of_several_lines_stand_below_one_another() {
        let words = problem("\nSELECT Foo\n       ^\n\u{1b}wrong");
        let told = in_lines("refused (status 400): SELECT Foo ^ \u{1b}wrong!", &[problem("one line"), words]);
        assert_eq!(told, "refused (status 400):\n    SELECT Foo\n           ^\n    \\u{1b}wrong!");
        assert_eq!(in_lines("other words", &[problem("a\nb")]), "other words");
    }
}
