//! Terms of a search: text in which nothing has a meaning.
//! <https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_sosl_find.htm>

/// The characters that mean something between the braces, if there is no backslash before them.
const RESERVED: &str = "?&|!{}[]()^~*:\\\"'+-";

/// Appends a term: its words with a blank between them, each reserved character with a backslash. Within quotes nothing
/// else is needed. Outside of them a word that is, or has in it, what could be taken for an operator is quoted.
pub(super) fn push_term(term: &str, is_quoted: bool, sosl: &mut String) {
    let words = term.split(|character: char| character == ' ' || character.is_control());
    for (index, word) in words.filter(|word| !word.is_empty()).enumerate() {
        if index > 0 {
            sosl.push(' ');
        }
        let quote = !is_quoted && has_operator(word);
        if quote {
            sosl.push('"');
        }
        for character in word.chars() {
            if RESERVED.chars().any(|reserved| reserved == character) {
                sosl.push('\\');
            }
            sosl.push(character);
        }
        if quote {
            sosl.push('"');
        }
    }
}

/// Whether there is something to look for. What letters are beyond ASCII is left to Salesforce.
pub(super) fn has_letter(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
}

fn has_operator(word: &str) -> bool {
    let mut parts = word.split(|character: char| !character.is_ascii_alphanumeric());
    parts.any(|part| ["AND", "OR", "NOT"].iter().any(|operator| part.eq_ignore_ascii_case(operator)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(text: &str, is_quoted: bool) -> String {
        let mut sosl = String::new();
        push_term(text, is_quoted, &mut sosl);
        sosl
    }

    #[test]
    fn the_nineteen_characters_are_escaped() {
        assert_eq!(RESERVED.chars().count(), 19);
        for character in "? & | ! { } [ ] ( ) ^ ~ * : \\ \" ' + -".split(' ') {
            assert_eq!(term(character, false), format!("\\{character}"));
            assert_eq!(term(character, true), format!("\\{character}"));
        }
        assert_eq!(term("O'Brien & Söhne", false), "O\\'Brien \\& Söhne");
    }

    #[test]
    fn the_words_of_the_language_are_quoted() {
        for (text, written) in [
            ("acme OR x", "acme \"OR\" x"),
            ("and not", "\"and\" \"not\""),
            ("a-OR-b", "\"a\\-OR\\-b\""),
            ("(NOT)", "\"\\(NOT\\)\""),
            ("ORder Andy knot", "ORder Andy knot"),
            ("a\tOR b\nc\u{0}d\u{85}e", "a \"OR\" b c d e"),
            ("a\u{a0}OR\u{a0}b éOR", "\"a\u{a0}OR\u{a0}b\" \"éOR\""),
        ] {
            assert_eq!(term(text, false), written);
        }
        assert_eq!(term("acme OR \"x\"", true), "acme OR \\\"x\\\"");
    }
}
