//! Names of the WIT in words, and what it says of things as hints.

use maud::{Markup, html};

use salesforce_actions::display::line;

const ABBREVIATIONS: [(&str, &str); 14] = [
    ("api", "API"),
    ("csv", "CSV"),
    ("http", "HTTP"),
    ("id", "Id"),
    ("ids", "Ids"),
    ("json", "JSON"),
    ("oauth", "OAuth"),
    ("rest", "REST"),
    ("soql", "SOQL"),
    ("sosl", "SOSL"),
    ("url", "URL"),
    ("urls", "URLs"),
    ("uuid", "UUID"),
    ("xml", "XML"),
];
/// Characters of a hint.
const LONGEST_HINT: usize = 400;

/// `get-record-field-values` becomes `Get record field values`.
pub(in super::super) fn words(name: &str) -> String {
    let word = |word| ABBREVIATIONS.iter().find(|(short, _)| *short == word).map_or(word, |(_, written)| *written);
    let words = name.split('-').map(word).collect::<Vec<_>>().join(" ");
    let mut characters = words.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// A paragraph on one line.
pub(in super::super) fn paragraph(text: &str) -> String {
    line(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The first paragraph, if it is not too long.
pub(super) fn hint(docs: &str) -> String {
    let text = paragraph(docs.split("\n\n").next().unwrap_or_default());
    match text.char_indices().nth(LONGEST_HINT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A text whose parts between backticks are code.
pub(in super::super) fn marked(text: &str) -> Markup {
    let is_paired = text.matches('`').count().is_multiple_of(2);
    html! {
        @if is_paired {
            @for (number, part) in text.split('`').enumerate() {
                @if number % 2 == 1 { code { (part) } } @else { (part) }
            }
        } @else { (text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        for (name, expected) in [
            ("get-record-field-values", "Get record field values"),
            ("soql-query", "SOQL query"),
            ("external-id", "External Id"),
        ] {
            assert_eq!(words(name), expected);
        }
    }

    #[test]
    fn a_hint_is_one_line_with_nothing_hidden_in_it() {
        assert_eq!(hint("A record\n  by its `Id`.\n\nMore of it."), "A record by its `Id`.");
        assert_eq!(hint("a\u{202e}b"), r"a\u{202e}b");
        assert_eq!(hint(&"x".repeat(1_000)).chars().count(), LONGEST_HINT + 1);
        assert_eq!(marked("of `<b>` and").into_string(), "of <code>&lt;b&gt;</code> and");
        assert_eq!(marked("one ` alone").into_string(), "one ` alone");
    }
}
